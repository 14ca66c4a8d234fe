import type { Clock } from './clock.ts'

/** How fast requests to one DCR may follow each other, learnt from what the service turns away. */
export interface Pace {
  /** Milliseconds until the next request may leave. */
  waitMs(): number
  /** Call as a request leaves, with its bytes of JSON; the result goes to {@link Pace.answered}. */
  departed(rawBytes: number): PacedDeparture
  /** Call when the service has taken a request, or when that was one too many for it (429). */
  answered(departure: PacedDeparture, result: 'taken' | 'throttled'): void
}

/** A request on its way. */
interface PacedDeparture {
  readonly at: number
  /** What it counts for, in full batches. */
  readonly weight: number
  /** It left about as soon as the pace let it, so that its answer says something about the pace. */
  readonly pressing: boolean
}

/** The service counts by the minute, and so do we. */
const MINUTE_MS = 60_000

/**
 * A DCR takes 12,000 requests and 2 GB a minute, which makes 166 kB a request: what is smaller counts for as much, a sixth
 * of a full batch of 1 MB.
 */
const LEAST_WEIGHT = 1 / 6

/** What is due to each of a thousand shippers, in full batches a minute. */
const FAIR_RATE = 2

/** What is left of the rate after a 429. */
const DECREASE = 0.9

/**
 * What each request that is taken adds to the rate, in full batches a minute. With {@link DECREASE} it decides how many
 * requests are turned away where a thousand shippers want more than there is: about 3 %.
 */
const INCREASE = 0.006

/** Requests taken in a row from which on the rate rises faster and faster: the service seems to have more to give. */
const LONG_STREAK = 200

/** Most that one request may add to the rate, as a share of it. */
const MAX_INCREASE = 0.05

/** Time constant of the running mean of what is taken, in milliseconds. */
const MEMORY_MS = 4 * MINUTE_MS

/** Lateness that is made up for, in milliseconds: timers are never early. */
const CREDIT_MS = 1000

/**
 * No limit until the first 429. A thousand shippers share a DCR without knowing of each other: were they only to wait for
 * the time that the service names, they would all come back at full speed. So the rate falls to what has been taken lately,
 * or a little below what it was; then every request that is taken adds the same to it (additive increase, multiplicative decrease:
 * whoever has less grows faster, and is turned away less).
 */
export function createPace(clock: Clock, fullBytes: number): Pace {
  /** Full batches a minute. */
  let rate = Number.POSITIVE_INFINITY
  let nextAt = Number.NEGATIVE_INFINITY
  let decreasedAt = Number.NEGATIVE_INFINITY
  /** Requests taken since the last 429. */
  let streak = 0
  /** Weight of what was taken, each request counting less the longer ago it was. */
  let taken = 0
  /** When the last of that was, or since when we watch. */
  let takenAt = clock.now()
  /** Time until then, without long gaps. */
  let watchedMs = 0

  /** Time since the last request was taken. What is over a minute is an outage or a rest: no quota lasts that long. */
  function gapMs(): number {
    return Math.min(clock.now() - takenAt, MINUTE_MS)
  }

  function remembered(): number {
    return taken * Math.exp(-gapMs() / MEMORY_MS)
  }

  /** Full batches a minute that were taken lately. */
  function throughput(): number {
    const minutes = (MEMORY_MS / MINUTE_MS) * (1 - Math.exp(-(watchedMs + gapMs()) / MEMORY_MS))
    return remembered() / minutes
  }

  function increase(): void {
    streak += 1
    rate += Math.min(rate * MAX_INCREASE, INCREASE * Math.max(1, streak / LONG_STREAK))
  }

  function decrease(pressing: boolean): void {
    // A quota may be gone in the first second of its minute: less than one minute teaches nothing.
    if (watchedMs + gapMs() < MINUTE_MS) return
    rate = Math.max(pressing ? LEAST_WEIGHT : FAIR_RATE, Math.min(rate * DECREASE, throughput()))
    decreasedAt = clock.now()
    // Turned away below the rate: what it may be is unknown, so it rises fast until the next 429.
    streak = pressing ? 0 : Number.POSITIVE_INFINITY
  }

  return {
    waitMs: () => Math.max(0, nextAt - clock.now()),
    departed(rawBytes) {
      const at = clock.now()
      const weight = Math.max(LEAST_WEIGHT, rawBytes / fullBytes)
      const spacing = (weight / rate) * MINUTE_MS
      const pressing = at < nextAt + spacing / 2
      nextAt = Math.max(nextAt, at - CREDIT_MS) + spacing
      return { at, weight, pressing }
    },
    answered({ at, weight, pressing }, result) {
      if (result === 'taken') {
        taken = remembered() + weight
        watchedMs += gapMs()
        takenAt = clock.now()
        if (pressing) increase()
      } else if (at >= decreasedAt) {
        // What was under way at the last 429 has met the same limit, and counts once.
        decrease(pressing)
      }
    },
  }
}
