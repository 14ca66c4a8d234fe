import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { Socket } from 'node:net'

import { agentPolicyName, proxyPolicyName } from '@azure/core-rest-pipeline'
import type { Pipeline, TlsSettings } from '@azure/core-rest-pipeline'

/**
 * Has the pipeline's requests use connections that do not keep the process alive: an endpoint that hangs must not hold an
 * application that has come to its end. A proxy, or an agent of the caller's, keeps its own connections.
 */
export function sendInBackground(pipeline: Pipeline, tlsOptions: TlsSettings | undefined): void {
  const http = inBackground(new HttpAgent({ keepAlive: true }))
  const https = inBackground(new HttpsAgent({ keepAlive: true, ...tlsOptions }))
  pipeline.addPolicy(
    {
      name: 'azlogsBackgroundAgent',
      sendRequest(request, next) {
        request.agent ??= request.url.startsWith('https:') ? https : http
        return next(request)
      },
    },
    { afterPolicies: [agentPolicyName, proxyPolicyName] },
  )
}

function inBackground<Agent extends HttpAgent>(agent: Agent): Agent {
  const createConnection = agent.createConnection.bind(agent)
  const reuseSocket = agent.reuseSocket.bind(agent)
  agent.createConnection = (options, callback) => {
    const connection = createConnection(options, callback)
    release(connection)
    return connection
  }
  // An agent takes hold of an idle connection again when it has a use for it.
  agent.reuseSocket = (socket, request) => {
    reuseSocket(socket, request)
    release(socket)
  }
  return agent
}

function release(connection: unknown): void {
  if (connection instanceof Socket) connection.unref()
}
