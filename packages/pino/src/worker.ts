import type { Transform } from 'node:stream'
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
import build from 'pino-abstract-transport'

import { createDeadEnd, createLane } from './lane.ts'
import type { Lane } from './lane.ts'
import { followPinoConfig } from './pino-config.ts'
import type { AzureLogsOptions, AzureLogsTargetOptions } from './record-options.ts'

/** How often counters that have changed are told, in milliseconds. */
const STATS_INTERVAL_MS = 10_000

/** What pino puts among a target's options. */
const PINO_OPTIONS = new Set(['$context', 'pinoWillSendConfig', 'levels', 'dedupe'])

/** Lines are parsed once, by us: pino-abstract-transport gets this instead of a second parse. */
const UNPARSED: object = {}

/** A target's stream, with the `flush` that thread-stream calls for `logger.flush(callback)`. */
export interface AzureLogsTarget extends Transform {
  /** Calls back when all lines that arrived before are settled; never with an error, which would end the stream. */
  flush(callback: () => void): void
}

/**
 * The function that pino calls in its worker thread for `pino.transport({ target: '@azlogs/pino', options })`. It never
 * throws: options that cannot work are told on stderr, and so is the number of lines lost to them. (A throw here would
 * reach nobody when the process ends soon, and cost it ten seconds.)
 */
export default function azureLogsTarget(
  options: AzureLogsTargetOptions & WorkerSwitches = {},
): AzureLogsTarget {
  const { $relayTokens, $tellProblems, ...given } = options
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

  const source = build(
    (lines) => {
      whenConfigured(lines, () => {
        lines.on('data', (line: string) => lane.take(line))
      })
    },
    {
      parse: 'lines',
      parseLine: () => UNPARSED,
      metadata: false,
      close,
    },
  )
  // A pipeline does not wait for our `close` event, only for `finish`: everything must be settled before that.
  const finish = source._final.bind(source)
  source._final = (callback) =>
    finish((failure) => {
      void arrived(source)
        .then(close)
        .then(() => callback(failure))
    })

  // Resolves to undefined and never rejects: pino takes anything else for an error.
  async function close(): Promise<void> {
    problems.closing()
    await lane.close()
    problems.flush()
    stats.close()
    leave()
    unfollow()
  }

  async function flush(flushOptions?: { readonly timeoutMs?: number }): Promise<FlushResult> {
    await arrived(source)
    const result = await lane.flush(flushOptions)
    stats.tell()
    return result
  }

  const unfollow = followPinoConfig((config) => lane.configure(config))
  const leave = joinChannel({
    flush,
    ...(credential === undefined ? {} : { onToken: (answer) => credential.receive(answer) }),
  })

  return Object.assign(source, {
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
function whenConfigured(lines: Transform, begin: () => void): void {
  lines.once('readable', () => {
    setImmediate(() => setImmediate(begin))
  })
}

/** Resolves when the lines that the main thread has handed over have come out of our stream. */
async function arrived(source: Transform): Promise<void> {
  do {
    await nextTurn()
    await nextTurn()
  } while (!source.destroyed && (source.writableLength > 0 || source.readableLength > 0))
}
