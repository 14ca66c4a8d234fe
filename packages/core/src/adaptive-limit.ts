import type { Clock } from './clock.ts'

/** How many requests may be under way at once, learnt from how the service answers. */
export interface AdaptiveLimit {
  readonly current: number
  /** Call as a request leaves, with the number now under way. */
  started(inFlight: number): void
  /**
   * Call with what became of a request. `pressure`: the service had no time for it (429, 5xx, a timeout, a reset);
   * `neutral`: an answer that says nothing about load (400, 401, 403, 413).
   */
  finished(result: 'success' | 'pressure' | 'neutral', roundTripMs: number): void
}

/** Weight of a new window in the running mean. */
const ALPHA = 0.4

/** Standard deviations above the mean from which on a window counts as slow. */
const SLOW_DEVIATIONS = 2.5

const DECREASE = 0.9

/**
 * A limit between 1 and `max` that grows by one a round trip while it is reached and latency is flat, and shrinks by a
 * tenth under pressure or when latency rises (the adaptive request concurrency of Vector). It shrinks by not letting the
 * next requests leave, never by ending those under way.
 */
export function createAdaptiveLimit(max: number, clock: Clock): AdaptiveLimit {
  let limit = 1
  let mean: number | undefined
  let variance = 0
  let windowEndsAt = 0
  let sum = 0
  let count = 0
  let reached = false
  let pressed = false

  function shrink(): void {
    limit = Math.max(1, Math.floor(limit * DECREASE))
  }

  function endWindow(now: number): void {
    const current = count === 0 ? undefined : sum / count
    if (mean === undefined || current === undefined) {
      if (pressed) shrink()
      else if (reached && current !== undefined) limit = Math.min(max, limit + 1)
    } else if (pressed || current >= mean + Math.max(1, SLOW_DEVIATIONS * Math.sqrt(variance))) {
      shrink()
    } else if (reached && current <= mean + Math.sqrt(variance)) {
      limit = Math.min(max, limit + 1)
    }
    if (current !== undefined) {
      const difference = current - (mean ?? current)
      mean = (mean ?? current) + ALPHA * difference
      variance = (1 - ALPHA) * (variance + ALPHA * difference * difference)
    }
    windowEndsAt = now + (mean ?? 0)
    sum = 0
    count = 0
    // An idle connection says nothing about what would happen with more of them.
    reached = false
    pressed = false
  }

  return {
    get current() {
      return limit
    },
    started(inFlight) {
      if (inFlight >= limit) reached = true
    },
    finished(result, roundTripMs) {
      if (result === 'success') {
        sum += roundTripMs
        count += 1
      }
      if (result === 'pressure') pressed = true
      const now = clock.now()
      if (now >= windowEndsAt) endWindow(now)
    },
  }
}
