import { wait } from './abortable.ts'
import { backoffMs } from './backoff.ts'
import type { BackoffRange } from './backoff.ts'
import type { Clock } from './clock.ts'
import { AzlogsError, messageOf } from './errors.ts'
import { createDivision } from './division.ts'
import { compress, unpack } from './gzip.ts'
import { halve } from './packer.ts'
import type { PackedRows } from './packer.ts'
import type { PackingLimit } from './packing-limit.ts'
import type { Send } from './sender.ts'
import { MAX_WIRE_BYTES } from './service.ts'
import { recordTooLarge } from './upload-batch.ts'
import type { UploadBatch } from './upload-batch.ts'

/** What finally became of a batch. */
type Delivered =
  | {
      readonly kind: 'accepted'
      readonly batch: UploadBatch
      readonly uncompressedBytes: number
      readonly compressedBytes: number
    }
  | {
      readonly kind: 'failed'
      readonly batch: UploadBatch
      readonly cause: AzlogsError
      /** The gzipped text, once there is one. */
      readonly body: Buffer | undefined
    }

/** What delivering batches needs. */
export interface UploadDeliveryOptions {
  readonly send: Send
  readonly clock: Clock
  readonly gzipLevel: number
  /** Attempts after the first. */
  readonly maxRetries: number
  readonly backoff: BackoffRange
  /** Ends requests under way. */
  readonly abortSignal: AbortSignal
  /** Ends waits: no new request leaves once this has fired. Fires no later than `abortSignal`. */
  readonly haltSignal: AbortSignal
  /** Told of what was too large, and how large bodies become. */
  readonly limit: Pick<PackingLimit, 'compressed' | 'tooLarge'>
  /** Called before each repeated attempt. */
  readonly onRetry: () => void
}

/**
 * Gzips a batch once, sends it, and repeats what may succeed later. More than one result where the batch had to be divided:
 * it was too large, or one of its records is refused. Never rejects.
 */
export type Deliver = (batch: UploadBatch) => Promise<readonly Delivered[]>

export function createUploadDelivery(options: UploadDeliveryOptions): Deliver {
  const { clock, haltSignal } = options
  const division = createDivision(clock)
  /** No request before this time: what the service asked for concerns the DCR, not one batch. */
  let gateOpensAt = 0

  async function deliver(batch: UploadBatch): Promise<readonly Delivered[]> {
    if (haltSignal.aborted) return [failed(batch, abortedUpload(), undefined)]
    const uncompressedBytes = batch.packed.bytes.length
    let body: Buffer
    try {
      body = await compress(batch.packed.bytes, options.gzipLevel)
    } catch (error) {
      return [failed(batch, internalError('gzip', error), undefined)]
    }
    options.limit.compressed(uncompressedBytes, body.length)
    if (body.length <= MAX_WIRE_BYTES) {
      batch.packed.release()
      return transmit(batch, body, uncompressedBytes)
    }
    const halves = halvesOf(batch, batch.packed)
    batch.packed.release()
    if (halves.length === 0) {
      return [failed(batch, recordTooLarge(batch.indices[0] ?? 0, uncompressedBytes, body.length), body)]
    }
    return deliverAll(halves)
  }

  async function deliverAll(batches: readonly UploadBatch[]): Promise<readonly Delivered[]> {
    const results: Delivered[] = []
    for (const batch of batches) results.push(...(await deliver(batch)))
    return results
  }

  async function transmit(
    batch: UploadBatch,
    body: Buffer,
    uncompressedBytes: number,
  ): Promise<readonly Delivered[]> {
    let lastError: AzlogsError | undefined
    for (let attempt = 0; ; attempt++) {
      await passGate()
      if (haltSignal.aborted) return [failed(batch, abortedUpload(lastError), body)]
      if (attempt > 0) options.onRetry()
      const outcome = await options.send(body, options.abortSignal)
      if (outcome.kind === 'delivered') {
        return [{ kind: 'accepted', batch, uncompressedBytes, compressedBytes: body.length }]
      }
      const tried = { records: batch.indices.length, wireBytes: body.length, failures: attempt }
      const reason = division.reasonFor(outcome, tried)
      if (reason === 'size') options.limit.tooLarge(uncompressedBytes)
      if (reason !== undefined && tried.records > 1) return divide(batch, body)
      if (outcome.kind !== 'retry') return [failed(batch, outcome.error, body)]
      lastError = outcome.error
      if (outcome.afterMs !== undefined) gateOpensAt = Math.max(gateOpensAt, clock.now() + outcome.afterMs)
      if (attempt >= options.maxRetries) return [failed(batch, lastError, body)]
      await wait(backoffMs(attempt, outcome.afterMs, Math.random, options.backoff), clock, haltSignal)
    }
  }

  async function divide(batch: UploadBatch, body: Buffer): Promise<readonly Delivered[]> {
    let text: PackedRows
    try {
      text = await unpack(body, batch.packed.offsets)
    } catch (error) {
      return [failed(batch, internalError('gunzip', error), body)]
    }
    return deliverAll(halvesOf(batch, text))
  }

  async function passGate(): Promise<void> {
    for (;;) {
      const closedFor = gateOpensAt - clock.now()
      if (closedFor <= 0 || haltSignal.aborted) return
      await wait(closedFor, clock, haltSignal)
    }
  }

  return deliver
}

/** The error of records that an ended upload did not get to. */
export function abortedUpload(lastError?: AzlogsError): AzlogsError {
  return new AzlogsError(
    'AZLOGS_ABORTED',
    'The upload was aborted before it was accepted.',
    lastError === undefined ? {} : { cause: lastError },
  )
}

function failed(batch: UploadBatch, cause: AzlogsError, body: Buffer | undefined): Delivered {
  return { kind: 'failed', batch, cause, body }
}

// Out of memory, most likely. It concerns this batch and not the process.
function internalError(what: string, error: unknown): AzlogsError {
  return new AzlogsError('AZLOGS_INTERNAL', `${what} failed: ${messageOf(error)}`, { cause: error })
}

/** The two halves of a batch of several records; none of a lone record. */
function halvesOf(batch: UploadBatch, text: PackedRows): readonly UploadBatch[] {
  if (batch.indices.length < 2) return []
  const [first, second] = halve(text)
  const middle = first.offsets.length
  return [
    { packed: first, indices: batch.indices.slice(0, middle), logs: batch.logs?.slice(0, middle) },
    { packed: second, indices: batch.indices.slice(middle), logs: batch.logs?.slice(middle) },
  ]
}
