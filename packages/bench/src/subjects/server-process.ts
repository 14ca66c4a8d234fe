// A Fastify server that logs through one transport: its own two lines for each request, and one of the application. Arguments: the
// host, the transport, the service's url. It tells its parent its url; told to end, it tells how many records the application logged.
import type { AddressInfo } from 'node:net'

import { fastify } from 'fastify'
import type { FastifyBaseLogger } from 'fastify'

import { recordOf } from '../load/records.ts'
import type { LoggerSubject } from './loggers.ts'

/** What the parent asks for: an end of the logging. */
export interface ServerRequest {
  readonly end: true
}

/** What the server tells its parent. */
export type ServerMessage = { readonly url: string } | { readonly records: number }

const [host = '', name = '', url = ''] = process.argv.slice(2)

interface Logging {
  readonly logger: FastifyBaseLogger
  readonly end: LoggerSubject['end']
}

// Only the host's own modules are loaded.
async function createLogging(): Promise<Logging | undefined> {
  if (host === 'winston') {
    const { WINSTON_LOGGERS } = await import('./winston-loggers.ts')
    const { fastifyLoggerOf } = await import('./fastify-winston.ts')
    const subject = await WINSTON_LOGGERS[name]?.(url)
    return subject && { logger: fastifyLoggerOf(subject.logger), end: () => subject.end() }
  }
  const { PINO_LOGGERS } = await import('./pino-loggers.ts')
  return PINO_LOGGERS[name]?.(url)
}

const logging = await createLogging()
if (logging === undefined) throw new Error(`There is no logger ${name} for ${host}`)
const server = fastify({ loggerInstance: logging.logger })
let records = 0

server.get('/orders', (request) => {
  const { message, fields } = recordOf(records)
  records += 1
  request.log.info(fields, message)
  return { order: fields.sequence, state: 'shipped' }
})

function tell(message: ServerMessage): void {
  process.send?.(message)
}

process.on('message', () => {
  void (async () => {
    await logging.end()
    tell({ records })
  })()
})
process.on('disconnect', () => process.exit())
await server.listen({ host: '127.0.0.1', port: 0 })
tell({ url: `http://127.0.0.1:${(server.server.address() as AddressInfo).port}` })
