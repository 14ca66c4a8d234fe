import { promisify } from 'node:util'
import { gunzip, gunzipSync, gzip } from 'node:zlib'

import type { PackedRows } from './packer.ts'

const gzipAsync = promisify(gzip)
const gunzipAsync = promisify(gunzip)

/** Compresses on libuv's thread pool. */
export function compress(bytes: Uint8Array, level: number): Promise<Buffer> {
  return gzipAsync(bytes, { level })
}

/** The rows of a body that {@link compress} made, given where each of them began. */
export async function unpack(body: Uint8Array, offsets: readonly number[]): Promise<PackedRows> {
  return { bytes: await gunzipAsync(body), offsets, release: () => {} }
}

/** The same on this thread, for when there is no time to wait. */
export function unpackNow(body: Uint8Array, offsets: readonly number[]): PackedRows {
  return { bytes: gunzipSync(body), offsets, release: () => {} }
}
