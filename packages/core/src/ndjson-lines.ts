import { createByteCollector, isSpace } from './record-scanner.ts'
import type { RecordScanner, RecordSink } from './record-scanner.ts'

const NEWLINE = 0x0a
const NOTHING: Buffer = Buffer.alloc(0)

/** Where a text begins that is not read from its very beginning. */
export interface TextStart {
  readonly byteOffset: number
  /** 1-based. */
  readonly line: number
}

/** One record a line, LF or CRLF; empty lines are none. A line over `maxBytes` is told without its bytes. */
export function createNdjsonLines(sink: RecordSink, maxBytes: number, start: TextStart): RecordScanner {
  const collector = createByteCollector(maxBytes)
  let line = start.line
  let lineOffset = start.byteOffset
  let chunkOffset = start.byteOffset

  function finishLine(last: Buffer): void {
    const bytes = collector.finish(last)
    if (bytes === undefined) return sink.record(undefined, lineOffset, line)
    let begin = 0
    let end = bytes.length
    while (begin < end && isSpace(bytes[begin])) begin += 1
    while (end > begin && isSpace(bytes[end - 1])) end -= 1
    if (begin === end) return
    // Nearly every line has nothing around it, and a view of it is not worth making a second time.
    const record = end - begin === bytes.length ? bytes : bytes.subarray(begin, end)
    sink.record(record, lineOffset + begin, line)
  }

  return {
    push(chunk) {
      let begin = 0
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, begin)) {
        finishLine(chunk.subarray(begin, end))
        begin = end + 1
        line += 1
        lineOffset = chunkOffset + begin
      }
      collector.add(chunk.subarray(begin))
      chunkOffset += chunk.length
    },
    end() {
      finishLine(NOTHING)
    },
  }
}
