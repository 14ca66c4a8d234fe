import { releaseRows } from './batch.ts'
import type { Batch, DropReason, Settlement } from './batch.ts'
import type { AzlogsErrorCode } from './errors.ts'
import { addCounts, noCounts, totalOf } from './level-counts.ts'
import type { LevelCounts } from './level-counts.ts'
import type { ShipperStats } from './shipper-stats.ts'
import { createSettlementBarrier } from './settlement-barrier.ts'

/** The books: where every record is, at every instant. */
export interface Ledger {
  readonly counters: Counters
  /** Batches that are not settled. */
  readonly unsettled: ReadonlySet<Batch>
  /** Bytes of their JSON that are in memory. */
  readonly unsettledBytes: number
  /** Records in them. */
  readonly unsettledRows: number
  readonly dropped: number
  /** The sums as they are now, for those who keep them. */
  sums(): LedgerSums
  add(batch: Batch): void
  replace(batch: Batch, by: readonly Batch[]): void
  /** Rows are back from the spool. `stub` stood for them, unless they are another process's. */
  replayed(stub: Batch | undefined, parts: readonly Batch[], damaged: number): void
  /** The batch's rows are in its file only. */
  evicted(batch: Batch): void
  /** False when the batch had been settled before, as the end of the process may do. */
  settle(batch: Batch, settlement: Settlement): boolean
  drop(levels: LevelCounts, reason: DropReason): void
  /** Resolves when everything that is not settled now is. */
  wait(): Promise<void>
  /** Nobody waits any longer: what is left stays in the spool. */
  endWaiting(): void
}

/** Sums since the start. */
interface Counters {
  /** Those that come from the spool included. */
  accepted: number
  delivered: number
  quarantined: number
  recovered: number
  repaired: number
  shortened: number
  requests: number
  retries: number
  splits: number
  deliveredBytes: number
  deliveredWireBytes: number
  readonly quarantinedBy: Partial<Record<AzlogsErrorCode, number>>
  readonly droppedLevels: Record<DropReason, Record<string, number>>
}

/** The part of the statistics that only grows. */
type LedgerSums = Omit<Counters, 'droppedLevels'> &
  Pick<ShipperStats, 'dropped' | 'droppedBy' | 'droppedLevels'>

export function createLedger(): Ledger {
  const counters: Counters = {
    accepted: 0,
    delivered: 0,
    quarantined: 0,
    recovered: 0,
    repaired: 0,
    shortened: 0,
    requests: 0,
    retries: 0,
    splits: 0,
    deliveredBytes: 0,
    deliveredWireBytes: 0,
    quarantinedBy: {},
    droppedLevels: {
      'buffer-full': noCounts(),
      'retries-exhausted': noCounts(),
      deadline: noCounts(),
      closed: noCounts(),
      'spool-full': noCounts(),
      'spool-lost': noCounts(),
    },
  }
  const unsettled = new Set<Batch>()
  const barrier = createSettlementBarrier<Batch>()
  let unsettledBytes = 0
  let unsettledRows = 0
  let dropped = 0

  function add(batch: Batch): void {
    unsettled.add(batch)
    unsettledBytes += memoryOf(batch)
    unsettledRows += batch.records
  }

  function remove(batch: Batch): boolean {
    if (!unsettled.delete(batch)) return false
    unsettledBytes -= memoryOf(batch)
    unsettledRows -= batch.records
    return true
  }

  function drop(levels: LevelCounts, reason: DropReason): void {
    addCounts(counters.droppedLevels[reason], levels)
    dropped += totalOf(levels)
  }

  return {
    counters,
    unsettled,
    add,
    replace(batch, by) {
      if (!remove(batch)) return
      if (by.length > 1) counters.splits += 1
      for (const part of by) add(part)
      barrier.replaced(batch, by)
    },
    replayed(stub, parts, damaged) {
      let records = damaged
      for (const part of parts) records += part.records
      if (stub === undefined) {
        counters.accepted += records
        counters.recovered += records
      } else if (!remove(stub)) return
      for (const part of parts) add(part)
      counters.quarantined += damaged
      addCounts(counters.quarantinedBy, damaged > 0 ? { AZLOGS_SPOOL_DAMAGED: damaged } : {})
      if (stub === undefined) return
      if (stub.records > records) drop({ unknown: stub.records - records }, 'spool-lost')
      if (parts.length > 0) barrier.replaced(stub, parts)
      else barrier.settled(stub)
    },
    evicted(batch) {
      if (unsettled.has(batch)) unsettledBytes -= memoryOf(batch)
      releaseRows(batch)
    },
    settle(batch, settlement) {
      if (!remove(batch)) return false
      switch (settlement.kind) {
        case 'delivered':
          counters.delivered += batch.records
          counters.deliveredBytes += batch.rawBytes
          counters.deliveredWireBytes += settlement.wireBytes
          if (batch.whole !== undefined) counters.shortened += 1
          break
        case 'quarantined':
          counters.quarantined += batch.records
          addCounts(counters.quarantinedBy, { [settlement.error.code]: batch.records })
          break
        case 'dropped':
          drop(batch.levels, settlement.reason)
          break
        default:
          settlement satisfies never
      }
      barrier.settled(batch)
      return true
    },
    drop,
    sums() {
      const { droppedLevels, quarantinedBy, ...sums } = counters
      return {
        ...sums,
        quarantinedBy: { ...quarantinedBy },
        dropped,
        droppedBy: mapValues(droppedLevels, totalOf),
        droppedLevels: mapValues(droppedLevels, (levels) => ({ ...levels })),
      }
    },
    wait: () => barrier.wait(unsettled),
    endWaiting: () => barrier.open(),
    get unsettledBytes() {
      return unsettledBytes
    },
    get unsettledRows() {
      return unsettledRows
    },
    get dropped() {
      return dropped
    },
  }
}

function memoryOf({ rawBytes, offsets }: Batch): number {
  return offsets.length === 0 ? 0 : rawBytes
}

function mapValues<Value>(
  record: Readonly<Record<DropReason, LevelCounts>>,
  map: (levels: LevelCounts) => Value,
): Record<DropReason, Value> {
  return {
    'buffer-full': map(record['buffer-full']),
    'retries-exhausted': map(record['retries-exhausted']),
    deadline: map(record.deadline),
    closed: map(record.closed),
    'spool-full': map(record['spool-full']),
    'spool-lost': map(record['spool-lost']),
  }
}
