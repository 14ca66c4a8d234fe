import { setTimeout as wait } from 'node:timers/promises'

import winston from 'winston'

import { CREDENTIAL, RULE_ID, STREAM_NAME } from './destination.ts'
import type { CreateLogger, LoggerSubject } from './loggers.ts'

/**
 * The transports by name, each with its own defaults but for what is said. Each loads its own modules only: the others' would count
 * as its memory.
 */
export const WINSTON_LOGGERS: Readonly<Record<string, CreateLogger<winston.Logger>>> = {
  async null() {
    const { default: TransportStream } = await import('winston-transport')
    return through(new TransportStream({ log: (_info, next: () => void) => next() }), async () => {})
  },
  azlogs: (url) => azureLogs(url, {}),
  'azlogs worker': (url) => azureLogs(url, { worker: true }),
  async '@axiomhq/winston'(url) {
    const { WinstonTransport } = await import('@axiomhq/winston')
    const transport = new WinstonTransport({ dataset: 'bench', token: 'xaat-bench', url })
    const sent = trackRequests(transport['client'])
    return through(transport, async () => {
      transport.flush()
      await sent()
    })
  },
  async 'winston-loki'(url) {
    const { default: LokiTransport } = await import('winston-loki')
    // The shortest interval that it takes: with its default, 5 s, it holds more in memory.
    const transport = new LokiTransport({ host: url, json: true, interval: 1, gracefulShutdown: false })
    return through(transport, async () => void (await transport.flush()))
  },
  async '@logtail/winston'(url) {
    const { Logtail } = await import('@logtail/node')
    const { LogtailTransport } = await import('@logtail/winston')
    const logtail = new Logtail('bench', {
      endpoint: url,
      // Without the call site, which costs it more than all else; with a queue that takes what comes, and without its limit of
      // 10,000 records in 5 s.
      captureStackContext: false,
      syncQueuedMax: -1,
      burstProtectionMax: 0,
    })
    return through(new LogtailTransport(logtail), async () => {
      await logtail.flush()
      // That sends what is left, but does not wait for the requests before it.
      while (logtail.synced + logtail.dropped < logtail.logged) await wait(10)
    })
  },
}

function through(transport: winston.transport, end: () => Promise<void>): LoggerSubject<winston.Logger> {
  const logger = winston.createLogger({ transports: [transport] })
  return {
    logger,
    log({ message, fields }) {
      logger.info(message, fields)
    },
    async end() {
      // Some take one record in a turn of the event loop: the others wait in the streams.
      while (logger.writableLength + logger.readableLength + transport.writableLength > 0) await wait(1)
      await end()
    },
  }
}

async function azureLogs(
  endpoint: string,
  options: { readonly worker?: boolean },
): Promise<LoggerSubject<winston.Logger>> {
  const { AzureLogsTransport } = await import('@azlogs/winston')
  const transport = new AzureLogsTransport({
    endpoint,
    ruleId: RULE_ID,
    streamName: STREAM_NAME,
    credential: CREDENTIAL,
    ...options,
  })
  return through(transport, async () => void (await transport.flush()))
}

interface AxiomClient {
  ingest(...parameters: readonly unknown[]): Promise<unknown>
}

/** The transport has no way to wait for its requests: this remembers them. */
function trackRequests(client: AxiomClient): () => Promise<void> {
  const ingest = client.ingest.bind(client)
  const sending = new Set<Promise<unknown>>()
  client.ingest = (...parameters) => {
    const request = ingest(...parameters).finally(() => sending.delete(request))
    sending.add(request)
    return request
  }
  return async () => void (await Promise.all(sending))
}
