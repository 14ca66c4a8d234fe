import { Writable } from 'node:stream'

import { createLane } from './lane.ts'
import type { Lane } from './lane.ts'
import { createLines } from './lines.ts'
import type { PinoTransportStats } from './transport-stats.ts'
import type { AzureLogsOptions } from './record-options.ts'
import type { PinoConfig } from './record.ts'

/** A stream for `pino(options, stream)` that ships from this thread. */
export interface AzureLogsStream extends Writable {
  /** Calls back when everything written before is delivered or accounted for: what `logger.flush(callback)` calls. */
  flush(callback?: () => void): void
  /** Begins to send what is waiting; nothing can be delivered synchronously. pino calls it after `fatal`. */
  flushSync(): void
  /**
   * Resolves when everything written before is in a file of the spool, and with `spool.fsync` on the disk.
   *
   * @throws AzlogsError (rejects) `AZLOGS_SPOOL_FULL` or `AZLOGS_SPOOL` when it is in memory only; `AZLOGS_CONFIG` without a spool
   */
  durable(): Promise<void>
  /** What became of the records so far. */
  stats(): PinoTransportStats
}

/** A registered symbol, because bundlers copy: the stream may come from another copy of this module than its flush does. */
const LANE = Symbol.for('@azlogs/pino lane')

/** The lane behind a stream that `createAzureLogsStream` made. */
export function laneOf(stream: object): Lane | undefined {
  return (stream as { readonly [LANE]?: Lane })[LANE]
}

/**
 * A stream that ships from this thread, for bundled applications, Next.js, Azure Functions and tests:
 * `const logger = pino(options, createAzureLogsStream(options))`. End it, or flush it, before the process ends.
 *
 * @throws AzlogsError `AZLOGS_CONFIG`, one error that lists everything wrong with the options and the environment.
 */
export function createAzureLogsStream(options: AzureLogsOptions = {}): AzureLogsStream {
  const lane = createLane(options)
  const lines = createLines((text, begin, end) => lane.take(text, begin, end))

  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, callback) {
      lines.push(chunk)
      callback()
    },
    final(callback) {
      lines.end()
      void lane.close().then(() => callback())
    },
  })
  // pino says so as it starts; a multistream between us and pino does not pass it on.
  stream.on('message', (message: { readonly code?: string; readonly config?: PinoConfig } | undefined) => {
    if (message?.code === 'PINO_CONFIG' && message.config !== undefined) lane.configure(message.config)
  })
  const write = stream.write.bind(stream)
  return Object.assign(stream, {
    [LANE]: lane,
    // Node's stream would emit an error for a line that comes after the end; here it is counted as lost.
    write(chunk: unknown, ...more: unknown[]): boolean {
      if (!stream.writableEnded) return Reflect.apply(write, stream, [chunk, ...more])
      lines.push(String(chunk))
      return false
    },
    flush(callback: () => void = () => {}): void {
      void lane.flush().then(() => callback())
    },
    flushSync(): void {
      void lane.flush()
    },
    durable: () => lane.durable(),
    stats: () => lane.stats(),
  })
}
