import type { Clock } from './clock.ts'

/** Tells for how long something has not changed, without trusting any clock but our own monotonic one. */
export interface Watch {
  /**
   * Notes what something looks like now.
   *
   * @returns for how long it has looked like this, in milliseconds; 0 the first time
   */
  unchangedFor(name: string, sign: string): number
  /** Forgets everything but these. */
  keepOnly(names: ReadonlySet<string>): void
}

/**
 * Most that the time between two looks counts, in milliseconds. When the whole machine has been frozen, so have those we watch:
 * they get their chance to move before they are taken for dead.
 */
const LONGEST_GAP_MS = 20_000

interface Seen {
  sign: string
  at: number
  unchangedMs: number
}

export function createWatch(clock: Clock): Watch {
  const seen = new Map<string, Seen>()
  return {
    unchangedFor(name, sign) {
      const now = clock.now()
      const last = seen.get(name)
      if (last === undefined || last.sign !== sign) {
        seen.set(name, { sign, at: now, unchangedMs: 0 })
        return 0
      }
      last.unchangedMs += Math.min(now - last.at, LONGEST_GAP_MS)
      last.at = now
      return last.unchangedMs
    },
    keepOnly(names) {
      for (const name of seen.keys()) if (!names.has(name)) seen.delete(name)
    },
  }
}
