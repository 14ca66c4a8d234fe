import type { AzlogsError } from './errors.ts'
import { unpack, unpackNow } from './gzip.ts'
import { levelsOf } from './level-counts.ts'
import type { LevelCounts } from './level-counts.ts'
import { halve, rowText } from './packer.ts'
import type { PackedRows } from './packer.ts'
import type { SpoolFile } from './spool-file.ts'

/** Rows that travel together, from the moment they are sealed until they are settled. */
export interface Batch {
  /** Bytes of JSON, brackets and commas counted. */
  readonly rawBytes: number
  readonly records: number
  /** Where each row begins in the JSON; empty when the JSON is in no memory. */
  offsets: readonly number[]
  /** Its records by level. */
  readonly levels: LevelCounts
  /** When the first of its rows was pushed, on the monotonic clock. */
  readonly openedAt: number
  /** What it was before its only row was shortened; undefined when that row is whole. */
  readonly whole: Batch | undefined
  /** Comes from the spool: it gives way to what is being logged now. */
  readonly replayed: boolean
  /** The file that its rows are in; see {@link SpoolFile.complete}. */
  file: SpoolFile | undefined
  /** The JSON, until it has been compressed. */
  packed: PackedRows | undefined
  /** The gzipped body: made once, sent as often as it takes. */
  body: Buffer | undefined
  /** Attempts that failed. */
  failures: number
  /** Why the last of them failed. */
  lastError: AzlogsError | undefined
  /** When the first attempt failed, on the monotonic clock. */
  firstFailureAt: number | undefined
}

/** Why records were dropped. */
export type DropReason =
  | 'buffer-full'
  | 'retries-exhausted'
  | 'deadline'
  | 'closed'
  | 'spool-full'
  | 'spool-lost'

/** What finally became of a batch. */
export type Settlement =
  | { readonly kind: 'delivered'; readonly wireBytes: number }
  | { readonly kind: 'quarantined'; readonly error: AzlogsError; readonly records: readonly string[] }
  | { readonly kind: 'dropped'; readonly reason: DropReason; readonly error: AzlogsError | undefined }

/** A batch of packed rows that has not been tried yet. */
export function createBatch(
  packed: PackedRows,
  levels: LevelCounts,
  openedAt: number,
  origin: Partial<Pick<Batch, 'whole' | 'replayed' | 'file'>> = {},
): Batch {
  return {
    rawBytes: packed.bytes.length,
    records: packed.offsets.length,
    offsets: packed.offsets,
    levels,
    openedAt,
    whole: origin.whole,
    replayed: origin.replayed ?? false,
    file: origin.file,
    packed,
    body: undefined,
    failures: 0,
    lastError: undefined,
    firstFailureAt: undefined,
  }
}

/** The batch's rows as JSON texts, as they were pushed. */
export async function recordsOf(batch: Batch): Promise<readonly string[]> {
  return textsIn(await textOf(batch.whole ?? batch))
}

/** The two halves of a batch of several rows. */
export async function splitBatch(batch: Batch): Promise<readonly Batch[]> {
  const text = await textOf(batch)
  const halves = halve(text)
  text.release()
  return halves.map((half) =>
    createBatch(half, levelsOf(textsIn(half)), batch.openedAt, {
      replayed: batch.replayed,
      file: batch.file,
    }),
  )
}

async function textOf(batch: Batch): Promise<PackedRows> {
  return batch.packed ?? unpack(batch.body ?? Buffer.alloc(0), batch.offsets)
}

function textsIn(packed: PackedRows): readonly string[] {
  return packed.offsets.map((_offset, index) => rowText(packed, index))
}

/** The batch's rows as UTF-8, now. Takes some milliseconds when they have been compressed. */
export function rowsNow(batch: Batch): readonly Uint8Array[] {
  const { bytes } = batch.packed ?? unpackNow(batch.body ?? Buffer.alloc(0), batch.offsets)
  return batch.offsets.map((start, index) => {
    const next = batch.offsets[index + 1]
    return bytes.subarray(start, next === undefined ? bytes.length - 1 : next - 1)
  })
}

/** Lets go of the rows: they are in the batch's file. */
export function releaseRows(batch: Batch): void {
  batch.packed?.release()
  batch.packed = undefined
  batch.body = undefined
  batch.offsets = []
}
