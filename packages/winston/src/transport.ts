import type { Writable } from 'node:stream'

import { createShipper } from '@azlogs/core'
import type { FlushResult, ShipperStats } from '@azlogs/core'
import TransportStream from 'winston-transport'
import type { TransportStreamOptions } from 'winston-transport'

import type { Info } from './entry.ts'
import { createInfoMapper } from './info-mapper.ts'
import type { InfoMapper } from './info-mapper.ts'
import type { Lane } from './lane.ts'
import type { Levels } from './level-severity.ts'
import { splitOptions } from './transport-options.ts'
import type { AzureLogsTransportOptions } from './transport-options.ts'
import { createWorkerLane } from './worker-lane.ts'

/** What became of the records so far. */
export interface AzureLogsTransportStats extends ShipperStats {
  /** Records that `mapRecord` failed on: the default mapping took them. */
  readonly mapRecordFailures: number
}

type Transport = Writable & TransportStreamOptions

/** A name for the base class without its module's default export, which would force `esModuleInterop` on users' types. */
const WinstonTransport: new (options?: TransportStreamOptions) => Transport = TransportStream

/** What winston-transport keeps about its logger, and its types do not tell. */
interface LoggerLink {
  parent?: { readonly levels?: Levels } | null
  levels?: Levels
}

/** Ships winston's records to Azure Monitor Logs. It emits no `error` and throws nothing into the application. */
export class AzureLogsTransport extends WinstonTransport {
  readonly #lane: Lane
  readonly #mapper: InfoMapper
  /** Calls of `end()` that still wait. */
  #ends = 0

  /** @throws AzlogsError `AZLOGS_CONFIG` that says what is wrong with the options and the environment. */
  constructor(options: AzureLogsTransportOptions = {}) {
    super(options)
    const { mapping, shipper, worker } = splitOptions(options)
    this.#mapper = createInfoMapper(mapping)
    this.#lane = worker ? createWorkerLane(shipper) : createShipper(shipper)
    // As winston's own transports: each logger that shares this one adds a few listeners.
    this.setMaxListeners(30)
    followLoggers(this)
  }

  /** Takes a record. Called by winston, which goes on in the same tick. */
  override log(info: Info, callback: () => void): void {
    const row = this.#mapper.rowOf(info, linkOf(this).levels)
    if (row !== undefined) this.#lane.push(row)
    // winston ends the process 3 s after an uncaught exception at the latest.
    if (info['exception'] === true || info['rejection'] === true) void this.#lane.flush()
    callback()
    if (this.listenerCount('logged') > 0) this.emit('logged', info)
  }

  /**
   * Resolves when everything logged before is settled: delivered, refused for good or lost, each with a report. Never
   * rejects. For functions that are frozen between invocations, and for tests.
   */
  flush(options?: { readonly timeoutMs?: number }): Promise<FlushResult> {
    return this.#lane.flush(options)
  }

  /**
   * Resolves when everything logged before is in a file of the spool, and with `spool.fsync` on the disk.
   *
   * @throws AzlogsError (rejects) `AZLOGS_SPOOL_FULL` or `AZLOGS_SPOOL` when it is in memory only; `AZLOGS_WORKER` when the
   * worker ended before it said so; `AZLOGS_CONFIG` without a spool
   */
  durable(): Promise<void> {
    return this.#lane.durable()
  }

  /** Counters since the start: what was taken, delivered, refused, lost, and what is on its way. */
  stats(): AzureLogsTransportStats {
    return { ...this.#lane.stats(), mapRecordFailures: this.#mapper.mapRecordFailures() }
  }

  /** Called by winston when a logger lets go of the transport, which may be given to a logger again after that. */
  override close(): void {
    // After an end, everything has been waited for already.
    if (this.#ends === 0) void this.#lane.drain()
  }

  /**
   * Emits `finish`, which the logger's own `finish` waits for, when everything is settled or `closeTimeoutMs` has passed. The
   * stream itself does not end: other loggers may share it, or take it later, and a stream would answer their records with
   * an `error` event, which ends an application that does not listen.
   */
  override end(...parameters: readonly unknown[]): this {
    const [info] = parameters
    const callback = parameters.find((parameter) => typeof parameter === 'function')
    if (info !== undefined && info !== null && info !== callback) this.write(info)
    if (callback !== undefined) this.once('finish', callback as () => void)
    this.#ends += 1
    void this.#lane.drain().then(() => process.nextTick(() => this.#finish()))
    return this
  }

  /** Of several ends at once, `finish` tells the last. */
  #finish(): void {
    try {
      if (this.#ends === 1) this.emit('finish')
    } finally {
      this.#ends -= 1
    }
  }
}

/**
 * winston-transport learns level and levels from the first logger that takes it, and never again: after
 * `logger.configure()` with the same transport, it would log everything. Its own listeners run before these.
 */
function followLoggers(transport: Transport): void {
  const link = linkOf(transport)
  transport.on('pipe', (logger: LoggerLink['parent'] & object) => {
    if (link.parent !== null && link.parent !== undefined) return
    link.parent = logger
    if (logger.levels !== undefined) link.levels = logger.levels
  })
  transport.on('unpipe', (logger: unknown) => {
    if (link.parent !== logger) return
    link.parent = null
    transport.close?.()
  })
}

function linkOf(transport: Transport): LoggerLink {
  return transport as Transport & LoggerLink
}
