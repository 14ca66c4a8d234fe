import { promisify } from 'node:util'
import { gunzip, gunzipSync, gzip } from 'node:zlib'

import type { PackedRows } from './packer.ts'

const gzipAsync = promisify(gzip)
const gunzipAsync = promisify(gunzip)

/** Part of its size that JSON of rows rarely exceeds when it is gzipped. */
const USUAL_SHARE = 1 / 8

/** zlib's own default. */
const MIN_CHUNK_BYTES = 16 * 1024

/**
 * How many batches of the process are compressed at once: half of the threads that libuv's pool has by default. The application's files
 * and names go through the same pool, and its event loop needs a core.
 */
const MAX_AT_ONCE = 2

let running = 0
const waiting: (() => void)[] = []

/** Compresses on libuv's thread pool, in its turn. */
export async function compress(bytes: Uint8Array, level: number): Promise<Buffer> {
  if (running < MAX_AT_ONCE) running += 1
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    // zlib comes back to this thread for each chunk of output, and waits there until the event loop turns: one chunk is enough.
    const chunkSize = Math.max(MIN_CHUNK_BYTES, Math.ceil(bytes.length * USUAL_SHARE))
    return await gzipAsync(bytes, { level, chunkSize })
  } finally {
    const next = waiting.shift()
    // Who has waited takes over the place.
    if (next === undefined) running -= 1
    else next()
  }
}

/** The rows of a body that {@link compress} made, given where each of them began. */
export async function unpack(body: Uint8Array, offsets: readonly number[]): Promise<PackedRows> {
  return { bytes: await gunzipAsync(body), offsets, release: () => {} }
}

/** The same on this thread, for when there is no time to wait. */
export function unpackNow(body: Uint8Array, offsets: readonly number[]): PackedRows {
  return { bytes: gunzipSync(body), offsets, release: () => {} }
}
