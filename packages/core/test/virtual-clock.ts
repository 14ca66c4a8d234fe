import { gzipSync } from 'node:zlib'

import type { Clock } from '../src/clock.ts'

/** A clock that stands still until it is told to go on. */
export interface VirtualClock extends Clock {
  /** Lets `ms` milliseconds pass, timer by timer, and lets promises settle in between. */
  advance(ms: number): Promise<void>
  readonly pendingTimers: number
}

/**
 * `turns` of the event loop pass between two timers: enough where nothing waits for the world outside. Who compresses on the
 * thread pool brings real time in; see {@link gzipAtOnce}.
 */
export function createVirtualClock(turns = 10): VirtualClock {
  let time = 0
  const timers = new Set<{ readonly at: number; readonly task: () => void }>()

  return {
    now: () => time,
    after(delayMs, task) {
      const timer = { at: time + delayMs, task }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(ms) {
      const end = time + ms
      for (;;) {
        await settlePromises(turns)
        const next = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        timers.delete(next)
        time = Math.max(time, next.at)
        next.task()
      }
      time = end
    },
    get pendingTimers() {
      return timers.size
    },
  }
}

/** Enough for every promise chain that can go on now to come to its next wait. */
async function settlePromises(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** Compression that takes no time, so that nothing but this clock decides what comes first. */
export function gzipAtOnce(bytes: Uint8Array, level: number): Promise<Buffer> {
  return Promise.resolve(gzipSync(bytes, { level }))
}
