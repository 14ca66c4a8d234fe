import { createBudget } from './budget.ts'
import type { Clock } from './clock.ts'
import type { AzlogsError } from './errors.ts'
import type { Outcome } from './outcome.ts'
import { MAX_WIRE_BYTES } from './service.ts'

/** Decides whether a batch is sent again in halves. */
export interface Division {
  /** `size`: it is too large; `content`: something in it is refused; undefined: halves would fare no better. */
  reasonFor(outcome: Outcome, tried: TriedBatch): 'size' | 'content' | undefined
}

/** A batch as it was sent. */
interface TriedBatch {
  readonly records: number
  readonly wireBytes: number
  /** Attempts that failed before. */
  readonly failures: number
}

/** Batches divided after a 400 in any minute: a wrong table must not turn each of its rows into two requests. */
const BISECTIONS_PER_MINUTE = 64

/**
 * A body of this many bytes whose connection is reset may have been reset for its size: the service ends an upload that
 * is too large without waiting for it (`ReadyBody_ClientConnectionAbort`).
 */
const SUSPICIOUS_WIRE_BYTES: number = MAX_WIRE_BYTES / 2

export function createDivision(clock: Clock): Division {
  const bisections = createBudget(BISECTIONS_PER_MINUTE, 60_000, clock)
  return {
    reasonFor(outcome, tried) {
      switch (outcome.kind) {
        case 'too-large':
          return 'size'
        case 'retry':
          return tried.records > 1 && wasResetForItsSize(outcome.error, tried) ? 'size' : undefined
        case 'too-wide':
          return tried.records > 1 ? 'content' : undefined
        case 'rejected':
          return tried.records > 1 && isAboutARecord(outcome.error) && bisections.take()
            ? 'content'
            : undefined
        default:
          return undefined
      }
    },
  }
}

// The second time, that is: the first may as well be a connection that had been idle for too long.
function wasResetForItsSize(error: AzlogsError, { wireBytes, failures }: TriedBatch): boolean {
  const reset = error.serviceCode === 'ECONNRESET' || error.serviceCode === 'EPIPE'
  return reset && failures > 0 && wireBytes > SUSPICIOUS_WIRE_BYTES
}

// A 415, say, is about how we ask: every record would be refused.
function isAboutARecord({ statusCode }: AzlogsError): boolean {
  return statusCode === 400 || statusCode === 501 || statusCode === 505
}
