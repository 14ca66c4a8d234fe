import { createTimeWindow, withSixDecimals } from './auxiliary.ts'
import { createBatch } from './batch.ts'
import type { Batch } from './batch.ts'
import { encodeRow } from './encode.ts'
import { levelOf, noCounts } from './level-counts.ts'
import { createPacker } from './packer.ts'
import type { PackedRows } from './packer.ts'
import { createPackingLimit } from './packing-limit.ts'
import type { PackingLimitOptions } from './packing-limit.ts'

/** Turns rows into sealed batches: by size, by age, by order. */
export interface Batching {
  /** Writes the row as JSON. */
  encode(row: object): EncodedEntry
  /** Puts an encoded row into the open batch. */
  add(entry: EncodedEntry): void
  /** Ends the open batch, if it holds a row. */
  seal(): void
  /** Call with every batch that has been compressed: its size decides how much the next ones may hold. */
  compressed(rawBytes: number, wireBytes: number): void
  /** Call when a batch of this many bytes was over what the service takes: the next ones will be smaller, for a while. */
  tooLarge(rawBytes: number): void
  /** What a batch may hold now, in bytes. */
  readonly limit: number
  readonly openRows: number
  readonly openBytes: number
  /** When the first row of the open batch was added, on the monotonic clock. */
  readonly openedAt: number | undefined
}

/** A row on its way into a batch. */
export interface EncodedEntry {
  readonly json: string
  readonly level: string
  /** JSON refused the row as it was, and what it refused is marked. */
  readonly repaired: boolean
  /** Its time, where that matters. */
  readonly timeMs: number
}

export interface BatchingOptions extends PackingLimitOptions {
  readonly maxBufferBytes: number
  readonly flushIntervalMs: number
  readonly plan: 'analytics' | 'auxiliary'
  readonly onSealed: (batch: Batch) => void
  /** Called with every row that has come into the open batch. */
  readonly onAdded: (json: string) => void
  /** Called when the open batch is old enough to be sealed. Until somebody does, it goes on filling. */
  readonly onDue: () => void
}

export function createBatching(options: BatchingOptions): Batching {
  const { clock } = options
  const limit = createPackingLimit(options)
  // Several batches fit into the memory bound, so that a small bound is met by sending and not by dropping.
  const ceiling = Math.min(limit.ceiling, Math.floor(options.maxBufferBytes / 4))
  const packer = createPacker(ceiling)
  const window = options.plan === 'auxiliary' ? createTimeWindow() : undefined
  let levels = noCounts()
  let openedAt: number | undefined
  let cancelInterval: (() => void) | undefined
  packer.limit = limit.current

  function dispatch(packed: PackedRows): void {
    cancelInterval?.()
    cancelInterval = undefined
    const batch = createBatch(packed, levels, openedAt ?? clock.now())
    levels = noCounts()
    openedAt = undefined
    window?.restart()
    limit.sealed(packed.bytes)
    packer.limit = limit.current
    options.onSealed(batch)
  }

  function seal(): void {
    const packed = packer.seal()
    if (packed !== undefined) dispatch(packed)
  }

  return {
    encode(row) {
      if (window === undefined) {
        const { json, repaired } = encodeRow(row)
        return { json, repaired, level: levelOf(row), timeMs: 0 }
      }
      const padded = withSixDecimals(row)
      const { json, repaired } = encodeRow(padded.row)
      return { json, repaired, level: levelOf(row), timeMs: padded.timeMs }
    },
    add({ json, level, timeMs }) {
      if (window?.isOver(timeMs) === true) seal()
      const sealed = packer.add(json)
      for (const packed of sealed) {
        // A row too large to share a batch comes out of the packer at once, after the batch that it found open.
        if (packed === sealed.at(-1) && packer.openRows === 0) levels = { [level]: 1 }
        dispatch(packed)
      }
      if (packer.openRows === 0) return
      levels[level] = (levels[level] ?? 0) + 1
      window?.add(timeMs)
      options.onAdded(json)
      if (packer.openRows > 1) return
      openedAt = clock.now()
      cancelInterval = clock.after(options.flushIntervalMs, options.onDue)
    },
    seal,
    compressed(rawBytes, wireBytes) {
      limit.compressed(rawBytes, wireBytes)
      packer.limit = limit.current
    },
    tooLarge(rawBytes) {
      limit.tooLarge(rawBytes)
      packer.limit = limit.current
    },
    get limit() {
      return packer.limit
    },
    get openRows() {
      return packer.openRows
    },
    get openBytes() {
      return packer.openBytes
    },
    get openedAt() {
      return openedAt
    },
  }
}
