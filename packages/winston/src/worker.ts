/**
 * `@azlogs/winston/worker`: the file that a worker thread begins with. No part of the public interface: it may change or
 * go in any release.
 */
import { Writable } from 'node:stream'

import { createShipper } from '@azlogs/core'
import type { FlushResult, ShipperOptions } from '@azlogs/core'
import {
  createRelayedCredential,
  createWorkerProblems,
  createWorkerStats,
  emitInMain,
  joinChannel,
} from '@azlogs/core/worker'
import type { FlushRequest, WorkerSwitches } from '@azlogs/core/worker'

import { createArrivals } from './arrivals.ts'

/** How often counters that have changed are told, in milliseconds. */
const STATS_INTERVAL_MS = 1000

/** What the main thread gives to the worker. thread-stream adds `$context`. */
export interface WorkerOptions extends Omit<ShipperOptions, 'onProblem'>, WorkerSwitches {
  readonly $context?: unknown
}

/**
 * The function that thread-stream calls in the worker: ships rows, one a line. The stream that it returns takes them at
 * once, always: what there is no room for is the shipper's to drop and to count.
 */
export default function shipInWorker(given: WorkerOptions): Writable {
  const { $relayTokens, $tellProblems, $context: _context, ...options } = given
  const credential =
    $relayTokens === true
      ? createRelayedCredential((scopes, answers) => emitInMain('azlogs:token', scopes, answers))
      : undefined
  const problems = createWorkerProblems($tellProblems === true)
  const shipper = createShipper({
    ...options,
    ...(credential === undefined ? {} : { credential }),
    onProblem: (problem) => problems.tell(problem),
  })
  const arrivals = createArrivals()
  const stats = createWorkerStats(
    () => ({ ...shipper.stats(), receivedRows: arrivals.count }),
    STATS_INTERVAL_MS,
  )
  const leave = joinChannel({
    flush,
    ...(credential === undefined ? {} : { onToken: (answer) => credential.receive(answer) }),
  })
  /** The beginning of a line whose end has not come. */
  let rest = ''
  /** Rows that had arrived when a drain was over. */
  let drainedRows = -1

  function take(text: string): void {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) shipper.push(JSON.parse(line))
    arrivals.add(lines.length)
  }

  async function flush(request: FlushRequest): Promise<FlushResult> {
    await arrivals.reach(request.afterRows ?? 0)
    const result = await settle(request)
    stats.tell()
    return result
  }

  async function settle({ drain, durable, timeoutMs }: FlushRequest): Promise<FlushResult> {
    if (durable === true) {
      await shipper.durable()
      const { pending } = shipper.stats()
      return { complete: pending === 0, pending }
    }
    if (drain !== true) return shipper.flush(timeoutMs === undefined ? {} : { timeoutMs })
    const result = await shipper.drain()
    drainedRows = arrivals.count
    problems.flush()
    return result
  }

  async function close(): Promise<void> {
    problems.closing()
    // What could not be sent in one deadline is not tried for another.
    await shipper.close(drainedRows === arrivals.count ? { timeoutMs: 0 } : {})
    problems.flush()
    stats.close()
    leave()
  }

  return new Writable({
    decodeStrings: false,
    write(text: string, _encoding, callback) {
      take(text)
      callback()
    },
    final(callback) {
      void close().then(() => callback())
    },
  })
}
