import { AzlogsError } from './errors.ts'
import { createByteCollector, isSpace } from './record-scanner.ts'
import type { RecordScanner, RecordSink } from './record-scanner.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const NOTHING: Buffer = Buffer.alloc(0)

/** What the next byte belongs to. */
type State =
  | 'before-array'
  | 'before-element'
  /** A number, a literal, or anything else that is neither string nor bracket. */
  | 'scalar'
  /** Inside an element's brackets. */
  | 'nested'
  | 'string'
  | 'after-element'
  | 'after-array'

/**
 * The elements of one JSON array. Finds where they begin and end and nothing more: whether each is JSON is for a parser to
 * say, so that one malformed element does not take the rest along. An element over `maxBytes` is told without its bytes.
 */
export function createJsonArrayScanner(
  sink: RecordSink,
  maxBytes: number,
  byteOffset: number,
): RecordScanner {
  const collector = createByteCollector(maxBytes)
  let state: State = 'before-array'
  let depth = 0
  let escaped = false
  let count = 0
  let afterComma = false
  let elementOffset = 0
  let chunkOffset = byteOffset

  function broken(offset: number, what: string): AzlogsError {
    return new AzlogsError(
      'AZLOGS_MALFORMED',
      `The JSON array is broken at byte ${offset}, after ${count} elements: ${what}. Nothing was read from there on.`,
      { position: { index: count, byteOffset: offset } },
    )
  }

  function finish(last: Buffer): void {
    count += 1
    state = 'after-element'
    sink.record(collector.finish(last), elementOffset, undefined)
  }

  /** Looks at the byte between elements; returns true when an element begins with it. */
  function between(byte: number, offset: number): boolean {
    switch (state) {
      case 'before-array':
        if (byte !== OPEN_ARRAY) throw broken(offset, 'it does not begin with a bracket')
        state = 'before-element'
        return false
      case 'before-element':
        if (byte === CLOSE_ARRAY && !afterComma) {
          state = 'after-array'
          return false
        }
        elementOffset = offset
        if (byte !== COMMA && byte !== CLOSE_ARRAY) return true
        finish(NOTHING)
        return between(byte, offset)
      case 'after-element':
        if (byte !== COMMA && byte !== CLOSE_ARRAY)
          throw broken(offset, 'there is no comma between two elements')
        afterComma = byte === COMMA
        state = afterComma ? 'before-element' : 'after-array'
        return false
      default:
        throw broken(offset, 'there is more after its end')
    }
  }

  function begin(byte: number): void {
    depth = byte === OPEN_OBJECT || byte === OPEN_ARRAY ? 1 : 0
    if (byte === QUOTE) state = 'string'
    else state = depth === 1 ? 'nested' : 'scalar'
  }

  return {
    push(chunk) {
      /** Where the bytes of the element at hand begin in this chunk. */
      let from = 0
      let at = 0
      while (at < chunk.length) {
        switch (state) {
          case 'scalar':
            at = endOfScalar(chunk, at)
            if (at < chunk.length) finish(chunk.subarray(from, at))
            break
          case 'nested': {
            at = nextBracketOrQuote(chunk, at)
            const byte = chunk[at]
            at += 1
            if (byte === QUOTE) state = 'string'
            else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1
            else if (byte !== undefined) depth -= 1
            if (depth === 0) finish(chunk.subarray(from, at))
            break
          }
          case 'string':
            if (escaped) {
              escaped = false
              at += 1
              break
            }
            at = nextQuoteOrBackslash(chunk, at)
            escaped = chunk[at] === BACKSLASH
            if (chunk[at] === QUOTE) {
              if (depth === 0) finish(chunk.subarray(from, at + 1))
              else state = 'nested'
            }
            at += 1
            break
          default: {
            const byte = chunk[at] ?? 0
            if (!isSpace(byte) && between(byte, chunkOffset + at)) {
              from = at
              begin(byte)
            }
            at += 1
          }
        }
      }
      if (state === 'scalar' || state === 'nested' || state === 'string') collector.add(chunk.subarray(from))
      chunkOffset += chunk.length
    },
    end() {
      if (state !== 'after-array') throw broken(chunkOffset, 'the text ends inside it')
    },
  }
}

function endOfScalar(chunk: Buffer, from: number): number {
  let at = from
  while (at < chunk.length && chunk[at] !== COMMA && chunk[at] !== CLOSE_ARRAY && !isSpace(chunk[at])) at += 1
  return at
}

function nextQuoteOrBackslash(chunk: Buffer, from: number): number {
  let at = from
  while (at < chunk.length && chunk[at] !== QUOTE && chunk[at] !== BACKSLASH) at += 1
  return at
}

function nextBracketOrQuote(chunk: Buffer, from: number): number {
  let at = from
  while (at < chunk.length && STRUCTURAL[chunk[at] ?? 0] === 0) at += 1
  return at
}

/** 1 for the bytes that matter inside brackets. */
const STRUCTURAL: Uint8Array = new Uint8Array(256)
for (const byte of [QUOTE, OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY]) STRUCTURAL[byte] = 1
