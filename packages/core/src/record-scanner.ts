/** Cuts text that arrives in chunks, at any byte, into records. */
export interface RecordScanner {
  /**
   * Hands every record that ends in `chunk` to the sink, and keeps nothing of its memory.
   *
   * @throws AzlogsError `AZLOGS_MALFORMED` when it is not to be known where the next record begins
   */
  push(chunk: Buffer): void
  /** Says that the text is complete. Throws as `push` does. */
  end(): void
}

/** Takes the records that a scanner finds. */
export interface RecordSink {
  /**
   * @param bytes the record without the white space around it, valid during the call only; undefined when it is over the
   * scanner's limit
   * @param byteOffset of its first byte in the text
   * @param line its 1-based line, for records that are lines
   */
  record(bytes: Buffer | undefined, byteOffset: number, line: number | undefined): void
}

/** The bytes of one record, which may lie in several chunks. */
export interface ByteCollector {
  add(bytes: Buffer): void
  /** All bytes, `last` included, and starts over; undefined when they were more than the limit. */
  finish(last: Buffer): Buffer | undefined
}

/** A collector that keeps nothing of a record once that is over `maxBytes`. */
export function createByteCollector(maxBytes: number): ByteCollector {
  let pieces: Buffer[] = []
  let size = 0

  function add(bytes: Buffer): void {
    size += bytes.length
    if (size > maxBytes) pieces = []
    else if (bytes.length > 0) pieces.push(Buffer.from(bytes))
  }

  return {
    add,
    finish(last) {
      // Most records lie within one chunk and are never copied here.
      if (size === 0 && last.length <= maxBytes) return last
      add(last)
      const bytes = size > maxBytes ? undefined : Buffer.concat(pieces, size)
      pieces = []
      size = 0
      return bytes
    },
  }
}

/** True for the four bytes that JSON takes for white space. */
export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
