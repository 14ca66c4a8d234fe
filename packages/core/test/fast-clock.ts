import { performance } from 'node:perf_hooks'

import type { Clock } from '../src/clock.ts'

/** Time that passes `factor` times as fast, for tests with real files and sockets in them. */
export function createFastClock(factor: number): Clock {
  return {
    now: () => performance.now() * factor,
    after(delayMs, task) {
      const timer = setTimeout(task, delayMs / factor)
      timer.unref()
      return () => clearTimeout(timer)
    },
  }
}
