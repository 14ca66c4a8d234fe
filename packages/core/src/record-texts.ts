import type { FilePosition } from './errors.ts'
import { explained, openText } from './file-records.ts'
import type { UploadFileInput } from './file-records.ts'
import { createJsonTextScanner } from './json-text-scanner.ts'
import { MAX_INFLATED_BYTES } from './service.ts'

/** One record of a file, as text: whether it is JSON is for a parser to say. */
export interface RecordText {
  readonly position: FilePosition
  /** Undefined when it is larger than any request. */
  readonly text: string | undefined
}

/**
 * The records of a JSON array or of NDJSON, plain or gzipped, one by one: what `uploadFile` would send, for those who want
 * to look at each. No more than a chunk of the file is in memory.
 *
 * @throws TypeError when `input` is neither a path nor a stream; what the file system throws; AzlogsError
 * `AZLOGS_MALFORMED` where the array, or the gzip data, is broken.
 */
export async function* readRecordTexts(input: UploadFileInput): AsyncGenerator<RecordText, void> {
  const { chunks, close } = openText(input)
  let found: RecordText[] = []
  let count = 0
  const scanner = createJsonTextScanner(
    {
      record(bytes, byteOffset, line) {
        const position = { index: count, byteOffset, ...(line === undefined ? {} : { line }) }
        count += 1
        found.push({ position, text: bytes?.toString('utf8') })
      },
    },
    MAX_INFLATED_BYTES - 2,
  )
  const scan = (advance: () => void): unknown => {
    try {
      advance()
      return undefined
    } catch (error) {
      return error
    }
  }
  try {
    for (let step = await chunks.next(); ; step = await chunks.next()) {
      const { value } = step
      const failure = scan(() => (value === undefined ? scanner.end() : scanner.push(value)))
      // What came before the damage is as good as ever.
      yield* found
      found = []
      if (failure !== undefined) throw failure
      if (step.done === true) return
    }
  } catch (error) {
    throw explained(error, input)
  } finally {
    close()
  }
}
