import type { DropReason } from './batch.ts'
import type { RouteState } from './delivery.ts'
import type { AzlogsErrorCode } from './errors.ts'
import type { LevelCounts } from './level-counts.ts'
import type { SpoolStats } from './spool.ts'

/**
 * What became of the records so far. At every instant
 * `accepted = delivered + quarantined + dropped + pending`.
 */
export interface ShipperStats {
  /** Records pushed, those that were dropped at once included. */
  readonly accepted: number
  /** Answered with 2xx. */
  readonly delivered: number
  /** Refused by the service for good, and handed to `onProblem`. */
  readonly quarantined: number
  /** Lost, by our doing: see {@link ShipperStats.droppedBy}. */
  readonly dropped: number
  /** Not settled yet. */
  readonly pending: number
  /** Quarantined records by the code of the refusal. */
  readonly quarantinedBy: Readonly<Partial<Record<AzlogsErrorCode, number>>>
  /** Dropped records by reason. */
  readonly droppedBy: Readonly<Record<DropReason, number>>
  /** Dropped records by reason and level. */
  readonly droppedLevels: Readonly<Record<DropReason, LevelCounts>>
  /** Records with values that JSON refuses, shipped with a mark in their place. */
  readonly repaired: number
  /** Records over what one request carries, shipped with their longest strings cut. */
  readonly shortened: number
  /** Records that earlier processes left in the spool and this one took over; they count as accepted. */
  readonly recovered: number
  /** Bytes of JSON not settled yet that are in memory. */
  readonly pendingBytes: number
  /** Time since the oldest record that is not settled was pushed, in milliseconds; 0 when there is none. */
  readonly oldestPendingMs: number
  /** Batches with a sender at work on them. */
  readonly inFlight: number
  /** HTTP requests made. */
  readonly requests: number
  /** Attempts that failed and were repeated. */
  readonly retries: number
  /** Batches divided, after a 413 or to find a record that the service refuses. */
  readonly splits: number
  /** Bytes of JSON delivered. */
  readonly deliveredBytes: number
  /** The same, compressed: what went over the wire. */
  readonly deliveredWireBytes: number
  /** Each destination: its circuit, its limit of parallel requests, its traffic. */
  readonly routes: readonly RouteState[]
  /** The spool; undefined without one. */
  readonly spool: SpoolStats | undefined
  /** Age of the token in use, in milliseconds; undefined when there is none. */
  readonly tokenAgeMs: number | undefined
  /** This clock minus the service's, in milliseconds, by its last `Date` header; undefined before the first answer. */
  readonly clockDifferenceMs: number | undefined
}
