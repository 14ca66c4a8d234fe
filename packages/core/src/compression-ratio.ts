import { gzipSync } from 'node:zlib'

import { MAX_WIRE_BYTES } from './service.ts'

/** Estimates how many bytes of JSON fit into one compressed body. */
export interface CompressionRatio {
  /** Call with the JSON of every batch as it is sealed: a piece of the first tells how its kind compresses. */
  sample(bytes: Uint8Array): void
  /** Call with every batch that has been compressed. */
  observe(rawBytes: number, wireBytes: number): void
  /** Bytes of JSON whose body should stay just within the service's limit. */
  readonly rawLimit: number
}

/** Bytes of JSON beyond which a batch costs more memory and, after a 413, more repetition than it saves. */
export const MAX_COMPRESSED_PACKING_BYTES: number = 8 * 1024 * 1024

/** Batches that the estimate looks back on: the worst of them counts. */
const MEMORY = 8

/** Part of the limit that is aimed at: the next batch may compress a little worse than any before it. */
const AIM = 0.94

/** Batches smaller than this, in bytes of JSON, compress worse than large ones and tell nothing about those. */
const TELLING_BYTES = 50_000

/**
 * Bytes of the first batch that are compressed at once, in a millisecond or two: a burst may fill many more batches
 * before that one has been compressed as a whole.
 */
const SAMPLE_BYTES = 131_072

/** Before anything is known: what any log text compresses to. */
const FIRST_RATIO = 1

/** Starts at what is safe for any text, and learns from each batch. */
export function createCompressionRatio(gzipLevel: number): CompressionRatio {
  const ratios: number[] = []
  return {
    sample(bytes) {
      if (ratios.length > 0 || bytes.length < TELLING_BYTES) return
      const piece = bytes.subarray(0, SAMPLE_BYTES)
      ratios.push(piece.length / gzipSync(piece, { level: gzipLevel }).length)
    },
    observe(rawBytes, wireBytes) {
      if (rawBytes < TELLING_BYTES || wireBytes === 0) return
      ratios.push(rawBytes / wireBytes)
      if (ratios.length > MEMORY) ratios.shift()
    },
    get rawLimit() {
      const worst = ratios.length === 0 ? FIRST_RATIO : Math.min(...ratios)
      return Math.min(MAX_COMPRESSED_PACKING_BYTES, Math.floor(MAX_WIRE_BYTES * AIM * worst))
    },
  }
}
