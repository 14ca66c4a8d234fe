import { backoffMs, DEFAULT_BACKOFF } from './backoff.ts'
import type { BackoffRange } from './backoff.ts'
import type { Clock } from './clock.ts'

/** What an attempt says about the way to the DCR. */
export type Health =
  /** The service took or judged the body: 2xx, 400, 413. */
  | { readonly kind: 'healthy' }
  /** 408, 429, 5xx, no answer, no token. `attempt` counts the batch's earlier failures. */
  | {
      readonly kind: 'busy'
      readonly attempt: number
      readonly afterMs: number | undefined
      /** Nobody was there to answer. */
      readonly unreachable?: boolean
    }
  /** 401, 403, 404, a redirect: something has to be set up first. */
  | { readonly kind: 'denied' }
  /** The attempt was ended before it could say anything. */
  | { readonly kind: 'unknown' }

/** A request on its way. */
interface Departure {
  /** It is the only one, sent to find out whether the way is open again. */
  readonly probe: boolean
}

/** Decides when requests to one DCR may leave. */
export interface Circuit {
  /** Milliseconds until the next request may leave: 0 now, Infinity while a probe is out. */
  waitMs(): number
  /** Call as a request leaves; the result goes to {@link Circuit.answered} with its answer. */
  departed(): Departure
  answered(departure: Departure, health: Health): void
  /** For the next `forMs` milliseconds, waits of our own making are short; the service's own still hold. */
  hurry(forMs: number): void
  readonly state: 'closed' | 'open' | 'half-open'
}

/** Failures in a row that open the circuit. */
const FAILURES_TO_OPEN = 5

/** A request that reaches nobody is a burden to nobody: the way is tried more often than a service that is busy. */
const UNREACHABLE_BACKOFF: BackoffRange = { ...DEFAULT_BACKOFF, capMs: 8000 }

/** Waits after a refusal, in milliseconds: a role assignment acts after up to 30 minutes. */
const DENIED_BASE_MS = 30_000
const DENIED_CAP_MS = 300_000

/** Longest wait of our own making while hurried, in milliseconds. */
export const HURRIED_WAIT_MS = 250

/**
 * A circuit breaker and the service's own `Retry-After` in one: closed, it lets everything through; open, nothing; then a
 * single request probes while the rest waits. What the service asked for holds for the whole DCR, because its limits do.
 */
export function createCircuit(clock: Clock, random: () => number = Math.random): Circuit {
  let tripped = false
  let probing = false
  /** Until when the service wants to be left alone. */
  let gateUntil = Number.NEGATIVE_INFINITY
  /** Until when we leave it alone on our own account. */
  let restUntil = Number.NEGATIVE_INFINITY
  let hurriedUntil = Number.NEGATIVE_INFINITY
  /** Failures since the service last answered well. */
  let failures = 0
  /** Refusals in a row. */
  let refusals = 0

  function rest(forMs: number): void {
    const now = clock.now()
    tripped = true
    restUntil = Math.max(restUntil, now + (now < hurriedUntil ? Math.min(forMs, HURRIED_WAIT_MS) : forMs))
  }

  function busy(probe: boolean, attempt: number, afterMs: number | undefined, range: BackoffRange): void {
    failures += 1
    if (afterMs !== undefined) {
      gateUntil = Math.max(gateUntil, clock.now() + afterMs)
      rest(backoffMs(0, afterMs, random))
      // Turned away again after the wait that the service named: it named too short a one.
      if (probe) rest(backoffMs(attempt, undefined, random))
    } else if (probe || (!tripped && failures >= FAILURES_TO_OPEN)) {
      rest(backoffMs(attempt, undefined, random, range))
    }
  }

  function denied(probe: boolean): void {
    if (tripped && !probe) return
    rest(Math.min(DENIED_CAP_MS, DENIED_BASE_MS * 2 ** refusals) * (0.5 + random() / 2))
    refusals += 1
  }

  return {
    waitMs() {
      if (!tripped) return 0
      const left = Math.max(gateUntil, restUntil) - clock.now()
      if (left > 0) return left
      return probing ? Number.POSITIVE_INFINITY : 0
    },
    departed() {
      if (tripped) probing = true
      return { probe: tripped }
    },
    answered({ probe }, health) {
      if (probe) probing = false
      switch (health.kind) {
        case 'healthy':
          // An answer to a request that left before the circuit opened does not overrule a later one.
          if (tripped && !probe) break
          // Nor does it overrule what an earlier request was told while the probe was out.
          tripped = gateUntil > clock.now()
          failures = 0
          refusals = 0
          break
        case 'busy':
          busy(
            probe,
            health.attempt,
            health.afterMs,
            health.unreachable === true ? UNREACHABLE_BACKOFF : DEFAULT_BACKOFF,
          )
          break
        case 'denied':
          denied(probe)
          break
        case 'unknown':
          break
        default:
          health satisfies never
      }
    },
    hurry(forMs) {
      hurriedUntil = clock.now() + forMs
      restUntil = Math.min(restUntil, clock.now())
    },
    get state() {
      if (!tripped) return 'closed'
      return Math.max(gateUntil, restUntil) > clock.now() ? 'open' : 'half-open'
    },
  }
}
