import { finished } from 'node:stream/promises'

import { AzureLogsTransport } from '@azlogs/winston'
import winston from 'winston'

import type { OpenLogger, Subject } from './subject.ts'

/** winston, with the transport in the same thread. */
export const winstonSubject: Subject = {
  name: 'winston',
  levels: { silly: 1, debug: 5, verbose: 6, http: 7, info: 9, warn: 13, error: 17 },
  fates: {
    normalEnd: 'delivered',
    processExit: 'lost and reported',
    uncaughtException: 'lost and reported',
    sigterm: 'delivered',
  },
  open: () => openLogger(false),
}

/** winston, with shipping in a worker thread. */
export const winstonWorkerSubject: Subject = {
  name: 'winston (worker)',
  levels: winstonSubject.levels,
  fates: {
    normalEnd: 'delivered',
    processExit: 'delivered',
    uncaughtException: 'delivered',
    sigterm: 'delivered',
  },
  open: () => openLogger(true),
}

function openLogger(worker: boolean): OpenLogger {
  const transport = new AzureLogsTransport({
    credential: { kind: 'managed-identity' },
    flushIntervalMs: 60_000,
    worker,
  })
  const logger = winston.createLogger({ level: 'silly', transports: [transport] })
  return {
    log(level, message, { properties = {}, error } = {}) {
      logger.log(level, message, error === undefined ? properties : { ...properties, error })
    },
    async flush() {
      await transport.flush()
    },
    async close() {
      const end = finished(logger, { readable: false })
      logger.end()
      await end
    },
  }
}
