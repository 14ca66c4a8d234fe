import { once } from 'node:events'
import { finished } from 'node:stream/promises'

import { createRowMapper, createShipper, SEVERITY } from '@azlogs/core'
import type { ShipperOptions, ShipperStats } from '@azlogs/core'
import { azureLogsTransport, createAzureLogsStream, flushTransport } from '@azlogs/pino'
import { AzureLogsTransport } from '@azlogs/winston'
import pino from 'pino'
import winston from 'winston'

import type { Kind } from './slots.ts'

type Level = 'info' | 'warn' | 'error'

/** A real logger with one of our transports behind it. */
export interface OpenLogger {
  log(level: Level, message: string, properties: Readonly<Record<string, unknown>>): void
  /** Resolves to true when everything logged before is settled. */
  flush(timeoutMs: number): Promise<boolean>
  /** The last that is known. */
  stats(): ShipperStats | undefined
  /** Resolves when everything logged before is in files; rejects when it is not. Undefined where the logger cannot tell. */
  readonly durable: (() => Promise<void>) | undefined
  /** True when `durable` has nothing to wait for but the end of the turn. */
  readonly inThread: boolean
  /** Ends the logger the way its users do. */
  close(): Promise<void>
}

export const openLogger: Readonly<Record<Kind, (options: ShipperOptions) => OpenLogger>> = {
  core(options) {
    const shipper = createShipper(options)
    const toRow = createRowMapper()
    return {
      log: (level, message, properties) =>
        void shipper.push(toRow({ level, severity: SEVERITY[level], message, properties })),
      flush: async (timeoutMs) => (await shipper.flush({ timeoutMs })).complete,
      stats: () => shipper.stats(),
      durable: () => shipper.durable(),
      inThread: true,
      close: async () => void (await shipper.close()),
    }
  },
  winston: (options) => withWinston(options, false),
  'winston-worker': (options) => withWinston(options, true),
  'pino-worker'(options) {
    const transport = azureLogsTransport(options)
    let told: ShipperStats | undefined
    transport.on('azlogs:stats', (stats) => {
      told = stats
    })
    const logger = pino(transport)
    return {
      log: (level, message, properties) => logger[level](properties, message),
      flush: async (timeoutMs) => (await flushTransport(transport, { timeoutMs })).complete,
      stats: () => told,
      durable: undefined,
      inThread: false,
      async close() {
        const closed = once(transport, 'close')
        transport.end()
        await closed
      },
    }
  },
  'pino-stream'(options) {
    const stream = createAzureLogsStream(options)
    const logger = pino(stream)
    return {
      log: (level, message, properties) => logger[level](properties, message),
      flush: async (timeoutMs) => (await flushTransport(stream, { timeoutMs })).complete,
      stats: () => stream.stats(),
      durable: () => stream.durable(),
      inThread: true,
      async close() {
        const closed = once(stream, 'close')
        stream.end()
        await closed
      },
    }
  },
}

function withWinston(options: ShipperOptions, worker: boolean): OpenLogger {
  const transport = new AzureLogsTransport({ ...options, worker })
  const logger = winston.createLogger({ transports: [transport] })
  return {
    log: (level, message, properties) => void logger.log(level, message, properties),
    flush: async (timeoutMs) => (await transport.flush({ timeoutMs })).complete,
    stats: () => transport.stats(),
    durable: () => transport.durable(),
    inThread: !worker,
    async close() {
      const end = finished(logger, { readable: false })
      logger.end()
      await end
    },
  }
}
