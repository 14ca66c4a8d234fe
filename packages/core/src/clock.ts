import { performance } from 'node:perf_hooks'

/** Time as the stages see it, so that tests and simulations can bring their own. */
export interface Clock {
  /** Monotonic milliseconds: for waits, deadlines and ages. */
  now(): number
  /** Runs `task` after `delayMs` without keeping the process alive; the result cancels it. */
  after(delayMs: number, task: () => void): () => void
}

/** The real clock. A wait longer than Node's timers can hold (2^31 − 1 ms) is cut to that. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, Math.min(delayMs, 2_147_483_647))
    timer.unref()
    return () => clearTimeout(timer)
  },
}
