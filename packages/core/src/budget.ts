import type { Clock } from './clock.ts'

/** Allows something so often in any period. */
export interface Budget {
  /** True, and counted, when there is some left. */
  take(): boolean
}

/** At most `count` in any `perMs` milliseconds. */
export function createBudget(count: number, perMs: number, clock: Clock): Budget {
  const taken: number[] = []
  return {
    take() {
      const now = clock.now()
      while (taken[0] !== undefined && taken[0] <= now - perMs) taken.shift()
      if (taken.length >= count) return false
      taken.push(now)
      return true
    },
  }
}
