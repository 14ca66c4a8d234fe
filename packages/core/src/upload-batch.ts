import { gunzipSync } from 'node:zlib'

import { AzlogsError } from './errors.ts'
import { createPacker } from './packer.ts'
import type { PackedRows } from './packer.ts'
import type { PackingLimit } from './packing-limit.ts'
import { MAX_INFLATED_BYTES } from './service.ts'
import type { LogsUploadFailure } from './upload-error.ts'

/** Records of an upload that travel in one request. */
export interface UploadBatch {
  readonly packed: PackedRows
  /** The number of each record in its source; not always consecutive, since a record may fail before it gets here. */
  readonly indices: readonly number[]
  /** The records as they were given; undefined for those of a file, which exist as text only. */
  readonly logs: readonly object[] | undefined
}

/** What a source of an upload hands on: records to be sent, or records that already failed. */
export type UploadItem =
  | { readonly kind: 'batch'; readonly batch: UploadBatch }
  | { readonly kind: 'failure'; readonly failure: LogsUploadFailure }

/** Where an upload gets its batches from. Reads no further than one of them. */
export interface BatchSource {
  /**
   * Reads on until there is something to take, or the source has ended. Rejects with the source's own error, after which
   * the source has ended and what was read before can still be taken.
   */
  fill(): Promise<void>
  take(): UploadItem | undefined
  readonly ended: boolean
  /** Ends reading. What was read can still be taken; the result tells what was not, if anything was left. */
  abandon(): Unread | undefined
}

/** The part of a source that was never read. */
export interface Unread {
  /** Number of the first record that was not read. */
  readonly from: number
  /** Those records, where the source is one of known size; undefined where nobody can tell how many there are. */
  readonly logs: readonly object[] | undefined
}

/** Puts the records of one upload into batches. */
export interface Batcher {
  add(json: string | Uint8Array, index: number, log: object | undefined): void
  /** Hands on a record that fails before it was ever sent. */
  fail(cause: AzlogsError, index: number, log: object | undefined): void
  /** Ends the open batch. */
  seal(): void
  take(): UploadItem | undefined
  /** True when there is something to take. */
  readonly ready: boolean
}

export function createBatcher(limit: PackingLimit): Batcher {
  const packer = createPacker(limit.ceiling)
  const items: UploadItem[] = []
  let indices: number[] = []
  let logs: object[] = []

  function emit(packed: PackedRows): void {
    const count = packed.offsets.length
    const batch = { packed, indices: indices, logs: logs.length === 0 ? undefined : logs }
    // A record may already be waiting behind those of this batch: the one that did not fit.
    indices = batch.indices.splice(count)
    logs = logs.splice(count)
    limit.sealed(packed.bytes)
    items.push({ kind: 'batch', batch })
  }

  function fail(cause: AzlogsError, index: number, log: object | undefined): void {
    const failedLogs = log === undefined ? [] : [asRecord(log)]
    items.push({ kind: 'failure', failure: { cause, failedLogs, indices: [index] } })
  }

  return {
    add(json, index, log) {
      // The cheap bound first: UTF-8 needs at most three bytes for a UTF-16 unit.
      if (json.length * 3 > MAX_INFLATED_BYTES) {
        const size = typeof json === 'string' ? Buffer.byteLength(json) : json.length
        if (size + 2 > MAX_INFLATED_BYTES) return fail(recordTooLarge(index, size), index, log)
      }
      indices.push(index)
      if (log !== undefined) logs.push(log)
      for (const packed of packer.add(json)) emit(packed)
    },
    fail,
    seal() {
      const packed = packer.seal()
      if (packed !== undefined) emit(packed)
    },
    take() {
      // Here and not for every record: what is learnt about sizes is learnt between two batches.
      packer.limit = limit.current
      return items.shift()
    },
    get ready() {
      return items.length > 0
    },
  }
}

/** The report of a batch that failed. `body` is its gzipped text, for batches that have let go of the plain one. */
export function failureOf(batch: UploadBatch, cause: Error, body: Buffer | undefined): LogsUploadFailure {
  const indices = [...batch.indices]
  if (batch.logs !== undefined) return { cause, failedLogs: batch.logs.map(asRecord), indices }
  // Copied, because the bytes lie in a buffer that other batches use later.
  const text = body ?? Buffer.from(batch.packed.bytes)
  return {
    cause,
    get failedLogs() {
      return JSON.parse((body === undefined ? text : gunzipSync(text)).toString()) as Record<
        string,
        unknown
      >[]
    },
    indices,
  }
}

/** The error of a record that no request can carry. */
export function recordTooLarge(index: number, bytes: number, gzippedBytes?: number): AzlogsError {
  const gzipped = gzippedBytes === undefined ? '' : ` (${gzippedBytes} gzipped)`
  return new AzlogsError(
    'AZLOGS_RECORD_TOO_LARGE',
    `Record ${index} is ${bytes} bytes of JSON${gzipped}. One request carries 52,428,800 bytes of JSON at most, and 1,048,576 gzipped.`,
  )
}

/** An object under the type that the official client has for logs. */
export function asRecord(log: object): Record<string, unknown> {
  return log as Record<string, unknown>
}
