import { once } from 'node:events'

import { createAzureLogsStream, flushTransport } from '@azlogs/pino'
import pino from 'pino'
import type { Logger } from 'pino'

import type { OpenLogger, Subject } from './subject.ts'

const LEVELS = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const

const OPTIONS = { credential: { kind: 'managed-identity' }, flushIntervalMs: 60_000 } as const

/** pino, with the transport in a worker thread. */
export const pinoWorkerSubject: Subject = {
  name: 'pino (worker)',
  levels: LEVELS,
  fates: {
    normalEnd: 'delivered',
    processExit: 'delivered',
    uncaughtException: 'delivered',
    // pino itself has no handler: the default action ends the process, worker and all.
    sigterm: 'lost with the process',
  },
  open() {
    const transport = pino.transport({ target: '@azlogs/pino', options: OPTIONS })
    const logger = pino({ level: 'trace' }, transport)
    return {
      log: logWith(logger),
      async flush() {
        await flushTransport(transport)
      },
      async close() {
        // end() blocks this thread until the worker has closed, and the suite's endpoint lives in this thread.
        await flushTransport(transport)
        const closed = once(transport, 'close')
        transport.end()
        await closed
      },
    }
  },
}

/** pino, with the transport in the same thread. */
export const pinoStreamSubject: Subject = {
  name: 'pino (in-process)',
  levels: LEVELS,
  fates: {
    normalEnd: 'delivered',
    processExit: 'lost and reported',
    uncaughtException: 'lost and reported',
    sigterm: 'delivered',
  },
  open() {
    const stream = createAzureLogsStream(OPTIONS)
    const logger = pino({ level: 'trace' }, stream)
    return {
      log: logWith(logger),
      flush: () => new Promise((resolve) => logger.flush(() => resolve())),
      async close() {
        const closed = once(stream, 'close')
        stream.end()
        await closed
      },
    }
  },
}

function logWith(logger: Logger): OpenLogger['log'] {
  return (level, message, { properties = {}, error } = {}) => {
    logger[level as keyof typeof LEVELS](
      error === undefined ? properties : { ...properties, err: error },
      message,
    )
  }
}
