import type { ShipperStats } from './shipper-stats.ts'

/** Ships rows in the background: batched, compressed, in parallel, with retries. */
export interface Shipper {
  /**
   * Takes a row. Synchronous; never waits, never throws, whatever the row is.
   *
   * @returns false under pressure: the memory bound is near, or the row had to be dropped (and is counted)
   */
  push(row: object): boolean
  /**
   * Sends what is waiting and resolves when everything pushed before is settled: delivered, quarantined or dropped. Never
   * rejects. With `timeoutMs` it resolves after that time at the latest; with a spool, which never gives up, that is wise.
   */
  flush(options?: { readonly timeoutMs?: number }): Promise<FlushResult>
  /**
   * Does what `close()` does within `closeTimeoutMs`, but the shipper stays open and keeps what could not be sent: for
   * hosts that may come back after their end. Never rejects. Nothing of a drained shipper is left in the process.
   */
  drain(): Promise<FlushResult>
  /**
   * Takes no more rows, sends what is left within `timeoutMs` (default `closeTimeoutMs`) and drops, with a report, what
   * could not be sent by then, or leaves it in the spool. Never rejects; every call gets the promise of the first.
   */
  close(options?: { readonly timeoutMs?: number }): Promise<ShipperStats>
  /** What became of the records so far. Cheap: no waiting, no IO. */
  stats(): ShipperStats
  /**
   * Resolves when everything pushed before is in a file of the spool, and with `spool.fsync` on the disk.
   *
   * @throws AzlogsError `AZLOGS_SPOOL_FULL` or `AZLOGS_SPOOL` when it could not be written: it is in memory only, and the spool
   * is tried again; `AZLOGS_CONFIG` without a spool
   */
  durable(): Promise<void>
  /** As `close()`, at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>
}

/** What a flush achieved. */
export interface FlushResult {
  /** True when everything pushed before the call is settled; false when the time ran out first. */
  readonly complete: boolean
  /** Records, of all those pushed so far, that are not settled. */
  readonly pending: number
}
