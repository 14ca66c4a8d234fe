import { untilAborted } from './abortable.ts'
import type { BackoffRange } from './backoff.ts'
import type { Clock } from './clock.ts'
import { AzlogsError, messageOf } from './errors.ts'
import type { PackingLimit } from './packing-limit.ts'
import type { Send } from './sender.ts'
import { createSlots } from './slots.ts'
import { asRecord, failureOf } from './upload-batch.ts'
import type { BatchSource, Unread, UploadBatch, UploadItem } from './upload-batch.ts'
import { abortedUpload, createUploadDelivery } from './upload-delivery.ts'
import { AggregateLogsUploadError } from './upload-error.ts'
import type { LogsUploadFailure } from './upload-error.ts'

/** Counters of an upload. */
export interface UploadProgress {
  /** Records in requests that were answered with 2xx. The service may still drop rows or columns that its DCR does not take. */
  readonly acceptedCount: number
  /** Records that were not accepted. */
  readonly failedCount: number
  /** Requests sent, all repetitions included. */
  readonly requestCount: number
  /** Attempts of a batch after one that failed with 408, 429, 5xx or no answer. */
  readonly retryCount: number
  /** Bytes of JSON in the accepted batches. */
  readonly uncompressedBytes: number
  /** Bytes of gzip in the accepted batches: each once, however often it was sent. */
  readonly compressedBytes: number
}

/** What an upload did. */
export type UploadResult = UploadProgress

/** What the caller of an upload may set. */
export interface LogsUploadOptions {
  /**
   * Requests under way at once. No more batches than that, and the one that is being filled, are in memory.
   * @default 5
   */
  readonly maxConcurrency?: number
  /** Ends the upload. Every record that was not accepted by then is reported as failed with `AZLOGS_ABORTED`. */
  readonly abortSignal?: AbortSignal
  /**
   * Called once for each batch, or lone record, that failed; its promise is awaited. With it `upload` resolves with the
   * counts instead of throwing an aggregate. When it throws, uploading stops and that error surfaces. Calls may overlap.
   */
  readonly onError?: (failure: LogsUploadFailure) => void | Promise<void>
  /**
   * Called after each batch that was accepted, with the 0-based numbers of its records among those uploaded: what is needed to
   * go on later with an upload that was interrupted. When it throws, uploading stops and that error surfaces.
   */
  readonly onAccepted?: (indices: readonly number[]) => void | Promise<void>
  /** Called after each batch, or lone record, is settled. When it throws, uploading stops and that error surfaces. */
  readonly onProgress?: (progress: UploadProgress) => void | Promise<void>
}

/** What running an upload needs beside its source. */
export interface UploadRun {
  readonly connect: (onRequest: () => void) => Send
  readonly clock: Clock
  readonly gzipLevel: number
  readonly limit: PackingLimit
  readonly maxRetries: number
  readonly backoff: BackoffRange
  readonly maxConcurrency: number
  readonly abortSignal: AbortSignal
  readonly onError: LogsUploadOptions['onError']
  readonly onAccepted: LogsUploadOptions['onAccepted']
  readonly onProgress: LogsUploadOptions['onProgress']
}

/**
 * Sends everything that a source has, and accounts for each record of it.
 *
 * @throws AggregateLogsUploadError when records failed and there is no `onError`; the source's own error; what a callback threw.
 */
export async function runUpload(source: BatchSource, run: UploadRun): Promise<UploadResult> {
  const counts = {
    acceptedCount: 0,
    failedCount: 0,
    requestCount: 0,
    retryCount: 0,
    uncompressedBytes: 0,
    compressedBytes: 0,
  }
  const failures: LogsUploadFailure[] = []
  const halt = new AbortController()
  const deliver = createUploadDelivery({
    ...run,
    haltSignal: halt.signal,
    send: run.connect(() => {
      counts.requestCount += 1
    }),
    onRetry: () => {
      counts.retryCount += 1
    },
  })
  /** What the caller's callbacks and the source threw. */
  const thrown: { callback?: { readonly error: unknown }; source?: { readonly error: unknown } } = {}

  async function call<T>(
    callback: ((value: T) => void | Promise<void>) | undefined,
    value: T,
  ): Promise<void> {
    if (callback === undefined || thrown.callback !== undefined) return
    try {
      await callback(value)
    } catch (error) {
      thrown.callback ??= { error }
      halt.abort()
    }
  }

  async function fail(failure: LogsUploadFailure): Promise<void> {
    counts.failedCount += failure.indices.length
    if (run.onError === undefined) failures.push(failure)
    await call(run.onError, failure)
    await call(run.onProgress, { ...counts })
  }

  async function accept(
    batch: UploadBatch,
    uncompressedBytes: number,
    compressedBytes: number,
  ): Promise<void> {
    counts.acceptedCount += batch.indices.length
    counts.uncompressedBytes += uncompressedBytes
    counts.compressedBytes += compressedBytes
    await call(run.onAccepted, batch.indices)
    await call(run.onProgress, { ...counts })
  }

  async function settle(item: UploadItem): Promise<void> {
    if (item.kind === 'failure') return fail(item.failure)
    for (const result of await deliver(item.batch)) {
      await (result.kind === 'accepted'
        ? accept(result.batch, result.uncompressedBytes, result.compressedBytes)
        : fail(failureOf(result.batch, result.cause, result.body)))
    }
  }

  const slots = createSlots(run.maxConcurrency)
  const stop = (): void => halt.abort()
  if (run.abortSignal.aborted) stop()
  run.abortSignal.addEventListener('abort', stop, { once: true })
  while (!halt.signal.aborted) {
    // Before reading on, so that a slow service slows down the reading and memory stays bounded.
    await slots.free()
    const item = source.take()
    if (item !== undefined) slots.occupy(settle(item))
    else if (source.ended) break
    else {
      await untilAborted(source.fill(), halt.signal).catch((error: unknown) => {
        thrown.source = { error }
      })
    }
  }
  const unread = source.abandon()
  for (let item = source.take(); item !== undefined; item = source.take()) await settle(item)
  await slots.allFree()
  run.abortSignal.removeEventListener('abort', stop)

  if (unread !== undefined) await fail(unreadFailure(unread))
  if (thrown.callback !== undefined) throw thrown.callback.error
  if (thrown.source !== undefined) {
    if (failures.length === 0) throw thrown.source.error
    failures.push({ cause: asError(thrown.source.error), failedLogs: [], indices: [] })
  }
  if (failures.length > 0) throw new AggregateLogsUploadError(failures, counts)
  return counts
}

function unreadFailure({ from, logs }: Unread): LogsUploadFailure {
  if (logs !== undefined) {
    return {
      cause: abortedUpload(),
      failedLogs: logs.map(asRecord),
      indices: logs.map((_log, index) => from + index),
    }
  }
  const cause = new AzlogsError(
    'AZLOGS_ABORTED',
    `The upload was aborted; nothing was read from record ${from} on.`,
  )
  return { cause, failedLogs: [], indices: [] }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(messageOf(thrown), { cause: thrown })
}
