import { AzlogsError } from './errors.ts'
import { createJsonArrayScanner } from './json-array-scanner.ts'
import { createNdjsonLines } from './ndjson-lines.ts'
import { isSpace } from './record-scanner.ts'
import type { RecordScanner, RecordSink } from './record-scanner.ts'

const OPEN_ARRAY = 0x5b
const NEWLINE = 0x0a
const BYTE_ORDER_MARK: Buffer = Buffer.from([0xef, 0xbb, 0xbf])
const NOTHING: Buffer = Buffer.alloc(0)

/** A JSON array or NDJSON, whichever the text turns out to be: the first byte that is no white space tells. */
export function createJsonTextScanner(sink: RecordSink, maxBytes: number): RecordScanner {
  let scanner: RecordScanner | undefined
  let unread: Buffer = NOTHING
  let byteOffset = 0
  let line = 1

  function start(): void {
    if (byteOffset === 0) skipMark()
    let at = 0
    for (; at < unread.length && isSpace(unread[at]); at += 1) if (unread[at] === NEWLINE) line += 1
    byteOffset += at
    const rest = unread.subarray(at)
    unread = NOTHING
    if (rest.length === 0) return
    scanner =
      rest[0] === OPEN_ARRAY
        ? createJsonArrayScanner(sink, maxBytes, byteOffset)
        : createNdjsonLines(sink, maxBytes, { byteOffset, line })
    scanner.push(rest)
  }

  function skipMark(): void {
    const [first, second] = unread
    if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
      throw new AzlogsError(
        'AZLOGS_MALFORMED',
        'The text is UTF-16, as its byte order mark says; JSON must be UTF-8.',
        {
          position: { index: 0, byteOffset: 0 },
        },
      )
    }
    if (!unread.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)) return
    unread = unread.subarray(BYTE_ORDER_MARK.length)
    byteOffset = BYTE_ORDER_MARK.length
  }

  return {
    push(chunk) {
      if (scanner !== undefined) return scanner.push(chunk)
      unread = Buffer.concat([unread, chunk])
      if (byteOffset > 0 || unread.length >= BYTE_ORDER_MARK.length) start()
    },
    end() {
      if (scanner === undefined) start()
      scanner?.end()
    },
  }
}
