import { crc32 } from 'node:zlib'

import { MAX_INFLATED_BYTES } from './service.ts'

/**
 * A frame is a line: the length of its JSON in bytes and the CRC-32 of those bytes, each as eight lower-case hexadecimal
 * digits, a space after each, the JSON, a newline. JSON has no raw newline, so that damage stays within a line.
 */
const HEAD_BYTES = 18

/** Bytes of a frame that are not its JSON. */
export const FRAME_OVERHEAD: number = HEAD_BYTES + 1

/** Bytes of one damaged record that are handed over; the rest of it is only counted. */
export const KEPT_BYTES = 65_536

/** Made-up heads may cost the reading of their line so many times, whatever lengths they claim. */
const PATIENCE = 8

const NEWLINE = 0x0a
const SPACE = 0x20
const QUOTE = 0x22
const OPEN_BRACE = 0x7b
const NO_FRAME = -1

const DIGITS: Buffer = Buffer.from('0123456789abcdef')
const DIGIT_VALUES: Int8Array = new Int8Array(256).fill(-1)
for (const [value, digit] of DIGITS.entries()) DIGIT_VALUES[digit] = value

/**
 * Writes one frame into `target` at `at`. The caller has made sure that `json.length * 3 + FRAME_OVERHEAD` bytes are
 * free there, and that the JSON has no raw newline; `JSON.stringify` writes none. Code units that have no UTF-8 (lone
 * surrogates, which it escapes) become U+FFFD.
 *
 * @returns where the frame ends
 */
export function writeFrame(target: Buffer, at: number, json: string | Uint8Array): number {
  const start = at + HEAD_BYTES
  const end = start + writeJson(target, start, json)
  writeHex(target, at, end - start)
  target[at + 8] = SPACE
  writeHex(target, at + 9, crc32(target.subarray(start, end)))
  target[at + 17] = SPACE
  target[end] = NEWLINE
  return end + 1
}

function writeJson(target: Buffer, at: number, json: string | Uint8Array): number {
  if (typeof json === 'string') return target.write(json, at)
  target.set(json, at)
  return json.length
}

function writeHex(target: Buffer, at: number, value: number): void {
  for (let shift = 28, to = at; shift >= 0; shift -= 4, to += 1) {
    target[to] = DIGITS[(value >>> shift) & 15] as number
  }
}

/** What comes out of a text of frames. */
export interface FrameSink {
  /** @param json the JSON of a whole frame, valid during the call only */
  frame(json: Buffer): void
  /** A record that is none any more. @param bytes a copy of its bytes, as far as the first 64 KiB */
  damaged(bytes: Buffer): void
}

/** Finds frames in bytes that arrive in chunks, cut anywhere. Keeps nothing of a chunk's memory. */
export interface FrameParser {
  push(chunk: Buffer): void
  /** Says that this is all. `tornBytes` are those behind the last newline that are no whole frame. */
  end(): { readonly tornBytes: number }
}

/**
 * A parser that holds one line at most, and nothing of a line over `maxBytes` but its beginning. Damage costs the frames
 * that it touched: lines that are no frame are one damaged record up to the next line that begins like a frame, and
 * where a newline is gone the frame behind it is looked for in the line.
 */
