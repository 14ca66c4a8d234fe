import { Writable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

import { createLane } from './lane.ts'
import type { Lane } from './lane.ts'
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

const lanes = new WeakMap<object, Lane>()

/** The lane behind a stream that `createAzureLogsStream` made. */
export function laneOf(stream: object): Lane | undefined {
  return lanes.get(stream)
}

/**
 * A stream that ships from this thread, for bundled applications, Next.js, Azure Functions and tests:
 * `const logger = pino(options, createAzureLogsStream(options))`. End it, or flush it, before the process ends.
 *
 * @throws AzlogsError `AZLOGS_CONFIG`, one error that lists everything wrong with the options and the environment.
 */
export function createAzureLogsStream(options: AzureLogsOptions = {}): AzureLogsStream {
  const lane = createLane(options)
  const decoder = new StringDecoder('utf8')
  /** The beginning of a line whose end has not come. pino writes whole lines; a pipe need not. */
  let rest = ''

  function takeText(text: string): void {
    const lines = (rest + text).split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) lane.take(line)
  }

  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, callback) {
      takeText(typeof chunk === 'string' ? chunk : decoder.write(chunk))
      callback()
    },
    final(callback) {
      takeText(`${decoder.end()}\n`)
      void lane.close().then(() => callback())
    },
  })
  // pino says so as it starts; a multistream between us and pino does not pass it on.
  stream.on('message', (message: { readonly code?: string; readonly config?: PinoConfig } | undefined) => {
    if (message?.code === 'PINO_CONFIG' && message.config !== undefined) lane.configure(message.config)
  })
  const write = stream.write.bind(stream)
  const shipping = Object.assign(stream, {
    // Node's stream would emit an error for a line that comes after the end; here it is counted as lost.
    write(chunk: unknown, ...more: unknown[]): boolean {
      if (!stream.writableEnded) return Reflect.apply(write, stream, [chunk, ...more])
      takeText(String(chunk))
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
  lanes.set(shipping, lane)
  return shipping
}
