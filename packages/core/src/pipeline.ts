import {
  createDefaultHttpClient,
  createPipelineFromOptions,
  proxyPolicy,
  proxyPolicyName,
  redirectPolicyName,
} from '@azure/core-rest-pipeline'
import type {
  HttpClient,
  InternalPipelineOptions,
  Pipeline,
  PipelinePolicy,
  ProxySettings,
} from '@azure/core-rest-pipeline'

import manifest from '../package.json' with { type: 'json' }
import { isLoopback } from './destination.ts'

/** What Azure users expect to be able to set on a client: proxy, TLS, agent, telemetry, logging, own policies. */
export interface CommonClientOptions extends Omit<InternalPipelineOptions, 'redirectOptions'> {
  /** Sends the requests. @default Node's http and https with keep-alive */
  readonly httpClient?: HttpClient
  /** Policies of your own, such as headers for a gateway. */
  readonly additionalPolicies?: readonly AdditionalPolicy[]
}

/** A policy of the caller's, and whether it runs once a call or once a try. */
export interface AdditionalPolicy {
  /** The policy, as `@azure/core-rest-pipeline` has them. */
  readonly policy: PipelinePolicy
  /** Where it runs. Each attempt of ours is one call of the pipeline, so both see every attempt. */
  readonly position: 'perCall' | 'perRetry'
}

/** The name of the pipeline's retry policy, which the pipeline package does not export. */
const RETRY_POLICY_NAME = 'defaultRetryPolicy'

/**
 * The HTTP pipeline, without its retry and redirect policies: retries are ours (they wait for the whole DCR and know
 * what the service's answers mean), and a redirect is never followed (it would carry the logs to another host).
 */
export function createPipeline(options: CommonClientOptions): { pipeline: Pipeline; httpClient: HttpClient } {
  const { httpClient, additionalPolicies, ...pipelineOptions } = options
  const prefix = pipelineOptions.userAgentOptions?.userAgentPrefix
  const name = `azlogs/${manifest.version}`
  const pipeline = createPipelineFromOptions({
    ...pipelineOptions,
    userAgentOptions: {
      ...pipelineOptions.userAgentOptions,
      userAgentPrefix: prefix === undefined ? name : `${prefix} ${name}`,
    },
  })
  pipeline.removePolicy({ name: RETRY_POLICY_NAME })
  pipeline.removePolicy({ name: redirectPolicyName })
  pipeline.removePolicy({ name: proxyPolicyName })
  pipeline.addPolicy(proxyForOtherHosts(pipelineOptions.proxyOptions))
  for (const { policy, position } of additionalPolicies ?? []) {
    // Each attempt of ours is one call of the pipeline, so both positions see every attempt.
    pipeline.addPolicy(policy, position === 'perRetry' ? { afterPhase: 'Retry' } : {})
  }
  return { pipeline, httpClient: httpClient ?? createDefaultHttpClient() }
}

/** What Node.js would refuse with every request, and what would add a header of its own. */
export function pipelineProblems({ userAgentOptions }: CommonClientOptions): readonly string[] {
  const prefix = userAgentOptions?.userAgentPrefix
  if (prefix === undefined || /^[\t\x20-\x7e\x80-\xff]*$/.test(prefix)) return []
  return [
    `userAgentOptions.userAgentPrefix is ${JSON.stringify(prefix)}, which cannot be part of a header; use letters, digits and punctuation of ASCII.`,
  ]
}

/** The proxy of the options, or of HTTPS_PROXY and HTTP_PROXY; it could not reach this machine's loopback. */
function proxyForOtherHosts(settings: ProxySettings | undefined): PipelinePolicy {
  const proxy = proxyPolicy(settings)
  return {
    name: proxyPolicyName,
    sendRequest: (request, next) =>
      isLoopback(new URL(request.url)) ? next(request) : proxy.sendRequest(request, next),
  }
}
