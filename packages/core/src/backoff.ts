/** Bounds of a random wait, in milliseconds. */
export interface BackoffRange {
  /** Ceiling of the first wait, and the least jitter on top of a wait that the service named. */
  readonly baseMs: number
  /** Ceiling of every wait. */
  readonly capMs: number
}

export const DEFAULT_BACKOFF: BackoffRange = { baseMs: 1000, capMs: 30_000 }

/**
 * How long to wait before attempt number `attempt` + 1 (`attempt` counts from 0), in milliseconds.
 *
 * Without a hint: full jitter, uniform in [0, min(cap, base · 2^attempt)]. With the service's own hint: that, plus up
 * to `baseMs` or a fifth of it, so that the clients it turned away together do not come back together.
 */
export function backoffMs(
  attempt: number,
  hintMs: number | undefined,
  random: () => number = Math.random,
  range: BackoffRange = DEFAULT_BACKOFF,
): number {
  if (hintMs !== undefined) return hintMs + random() * Math.max(range.baseMs, hintMs / 5)
  return random() * Math.min(range.capMs, range.baseMs * 2 ** attempt)
}
