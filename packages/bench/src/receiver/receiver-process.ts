// An https server in a process of its own, the double of every service that is written to: it keeps the bodies, answers as the
// service does, and reads them only when it is asked to check them, so that reading does not compete with what is measured.
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

import { createBodyFile } from './body-file.ts'
import { check } from './check.ts'
import type { Checked, Expectation } from './check.ts'
import { serviceOf } from './services.ts'

/** What the parent asks for. */
export interface ReceiverRequest {
  readonly check: Expectation
}

/** What the receiver tells its parent. */
export type ReceiverMessage = { readonly url: string } | { readonly checked: Checked }

/** A request for `/outage/<kind>/<milliseconds>` begins an outage, once it is answered. */
const OUTAGE_PATH = '/outage/'

const { TLS_KEY: key = '', TLS_CERT: cert = '', BODY_FILE: path = '' } = process.env
const bodies = createBodyFile(path)
let hanging = false

const server = createServer({ key, cert }, (request, response) => {
  const chunks: Buffer[] = []
  const path = request.url ?? ''
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    if (path.startsWith(OUTAGE_PATH)) return beginOutage(path.slice(OUTAGE_PATH.length), response)
    if (hanging) return
    const service = serviceOf(path)
    bodies.append(service, chunks, request.headers['content-encoding'] === 'gzip')
    response.writeHead(service.status, { 'content-type': 'application/json' }).end(service.answer)
  })
})
// The limit of Node.js's own server, 5 s, would cut connections between two flushes.
server.keepAliveTimeout = 60_000

function beginOutage(order: string, response: ServerResponse): void {
  const [kind, forMs] = order.split('/')
  const { port } = server.address() as AddressInfo
  response.writeHead(204, { connection: 'close' }).end(() => {
    // Either requests are taken and never answered, or nobody listens.
    if (kind === 'hangs') hanging = true
    else {
      server.close()
      server.closeAllConnections()
    }
    setTimeout(() => {
      // It comes back as a server that was started anew: what hung is cut.
      server.closeAllConnections()
      hanging = false
      if (!server.listening) server.listen(port, '127.0.0.1')
    }, Number(forMs))
  })
}

function tell(message: ReceiverMessage): void {
  process.send?.(message)
}

process.on('message', (request: ReceiverRequest) => {
  tell({ checked: check(bodies.uploads(), request.check) })
  bodies.clear()
})
process.on('disconnect', () => {
  bodies.remove()
  process.exit()
})
server.listen(0, '127.0.0.1', () => {
  tell({ url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` })
})
