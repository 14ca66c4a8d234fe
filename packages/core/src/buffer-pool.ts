import type { BufferSource } from './packer.ts'

/** Buffers that have been used and wait to be used again, the one that has waited longest first. */
const free: Buffer[] = []
let freeBytes = 0

/** What the process keeps of them, in bytes, or a single one that is larger: four batches of the default size. */
const MAX_FREE_BYTES = 4 * 1024 * 1024

/**
 * Buffers of `size` bytes to pack rows into, shared by all uploads and shippers of the process. Memory outside of the heap that is new for
 * every batch makes the engine collect garbage for its sake, which costs more than packing.
 */
export function packingBuffers(size: number): BufferSource {
  return {
    take() {
      const at = free.findLastIndex((buffer) => buffer.length === size)
      const [buffer] = at === -1 ? [] : free.splice(at, 1)
      if (buffer === undefined) return Buffer.allocUnsafeSlow(size)
      freeBytes -= size
      return buffer
    },
    give(buffer) {
      free.push(buffer)
      freeBytes += buffer.length
      while (freeBytes > MAX_FREE_BYTES && free.length > 1) freeBytes -= free.shift()?.length ?? 0
    },
  }
}
