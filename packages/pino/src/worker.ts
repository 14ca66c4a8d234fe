import { Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { isAzlogsError } from '@azlogs/core'
import type { FlushResult } from '@azlogs/core'
import {
  createRelayedCredential,
  createWorkerProblems,
  createWorkerStats,
  emitInMain,
  joinChannel,
  MAX_WORKER_CLOSE_MS,
} from '@azlogs/core/worker'
import type { WorkerSwitches } from '@azlogs/core/worker'
import { createDeadEnd, createLane } from './lane.ts'
import type { Lane } from './lane.ts'
import { createLines } from './lines.ts'
import { followPinoConfig } from './pino-config.ts'
import type { AzureLogsOptions, AzureLogsTargetOptions } from './record-options.ts'

/** How often counters that have changed are told, in milliseconds. */
const STATS_INTERVAL_MS = 10_000

/** What pino puts among a target's options. */
const PINO_OPTIONS = new Set(['$context', 'pinoWillSendConfig', 'levels', 'dedupe'])

/** A target's stream, with the `flush` that thread-stream calls for `logger.flush(callback)`. */
export interface AzureLogsTarget extends Writable {
  /** Calls back when all lines that arrived before are settled; never with an error, which would end the stream. */
  flush(callback: () => void): void
}

/**
 * The function that pino calls in its worker thread for `pino.transport({ target: '@azlogs/pino', options })`. It never
 * throws: options that cannot work are told on stderr, and so is the number of lines lost to them. (A throw here would
 * reach nobody when the process ends soon, and cost it ten seconds.)
 */
export default function azureLogsTarget(options: AzureLogsTargetOptions = {}): AzureLogsTarget {
  const { $relayTokens, $tellProblems, ...given }: AzureLogsTargetOptions & WorkerSwitches = options
  const credential =
    $relayTokens === true
      ? createRelayedCredential((scopes, answers) => emitInMain('azlogs:token', scopes, answers))
      : undefined
  const problems = createWorkerProblems($tellProblems === true)
  const lane = openLane({
    ...laneOptions(given),
    ...(credential === undefined ? {} : { credential }),
    onProblem: (problem) => problems.tell(problem),
  })
  const stats = createWorkerStats(() => lane.stats(), STATS_INTERVAL_MS)

  const lines = createLines((text, begin, end) => lane.take(text, begin, end))
  let configured = false
  const stream = new Writable({
    // thread-stream has text, and lines are looked for in text.
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, callback) {
      const take = (): void => {
        lines.push(chunk)
        callback()
      }
      if (configured) return take()
      configured = true
      whenConfigured(take)
    },
    final(callback) {
      lines.end()
      void close().then(() => callback())
    },
    destroy(failure, callback) {
      void close().then(() => callback(failure))
    },
  })

  let closing: Promise<void> | undefined

  function close(): Promise<void> {
    closing ??= closeLane()
    return closing
  }

  async function closeLane(): Promise<void> {
    problems.closing()
    await lane.close()
    problems.flush()
    stats.close()
    leave()
    unfollow()
  }

  async function flush(flushOptions?: { readonly timeoutMs?: number }): Promise<FlushResult> {
    await arrived(stream)
    const result = await lane.flush(flushOptions)
    stats.tell()
    return result
  }

  const unfollow = followPinoConfig((config) => lane.configure(config))
  const leave = joinChannel({
    flush,
    ...(credential === undefined ? {} : { onToken: (answer) => credential.receive(answer) }),
  })

  return Object.assign(stream, {
    flush(callback: () => void): void {
      void flush().then(() => callback())
    },
  })
}

function openLane(options: AzureLogsOptions): Lane {
  try {
    return createLane(options)
  } catch (error) {
    if (isAzlogsError(error)) return createDeadEnd(error)
    throw error
  }
}

function laneOptions(given: AzureLogsTargetOptions): AzureLogsTargetOptions {
  const options: AzureLogsTargetOptions = Object.fromEntries(
    Object.entries(given).filter(([name]) => !PINO_OPTIONS.has(name)),
  )
  const { closeTimeoutMs } = options
  return typeof closeTimeoutMs === 'number' && closeTimeoutMs > MAX_WORKER_CLOSE_MS
    ? { ...options, closeTimeoutMs: MAX_WORKER_CLOSE_MS }
    : options
}

/**
 * Begins with the first line, but not before pino's configuration has had the chance to arrive. It is posted before
 * that line is written, and may still be seen after it: the lines come through shared memory. A message that is there
 * is delivered within one full turn of the event loop, and two callbacks of `setImmediate` have one between them. (To
 * wait until it comes would be to wait for ever where nobody calls `pino()`.)
 */
function whenConfigured(begin: () => void): void {
  setImmediate(() => setImmediate(begin))
}

/** Resolves when the lines that the main thread has handed over have been taken. */
async function arrived(stream: Writable): Promise<void> {
  do {
    await nextTurn()
    await nextTurn()
  } while (!stream.destroyed && stream.writableLength > 0)
}
