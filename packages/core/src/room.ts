import type { Batch } from './batch.ts'
import type { Batching } from './batching.ts'
import type { Delivery } from './delivery.ts'
import type { Ledger } from './ledger.ts'
import { CALM_SHARE, COMMON_SHARE, shareOf } from './memory-share.ts'
import { MAX_BYTES_PER_UNIT } from './packer.ts'
import type { Spool } from './spool.ts'

/** Keeps what is not settled within the memory bound. */
export interface Room {
  /** Makes room for a row, if its severity may have it. */
  makeFor(json: string, row: object): boolean
  /** Bytes of JSON in memory. */
  readonly usedBytes: number
}

export interface RoomOptions {
  readonly maxBufferBytes: number
  readonly overflow: 'drop-newest' | 'drop-oldest'
  readonly batching: Batching
  readonly delivery: Delivery
  readonly ledger: Ledger
  readonly spool: Spool | undefined
  /** The batch has to go. */
  readonly onDropped: (batch: Batch) => void
}

export function createRoom(options: RoomOptions): Room {
  const { maxBufferBytes, batching, delivery, ledger, spool } = options
  // With a spool there is no need to come near the bound: rows that are in a file need no memory.
  const calmBytes = maxBufferBytes * (spool === undefined ? COMMON_SHARE : CALM_SHARE)

  function usedBytes(): number {
    return ledger.unsettledBytes + batching.openBytes
  }

  function evict(to: Spool, downTo: number): void {
    let more = true
    while (more && usedBytes() > downTo) more = evictOldest(to)
  }

  /** Lets go of a batch that is in a file, or can be written to one. False when there is none. */
  function evictOldest(to: Spool): boolean {
    const suits = ({ file }: Batch): boolean => file?.divided !== true
    let batch = delivery.takeOldest(suits)
    if (batch === undefined && batching.openBytes > maxBufferBytes / 8) {
      batching.seal()
      batch = delivery.takeOldest(suits)
    }
    if (batch === undefined) return false
    if (!to.evict(batch)) {
      delivery.putBack(batch)
      return false
    }
    ledger.evicted(batch)
    return true
  }

  return {
    makeFor(json, row) {
      // The cheap bound first: the bytes are counted only when they may matter.
      if (usedBytes() + json.length * MAX_BYTES_PER_UNIT <= calmBytes) return true
      const size = Buffer.byteLength(json)
      if (spool !== undefined) evict(spool, calmBytes - size)
      const bound = maxBufferBytes * shareOf(row)
      while (usedBytes() + size > bound) {
        if (options.overflow === 'drop-newest') return false
        const oldest = delivery.takeOldest()
        if (oldest === undefined) return false
        options.onDropped(oldest)
      }
      return true
    },
    get usedBytes() {
      return usedBytes()
    },
  }
}
