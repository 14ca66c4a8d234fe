import { channel } from 'node:diagnostics_channel'

import type { DropReason, Settlement } from './batch.ts'
import type { AzlogsErrorCode } from './errors.ts'
import type { LevelCounts } from './level-counts.ts'

/** A request with a batch has left: channel `azlogs:batch:sent`. */
export interface BatchSent {
  /** Records in the batch. */
  readonly records: number
  /** Bytes of its JSON. */
  readonly rawBytes: number
  /** Bytes of its gzip: what goes over the wire. */
  readonly wireBytes: number
  /** 1 for the first attempt. */
  readonly attempt: number
}

/** An attempt failed and will be repeated: channel `azlogs:batch:retried`. */
export interface BatchRetried {
  /** Records in the batch. */
  readonly records: number
  /** Attempts that failed so far. */
  readonly failures: number
  /** Why the attempt failed. */
  readonly code: AzlogsErrorCode
}

/** A batch has come to its end: channel `azlogs:batch:settled`. */
export interface BatchSettled {
  /** Records in the batch. */
  readonly records: number
  /** What became of it. */
  readonly outcome: Settlement['kind']
}

/** Records were dropped: channel `azlogs:records:dropped`. */
export interface RecordsDropped {
  /** Why: a key of `stats().droppedBy`. */
  readonly reason: DropReason
  /** How many of which level. */
  readonly levels: LevelCounts
}

// Without a subscriber, publishing costs a property read.
const sent = channel('azlogs:batch:sent')
const retried = channel('azlogs:batch:retried')
const settled = channel('azlogs:batch:settled')
const dropped = channel('azlogs:records:dropped')

export function publishSent(event: BatchSent): void {
  if (sent.hasSubscribers) sent.publish(event)
}

export function publishRetried(event: BatchRetried): void {
  if (retried.hasSubscribers) retried.publish(event)
}

export function publishSettled(event: BatchSettled): void {
  if (settled.hasSubscribers) settled.publish(event)
}

export function publishDropped(event: RecordsDropped): void {
  if (dropped.hasSubscribers) dropped.publish(event)
}
