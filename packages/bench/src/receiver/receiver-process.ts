// An https server in a process of its own, the double of every service that is written to: it keeps the bodies, answers as the
// service does, and reads them only when it is asked to check them, so that reading does not compete with what is measured.
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

import { check } from './check.ts'
import type { Checked, Expectation } from './check.ts'
import { serviceOf } from './services.ts'
import type { Upload } from './services.ts'

/** What the parent asks for. */
export type ReceiverRequest = { readonly check: Expectation } | { readonly clear: true }

/** What the receiver tells its parent. */
export type ReceiverMessage = { readonly url: string } | { readonly checked: Checked }

const { TLS_KEY: key = '', TLS_CERT: cert = '' } = process.env
let uploads: Upload[] = []

const server = createServer({ key, cert }, (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const service = serviceOf(request.url ?? '')
    uploads.push({
      service,
      body: Buffer.concat(chunks),
      gzipped: request.headers['content-encoding'] === 'gzip',
    })
    response.writeHead(service.status, { 'content-type': 'application/json' }).end(service.answer)
  })
})
// The limit of Node.js's own server, 5 s, would cut connections between two flushes.
server.keepAliveTimeout = 60_000

function tell(message: ReceiverMessage): void {
  process.send?.(message)
}

process.on('message', (request: ReceiverRequest) => {
  const received = uploads
  uploads = []
  if ('check' in request) tell({ checked: check(received, request.check) })
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => {
  tell({ url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` })
})
