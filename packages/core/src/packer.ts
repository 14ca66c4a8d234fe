import { packingBuffers } from './buffer-pool.ts'

const OPEN = 0x5b // [
const CLOSE = 0x5d // ]
const COMMA = 0x2c // ,

/** Bytes that come with every row: a bracket or a comma before it, and the bracket that may have to follow. */
const AROUND = 2

/** UTF-8 needs at most this many bytes for one UTF-16 unit. */
export const MAX_BYTES_PER_UNIT = 3

/** A JSON array of rows, complete with its brackets: what one request carries. */
export interface PackedRows {
  /** The array as UTF-8. */
  readonly bytes: Buffer
  /** Where each row begins in `bytes`. */
  readonly offsets: readonly number[]
  /** Hands the memory behind `bytes` back for reuse. Call when nothing reads `bytes` any more. */
  release(): void
}

/** Writes rows one after the other into a buffer and seals before the row that would cross the limit. */
export interface Packer {
  /**
   * Takes one row's JSON. Returns the rows that it had to seal to make room, if any: sealed **before** this row, so
   * that nothing it returns is ever over the limit. A row over the limit becomes a packet of its own.
   */
  add(json: string | Uint8Array): readonly PackedRows[]
  /** Ends the open packet, if it holds a row. */
  seal(): PackedRows | undefined
  /** Bytes that the open packet and those after it may have; at most what the buffers hold. */
  limit: number
  /** Rows in the open packet. */
  readonly openRows: number
  /** Bytes of the open packet, closing bracket included; 0 when there is none. */
  readonly openBytes: number
}

/** What a packer writes into; see `packingBuffers`. */
export interface BufferSource {
  /** A buffer of at least the packer's limit. */
  take(): Buffer
  /** Called with a buffer that nothing refers to any more. */
  give(buffer: Buffer): void
}

/**
 * A packer whose packets hold at most `maxBytes`, counted exactly: brackets, commas, UTF-8. Rows are encoded once,
 * straight into the buffer that is compressed later.
 */
export function createPacker(maxBytes: number, buffers: BufferSource = packingBuffers(maxBytes)): Packer {
  let limit = maxBytes
  let buffer: Buffer | undefined
  let used = 0
  let offsets: number[] = []

  function begin(): Buffer {
    buffer = buffers.take()
    buffer[0] = OPEN
    used = 1
    return buffer
  }

  function seal(): PackedRows | undefined {
    if (buffer === undefined) return undefined
    const full = buffer
    full[used] = CLOSE
    const packed =
      // A quiet logger's packet must not hold on to a buffer many times its size while it waits to be sent.
      (used + 1) * 2 < full.length
        ? moved(full, used + 1, offsets, buffers)
        : packedIn(full, used + 1, offsets, buffers)
    buffer = undefined
    used = 0
    offsets = []
    return packed
  }

  function write(target: Buffer, json: string | Uint8Array): void {
    if (offsets.length > 0) target[used++] = COMMA
    offsets.push(used)
    if (typeof json === 'string') {
      used += target.write(json, used)
    } else {
      target.set(json, used)
      used += json.length
    }
  }

  return {
    add(json) {
      // The cheap bound first: only rows near the end of the buffer are measured.
      const worstCase = typeof json === 'string' ? json.length * MAX_BYTES_PER_UNIT : json.length
      if (used + worstCase + AROUND <= limit) {
        write(buffer ?? begin(), json)
        return NOTHING
      }
      const size = Buffer.byteLength(json)
      if (size + AROUND > limit) {
        const before = seal()
        return before === undefined ? [packAlone(json)] : [before, packAlone(json)]
      }
      const sealed = used + size + AROUND > limit ? seal() : undefined
      write(buffer ?? begin(), json)
      return sealed === undefined ? NOTHING : [sealed]
    },
    seal,
    get limit() {
      return limit
    },
    set limit(bytes) {
      limit = Math.min(bytes, maxBytes)
    },
    get openRows() {
      return offsets.length
    },
    get openBytes() {
      return used === 0 ? 0 : used + 1
    },
  }
}

/** Packets that are larger get memory that has been used before. */
const MIN_POOLED_BYTES = 65_536

/** Into a buffer of less than twice its size. */
function moved(from: Buffer, length: number, offsets: readonly number[], buffers: BufferSource): PackedRows {
  const bytes = from.subarray(0, length)
  if (length < MIN_POOLED_BYTES) {
    const copy = Buffer.from(bytes)
    buffers.give(from)
    return { bytes: copy, offsets, release: nothingToRelease }
  }
  const smaller = packingBuffers(2 ** Math.ceil(Math.log2(length)))
  const to = smaller.take()
  bytes.copy(to)
  buffers.give(from)
  return packedIn(to, length, offsets, smaller)
}

function packedIn(
  buffer: Buffer,
  length: number,
  offsets: readonly number[],
  buffers: BufferSource,
): PackedRows {
  let owned: Buffer | undefined = buffer
  return {
    bytes: buffer.subarray(0, length),
    offsets,
    release() {
      if (owned !== undefined) buffers.give(owned)
      owned = undefined
    },
  }
}

const NOTHING: readonly PackedRows[] = []

function nothingToRelease(): void {}

/** A packet of one row, in memory of its own. */
export function packAlone(json: string | Uint8Array): PackedRows {
  const row = typeof json === 'string' ? Buffer.from(json) : json
  const bytes = Buffer.allocUnsafe(row.length + 2)
  bytes[0] = OPEN
  bytes.set(row, 1)
  bytes[bytes.length - 1] = CLOSE
  return { bytes, offsets: [1], release: nothingToRelease }
}

/** The JSON text of row `index` of a packet. */
export function rowText(packed: Pick<PackedRows, 'bytes' | 'offsets'>, index: number): string {
  const start = packed.offsets[index] ?? 0
  const next = packed.offsets[index + 1]
  return packed.bytes.toString('utf8', start, next === undefined ? packed.bytes.length - 1 : next - 1)
}

/** The two halves of a packet of several rows, in memory of their own. */
export function halve(packed: PackedRows): readonly [PackedRows, PackedRows] {
  const middle = Math.ceil(packed.offsets.length / 2)
  // The comma before the middle row becomes the bracket that closes the first half, and the one that opens the second.
  const cut = (packed.offsets[middle] ?? packed.bytes.length) - 1
  const first = Buffer.from(packed.bytes.subarray(0, cut + 1))
  const second = Buffer.from(packed.bytes.subarray(cut))
  first[cut] = CLOSE
  second[0] = OPEN
  return [
    { bytes: first, offsets: packed.offsets.slice(0, middle), release: nothingToRelease },
    {
      bytes: second,
      offsets: packed.offsets.slice(middle).map((offset) => offset - cut),
      release: nothingToRelease,
    },
  ]
}
