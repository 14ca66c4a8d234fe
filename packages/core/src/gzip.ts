import { promisify } from 'node:util'
import { gunzip, gunzipSync, gzip } from 'node:zlib'

import type { PackedRows } from './packer.ts'

const gzipAsync = promisify(gzip)
const gunzipAsync = promisify(gunzip)

/** Part of its size that JSON of rows rarely exceeds when it is gzipped. */
const USUAL_SHARE = 1 / 8

/** zlib's own default. */
const MIN_CHUNK_BYTES = 16 * 1024

/** Compresses on libuv's thread pool. */
export function compress(bytes: Uint8Array, level: number): Promise<Buffer> {
  // zlib comes back to this thread for each chunk of output, and waits there until the event loop turns: one chunk is enough.
  const chunkSize = Math.max(MIN_CHUNK_BYTES, Math.ceil(bytes.length * USUAL_SHARE))
  return gzipAsync(bytes, { level, chunkSize })
}

/** The rows of a body that {@link compress} made, given where each of them began. */
export async function unpack(body: Uint8Array, offsets: readonly number[]): Promise<PackedRows> {
  return { bytes: await gunzipAsync(body), offsets, release: () => {} }
}

/** The same on this thread, for when there is no time to wait. */
export function unpackNow(body: Uint8Array, offsets: readonly number[]): PackedRows {
  return { bytes: gunzipSync(body), offsets, release: () => {} }
}
