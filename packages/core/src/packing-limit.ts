import type { Clock } from './clock.ts'
import { createCompressionRatio, MAX_COMPRESSED_PACKING_BYTES } from './compression-ratio.ts'

/** How many bytes of JSON a batch may have, from what became of those before it. */
export interface PackingLimit {
  /** What it never exceeds: the size of the buffers to pack into. */
  readonly ceiling: number
  readonly current: number
  /** Call with the JSON of every batch as it is sealed. */
  sealed(bytes: Uint8Array): void
  /** Call with the sizes of every batch that has been compressed. */
  compressed(rawBytes: number, wireBytes: number): void
  /** Call when a batch of this many bytes was over what the service takes: the next ones will be smaller, for a while. */
  tooLarge(rawBytes: number): void
}

export interface PackingLimitOptions {
  /** `'compressed'` fills the body as it goes over the wire; `maxBatchBytes` does not apply then. */
  readonly packing: 'uncompressed' | 'compressed'
  readonly maxBatchBytes: number
  readonly gzipLevel: number
  readonly clock: Clock
}

/** Part of the size that was too large which the next batches may have. */
const LEARNT_SHARE = 0.8

/** How long a learnt limit holds, in milliseconds: what set it, a proxy perhaps, may go away again. */
const LEARNT_FOR_MS = 10 * 60_000

export function createPackingLimit(options: PackingLimitOptions): PackingLimit {
  const { clock } = options
  const ratio = options.packing === 'compressed' ? createCompressionRatio(options.gzipLevel) : undefined
  const ceiling = ratio === undefined ? options.maxBatchBytes : MAX_COMPRESSED_PACKING_BYTES
  let learnt: { readonly bytes: number; readonly until: number } | undefined
  return {
    ceiling,
    get current() {
      if (learnt !== undefined && clock.now() >= learnt.until) learnt = undefined
      return Math.min(ceiling, ratio?.rawLimit ?? ceiling, learnt?.bytes ?? ceiling)
    },
    sealed: (bytes) => ratio?.sample(bytes),
    compressed: (rawBytes, wireBytes) => ratio?.observe(rawBytes, wireBytes),
    tooLarge(rawBytes) {
      const bytes = Math.floor(rawBytes * LEARNT_SHARE)
      learnt = { bytes: Math.min(bytes, learnt?.bytes ?? bytes), until: clock.now() + LEARNT_FOR_MS }
    },
  }
}