export function createFrameParser(sink: FrameSink, maxBytes: number = MAX_INFLATED_BYTES): FrameParser {
  const damage = createDamage(sink)
  const mostHeld = maxBytes + HEAD_BYTES
  let pieces: Buffer[] = []
  let size = 0
  let patience = 0

  function collect(bytes: Buffer): void {
    if (bytes.length === 0) return
    const before = size
    size += bytes.length
    if (size <= mostHeld) pieces.push(Buffer.from(bytes))
    else if (before <= mostHeld) {
      pieces.push(bytes.subarray(0, KEPT_BYTES))
      pieces = [Buffer.concat(pieces, Math.min(size, KEPT_BYTES))]
    }
  }

  /** The line, or the beginning of one that is too long. */
  function held(last: Buffer): Buffer {
    if (size === 0 && last.length <= mostHeld) return last
    collect(last)
    const bytes = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
    pieces = []
    return bytes
  }

  /** Hands over the frames of a line. @returns where what is left of it begins */
  function readFrames(line: Buffer): number {
    patience = line.length * PATIENCE
    let at = 0
    while (at < line.length) {
      let end = frameEnd(line, at)
      if (end === NO_FRAME) {
        const next = nextFrame(line, at)
        if (next === NO_FRAME) return at
        damage.add(line.subarray(at, next))
        at = next
        end = frameEnd(line, at)
      }
      damage.finish()
      sink.frame(line.subarray(at + HEAD_BYTES, end))
      // In the newline's place there may be another byte, or nothing.
      at = readHead(line, end) === undefined ? end + 1 : end
    }
    return at
  }

  /** The end of the JSON of the frame that begins at `at`; `NO_FRAME` when there is none. */
  function frameEnd(line: Buffer, at: number): number {
    const head = readHead(line, at)
    if (head === undefined) return NO_FRAME
    const start = at + HEAD_BYTES
    const end = start + head.length
    if (end > line.length || patience < 0) return NO_FRAME
    if (crc32(line.subarray(start, end)) === head.checksum) return end
    patience -= head.length
    return NO_FRAME
  }

  /** Where, behind `at`, the next whole frame with a row begins. */
  function nextFrame(line: Buffer, at: number): number {
    for (let space = line.indexOf(SPACE, at + 9); space !== -1; space = line.indexOf(SPACE, space + 1)) {
      const start = space - 8
      if (beginsLikeRow(line, start + HEAD_BYTES) && frameEnd(line, start) !== NO_FRAME) return start
    }
    return NO_FRAME
  }

  function finishLine(last: Buffer): void {
    const line = held(last)
    const tooLong = size > mostHeld
    size = 0
    const rest = tooLong ? 0 : readFrames(line)
    if (rest < line.length || line.length === 0) damage.add(line.subarray(rest))
  }

  return {
    push(chunk) {
      let begin = 0
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, begin)) {
        finishLine(chunk.subarray(begin, end))
        begin = end + 1
      }
      collect(chunk.subarray(begin))
    },
    end() {
      const bytes = size
      const tail = held(Buffer.alloc(0))
      size = 0
      const framed = bytes > mostHeld ? 0 : Math.min(readFrames(tail), bytes)
      damage.finish()
      return { tornBytes: bytes - framed }
    },
  }
}

interface Damage {
  /** Takes a line, or a part of one, that is no frame. */
  add(line: Buffer): void
  /** What comes next belongs to no damaged record. */
  finish(): void
}

/** Puts the pieces of a damaged record together: a byte that became a newline cuts it in two. */
function createDamage(sink: FrameSink): Damage {
  let record: Buffer | undefined

  function finish(): void {
    if (record !== undefined) sink.damaged(record)
    record = undefined
  }

  return {
    add(line) {
      if (record !== undefined && beginsLikeFrame(line)) finish()
      const begin = line.subarray(0, KEPT_BYTES)
      if (record === undefined) record = Buffer.from(begin)
      else if (record.length < KEPT_BYTES) {
        record = Buffer.concat([record, Buffer.of(NEWLINE), begin]).subarray(0, KEPT_BYTES)
      }
    },
    finish,
  }
}

/** Also where a digit of the head is the damage. */
function beginsLikeFrame(line: Buffer): boolean {
  return line[8] === SPACE && line[17] === SPACE && beginsLikeRow(line, HEAD_BYTES)
}

/** As no text within a row can: there would be a backslash before the quote. */
function beginsLikeRow(line: Buffer, at: number): boolean {
  return line[at] === OPEN_BRACE && line[at + 1] === QUOTE
}

interface Head {
  readonly length: number
  readonly checksum: number
}

function readHead(line: Buffer, at: number): Head | undefined {
  if (line[at + 8] !== SPACE || line[at + 17] !== SPACE) return undefined
  const length = readHex(line, at)
  const checksum = readHex(line, at + 9)
  return length === undefined || checksum === undefined ? undefined : { length, checksum }
}

function readHex(line: Buffer, at: number): number | undefined {
  let value = 0
  for (let from = at; from < at + 8; from += 1) {
    const digit = DIGIT_VALUES[line[from] as number] as number
    if (digit < 0) return undefined
    value = value * 16 + digit
  }
  return value
}
