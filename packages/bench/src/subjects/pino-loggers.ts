import { once } from 'node:events'

import { target } from '@azlogs/pino'
import { pino } from 'pino'
import type { Logger, TransportSingleOptions } from 'pino'

import { RULE_ID, STREAM_NAME } from './destination.ts'
import type { CreateLogger, LoggerSubject } from './loggers.ts'

const CREDENTIAL_MODULE = {
  kind: 'module',
  path: new URL('destination.ts', import.meta.url).href,
  exportName: 'CREDENTIAL',
}

/** The transports by name, each with its own defaults but for what is said. */
export const PINO_LOGGERS: Readonly<Record<string, CreateLogger<Logger>>> = {
  'pino/file': () => through({ target: 'pino/file', options: { destination: '/dev/null' } }),
  azlogs: (url) => through({ target, options: azureLogs(url) }),
  'azlogs passthrough': (url) => through({ target, options: { ...azureLogs(url), mapping: 'passthrough' } }),
  // The shortest interval that it takes, and a buffer without a bound: by default it drops what exceeds 10,000 lines in 5 s.
  'pino-loki': (url) =>
    through({ target: 'pino-loki', options: { host: url, batching: { interval: 1, maxBufferSize: 0 } } }),
  '@axiomhq/pino': (url) =>
    through({ target: '@axiomhq/pino', options: { dataset: 'bench', token: 'xaat-bench', url } }),
  '@logtail/pino': (url) =>
    through({
      target: '@logtail/pino',
      options: {
        sourceToken: 'bench',
        // Without the call site, which costs it more than all else; with a queue that takes what comes, and without its limit of
        // 10,000 records in 5 s.
        options: { endpoint: url, captureStackContext: false, syncQueuedMax: -1, burstProtectionMax: 0 },
      },
    }),
  'pino-opentelemetry-transport': (url) =>
    through({
      target: 'pino-opentelemetry-transport',
      options: {
        loggerName: 'bench',
        serviceVersion: '1.0.0',
        logRecordProcessorOptions: [
          {
            // By default it drops what exceeds 2,048 records waiting, and sends them every 5 s.
            recordProcessorType: 'batch',
            processorConfig: { maxQueueSize: 1_000_000, maxExportBatchSize: 1000, scheduledDelayMillis: 100 },
            exporterOptions: { protocol: 'http', httpExporterOptions: { url: `${url}/v1/logs` } },
          },
        ],
      },
    }),
}

async function through(options: TransportSingleOptions): Promise<LoggerSubject<Logger>> {
  const transport = pino.transport(options)
  const ready = once(transport, 'ready')
  // Some wait for the logger's settings before they are ready.
  const logger = pino(transport)
  await ready
  return {
    logger,
    log({ message, fields }) {
      logger.info(fields, message)
    },
    async end() {
      const closed = once(transport, 'close')
      transport.end()
      // pino gives a worker 10 s, and then ends it: what that has cost is found missing.
      await closed.catch(() => {})
    },
  }
}

function azureLogs(endpoint: string): object {
  return { endpoint, ruleId: RULE_ID, streamName: STREAM_NAME, credential: CREDENTIAL_MODULE }
}
