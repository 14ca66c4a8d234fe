import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

import { AzureLogsTransport } from '@azlogs/winston'
import winston from 'winston'

const { HOST = '127.0.0.1', PORT = '3000', SPOOL_DIRECTORY = './spool' } = process.env

/** How long the requests that are under way may take after SIGTERM. */
const DRAIN_MS = 10_000

let logged = 0
const numbered = winston.format((info) => {
  logged += 1
  info['sequence'] = logged
  return info
})

// Where to send comes from AZURE_DCE_ENDPOINT, AZURE_DCR_RULE_ID and AZURE_DCR_STREAM_NAME.
const azure = new AzureLogsTransport({
  // With AZURE_FEDERATED_TOKEN_FILE, AZURE_TENANT_ID and AZURE_CLIENT_ID, as AKS sets them, this is workload identity.
  credential: { kind: 'managed-identity' },
  // To see rows soon. The default, 5 seconds, makes fewer and larger requests.
  flushIntervalMs: 1000,
  // Every record is in a file until it is delivered: what a killed container had logged, the next one sends.
  spool: { directory: SPOOL_DIRECTORY },
})
const logger = winston.createLogger({
  defaultMeta: { service: 'container' },
  format: numbered(),
  transports: [new winston.transports.Console({ format: winston.format.simple(), level: 'warn' }), azure],
})

let ready = true

const server = createServer((request, response) => {
  handle(request, response).catch((error: unknown) => {
    logger.error('request failed', { error, method: request.method, url: request.url })
    answer(response, 500, 'Internal Server Error')
  })
})

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url } = request
  // The probes come every few seconds: a record of each would cost money and tell nothing.
  if (url === '/live') answer(response, 200, 'live')
  else if (url === '/ready') answer(response, ready ? 200 : 503, ready ? 'ready' : 'stopping')
  else if (url === '/orders' && method === 'POST') {
    logger.info('order arriving')
    const order = JSON.parse(await text(request)) as Record<string, unknown>
    logger.info('order placed', { order })
    // In a file before the customer hears of it. Where the disk fails, stderr tells, and the order stands.
    await azure.durable().catch(() => {})
    answer(response, 201, 'ordered')
  } else {
    logger.warn('no such page', { method, url })
    answer(response, 404, 'Not Found')
  }
}

function answer(response: ServerResponse, status: number, body: string): void {
  // A connection that stays open after SIGTERM would hold up the end for another five seconds.
  if (!ready) response.setHeader('connection', 'close')
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${body}\n`)
}

server.listen(Number(PORT), HOST, () => {
  process.stdout.write(`listening on http://${HOST}:${(server.address() as AddressInfo).port}\n`)
})

/** First the requests end, then the logger. Together this stays well within the grace period of 30 seconds. */
async function stop(): Promise<void> {
  if (!ready) return
  ready = false
  logger.info('stopping')
  process.stdout.write('stopping\n')
  const patience = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
  server.close()
  await once(server, 'close')
  clearTimeout(patience)
  // `finish` comes when every record is delivered, or after 5 seconds: then the rest is in the spool.
  logger.end()
  await once(logger, 'finish')
  process.stdout.write(`logged ${logged}\n`)
  process.exit()
}
process.on('SIGTERM', () => void stop())
process.on('SIGINT', () => void stop())
