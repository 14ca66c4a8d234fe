import { once } from 'node:events'
import type { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'

import {
  AzlogsError,
  createProblemReporter,
  encodeRow,
  onProcessEnd,
  resolveShipperOptions,
} from '@azlogs/core'
import type { FlushResult, ShipperOptions } from '@azlogs/core'
import {
  askToFlush,
  cloneProblems,
  createStandbyShipper,
  divideOptions,
  hearProblems,
  MAX_WORKER_CLOSE_MS,
  relayTokens,
} from '@azlogs/core/worker'
import ThreadStream from 'thread-stream'

import { createHandover } from './handover.ts'
import type { LineStream } from './handover.ts'
import type { Lane } from './lane.ts'
import { sumStats } from './lane-stats.ts'
import type { FarStats } from './lane-stats.ts'
import { target } from './target.ts'
import type { WorkerOptions } from './worker.ts'

/** What a worker may need to start, in milliseconds, before the time that a drain may take begins. */
const START_MS = 5000

/** thread-stream's stream, as it is; its types leave some of it out. */
interface WorkerStream extends EventEmitter, LineStream {
  on(event: string, listener: (...args: never[]) => void): this
  readonly worker: Worker
  readonly writableErrored: Error | null
  /** Blocks until the worker has taken everything. Throws when it does not. */
  flushSync(): void
  /** Blocks until the worker has closed, 10 s at most. */
  end(): void
  /** Makes the worker count for the life of the process. */
  ref(): void
  unref(): void
}

/**
 * A lane whose work is done by a worker thread: this one writes JSON and hands it over. A credential object and
 * `onProblem` stay here. When the worker cannot start or dies, this thread ships by itself from then on.
 *
 * @throws AzlogsError `AZLOGS_CONFIG` that lists what is wrong with the options, the environment and the surroundings.
 */
export function createWorkerLane(options: ShipperOptions): Lane {
  const { closeTimeoutMs, maxBufferBytes, scopes } = resolveShipperOptions(options, process.env)
  const { data, credential } = divideOptions(options)
  checkWorker(data)
  /** Ships what the worker cannot take: what comes in faster than it starts, and everything once it has ended. */
  const near = createStandbyShipper(options)
  // After all that may throw: what the worker refuses would be an `error` event that nobody listens to.
  const stream = startWorker({ ...data, closeTimeoutMs: Math.min(closeTimeoutMs, MAX_WORKER_CLOSE_MS) })
  const { onProblem } = options
  if (onProblem !== undefined) hearProblems(stream, onProblem)
  if (credential !== undefined) relayTokens(stream, credential, scopes)
  const problems = createProblemReporter(onProblem)
  const handover = createHandover(stream, maxBufferBytes)
  let far: FarStats = { receivedRows: 0, pending: 0 }
  let repaired = 0
  /** Records that a worker had when it died. */
  let lostRows = 0
  let state: 'working' | 'ended' | 'dead' = 'working'
  /** The first thing that was wrong with it. */
  let reason: string | undefined
  /** Rows handed over when the last drain began. */
  let drainedRows = -1
  /** There while the process has something to do for this lane when it ends. */
  let unregister: (() => void) | undefined

  stream.on('azlogs:stats', (stats: FarStats) => {
    if (state !== 'dead') far = stats
  })
  stream.on('error', note)
  // An error of the thread itself, such as its lack of memory. Without a listener it would end the application.
  stream.worker.on('error', note)
  stream.on('close', () => {
    // The event `error` may come after this one.
    if (stream.writableErrored !== null) note(stream.writableErrored)
    if (state === 'working') bury()
  })

  function note(error: Error): void {
    reason ??= error.message
  }

  /** Goes on in this thread. What the worker had taken is lost as far as anybody knows, and is told once. */
  function bury(): void {
    state = 'dead'
    const back = handover.takeBack()
    lostRows = pendingRows()
    far = { ...far, pendingBytes: 0, inFlight: 0, oldestPendingMs: 0 }
    unregister?.()
    unregister = undefined
    const kept =
      options.spool === undefined
        ? ''
        : ' Those that are in the spool are not: the next process sends them, or this one after ten minutes.'
    problems.report({
      kind: lostRows > 0 ? 'lost' : 'delayed',
      code: 'AZLOGS_WORKER',
      describe: (count) =>
        `The worker thread that ships has ended (${reason ?? 'by itself'}).${count > 0 ? ` ${count} records lost: it had them and had not told that they were delivered.${kept}` : ''} The main thread ships from now on.`,
      recordCount: lostRows,
    })
    for (const line of back) near.push(JSON.parse(line))
  }

  /** Has the worker send the rest and end, and blocks meanwhile. */
  function end(): void {
    if (state !== 'working') return
    state = 'ended'
    handover.rush()
    try {
      stream.flushSync()
    } catch (error) {
      note(error as Error)
    }
    stream.end()
    if (stream.destroyed) {
      problems.report({
        kind: 'lost',
        code: 'AZLOGS_WORKER',
        describe: (count) =>
          `Up to ${count} records lost: the worker thread that ships did not end in time, or not well.`,
        recordCount: pendingRows(),
      })
    }
    problems.flush()
  }

  function pendingRows(): number {
    return handover.lines - far.receivedRows + far.pending - lostRows
  }

  async function ask(
    request: { readonly drain?: boolean },
    timeoutMs: number | undefined,
  ): Promise<FlushResult> {
    if (state === 'working') {
      handover.hurry()
      const afterRows = handover.lines
      try {
        return await askToFlush(stream, {
          timeoutMs,
          begin(send) {
            send({ ...request, afterRows })
            return () => {}
          },
        })
      } catch {
        // It gave no answer in time, or has ended: what is known of it must do.
      }
    }
    return { complete: pendingRows() === 0, pending: pendingRows() }
  }

  async function flush({ timeoutMs }: { readonly timeoutMs?: number } = {}): Promise<FlushResult> {
    const startedAt = performance.now()
    const there = await ask({}, timeoutMs)
    const left =
      timeoutMs === undefined ? {} : { timeoutMs: Math.max(0, timeoutMs - (performance.now() - startedAt)) }
    return both(there, await near.flush(left))
  }

  async function drain(): Promise<FlushResult> {
    drainedRows = handover.lines
    const there = await ask({ drain: true }, START_MS + closeTimeoutMs)
    if (there.complete && handover.lines === drainedRows) {
      unregister?.()
      unregister = undefined
    }
    return both(there, await near.drain())
  }

  async function durable(): Promise<void> {
    if (state === 'working' && options.spool !== undefined) {
      handover.hurry()
      const afterRows = handover.lines
      await askToFlush(stream, {
        begin(send) {
          send({ durable: true, afterRows })
          return () => {}
        },
      }).catch((error: AzlogsError) => {
        if (error.code !== 'AZLOGS_CLOSED') throw error
        if (lostRows > 0 || state === 'ended') throw unknownFate()
      })
    }
    return near.durable()
  }

  function register(): () => void {
    return onProcessEnd({
      drain: () => (drainedRows === handover.lines ? undefined : drain()),
      async terminate() {
        await drain()
        if (state !== 'working') return
        const closed = once(stream, 'close')
        stream.ref()
        end()
        await closed
      },
      exit: end,
    })
  }

  return {
    push(row) {
      if (state === 'working') {
        const encoded = encodeRow(row)
        if (handover.put(`${encoded.json}\n`)) {
          if (encoded.repaired) repaired += 1
          unregister ??= register()
          return true
        }
      }
      return near.push(row)
    },
    flush,
    drain,
    durable,
    stats: () => sumStats(near.stats(), far, { handedRows: handover.lines, lostRows, repaired }),
  }
}

function both(there: FlushResult, here: FlushResult): FlushResult {
  return { complete: there.complete && here.complete, pending: there.pending + here.pending }
}

function unknownFate(): AzlogsError {
  return new AzlogsError(
    'AZLOGS_WORKER',
    'The worker thread that ships ended before it said that everything is in the spool.',
  )
}

function startWorker(workerData: WorkerOptions): WorkerStream {
  const stream = new ThreadStream({
    filename: target,
    workerData,
    workerOpts: { name: '@azlogs/winston' },
  }) as unknown as WorkerStream
  // A process with nothing else to do ends; the lane's exit hook delivers first.
  stream.unref()
  return stream
}

function checkWorker(data: object): void {
  const problems = [...cloneProblems(data, 'Leave worker out, and shipping runs in this thread.')]
  if (!existsSync(fileURLToPath(target))) {
    problems.push(
      `the worker's file ${target} is not there, probably because @azlogs/winston has been bundled. Make it an external ` +
        'package of your bundler, or leave worker out.',
    )
  }
  if (problems.length === 0) return
  throw new AzlogsError('AZLOGS_CONFIG', `The worker cannot be set up: ${problems.join(' ')}`, { problems })
}
