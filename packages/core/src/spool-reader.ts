import { constants } from 'node:fs'
import type { Stats } from 'node:fs'

import { flawOf } from './record-flaw.ts'
import { createFrameParser, KEPT_BYTES } from './spool-frame.ts'
import { errnoOf, NO_FOLLOW, NO_WAITING } from './spool-fs.ts'
import type { SpoolFs } from './spool-fs.ts'
import { parseHeader } from './spool-header.ts'
import type { SpoolHeader } from './spool-header.ts'

/** What is in a spool file but its rows. Nothing of it is trusted: it may be damaged, or written by somebody else. */
export interface SpoolContent {
  /** Undefined when the file is foreign: it does not begin with a header of this version. Then it has no rows. */
  readonly header: SpoolHeader | undefined
  /** How many rows it has. */
  readonly records: number
  /** The bytes of the first thousand damaged records, 64 KiB of each at most. */
  readonly damaged: readonly Buffer[]
  readonly damagedCount: number
  /** Bytes of the row that was being written when its process died. */
  readonly tornBytes: number
  /** The size of the file. */
  readonly bytes: number
}

/** Takes the rows of a file, in their order. */
export interface SpoolRowSink {
  /** @param json the JSON text of a row, valid during the call only */
  add(json: Buffer): void
  /** The file turned out to be foreign: what was added is none of our rows. */
  clear(): void
}

/** For who only wants to know how many there are. */
export const NO_ROWS: SpoolRowSink = { add() {}, clear() {} }

/** For who wants them all, as texts. */
export function collectRows(): SpoolRowSink & { readonly texts: readonly string[] } {
  const texts: string[] = []
  return {
    texts,
    add: (json) => void texts.push(json.toString()),
    clear() {
      texts.length = 0
    },
  }
}

/** What is read between two turns of the event loop, in bytes. */
const CHUNK_BYTES = 65_536

/** No file of ours is larger, in bytes: a batch has a few megabytes, and the largest single row 50 MiB. */
const MAX_FILE_BYTES = 134_217_728

/** Nor has one more rows: as objects they take much more memory than bytes on the disk. */
const MAX_ROWS = 2_000_000

/** Damaged records whose bytes are kept; the others are counted. */
const MAX_DAMAGED_KEPT = 1000

const OPEN_FLAGS = constants.O_RDONLY | NO_FOLLOW | NO_WAITING

/**
 * Reads a spool file without holding up the event loop. A symbolic link, what is no file, and a file over 128 MiB or
 * `maxRows` count as foreign.
 *
 * @throws NodeJS.ErrnoException when it cannot be read
 */
export async function readSpoolFile(
  fs: SpoolFs,
  path: string,
  rows: SpoolRowSink,
  maxRows: number = MAX_ROWS,
): Promise<SpoolContent> {
  try {
    const handle = await fs.promises.open(path, OPEN_FLAGS)
    try {
      const stats = await handle.stat()
      if (!isReadable(stats)) return foreign(stats.size)
      const content = createContent(rows, maxRows)
      const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
      for (;;) {
        const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, null)
        if (bytesRead === 0) return content.end()
        content.push(chunk.subarray(0, bytesRead))
        if (content.bytes > MAX_FILE_BYTES) {
          rows.clear()
          return foreign(content.bytes)
        }
      }
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (errnoOf(error) === 'ELOOP') return foreign(0)
    throw error
  }
}

/** The same, at once. */
export function readSpoolFileNow(
  fs: SpoolFs,
  path: string,
  rows: SpoolRowSink,
  maxRows: number = MAX_ROWS,
): SpoolContent {
  try {
    const fd = fs.openSync(path, OPEN_FLAGS)
    try {
      const stats = fs.fstatSync(fd)
      if (!isReadable(stats)) return foreign(stats.size)
      const content = createContent(rows, maxRows)
      content.push(fs.readFileSync(fd))
      return content.end()
    } finally {
      fs.closeSync(fd)
    }
  } catch (error) {
    if (errnoOf(error) === 'ELOOP') return foreign(0)
    throw error
  }
}

function isReadable(stats: Stats): boolean {
  return stats.isFile() && stats.size <= MAX_FILE_BYTES
}

function foreign(bytes: number): SpoolContent {
  return { header: undefined, records: 0, damaged: [], damagedCount: 0, tornBytes: 0, bytes }
}

interface ContentCollector {
  push(chunk: Buffer): void
  end(): SpoolContent
  readonly bytes: number
}

function createContent(rows: SpoolRowSink, maxRows: number): ContentCollector {
  let records = 0
  const damaged: Buffer[] = []
  let header: SpoolHeader | undefined
  let begun = false
  let damagedCount = 0
  let bytes = 0

  function setAside(record: Buffer): void {
    damagedCount += 1
    if (damaged.length < MAX_DAMAGED_KEPT) damaged.push(record)
  }

  function giveUp(): void {
    header = undefined
    rows.clear()
    records = 0
    damaged.length = 0
    damagedCount = 0
  }

  const parser = createFrameParser({
    frame(json) {
      if (!begun) {
        begun = true
        header = parseHeader(json)
      } else if (header === undefined) return
      else if (records === maxRows) giveUp()
      else if (flawOf(json) === undefined) {
        records += 1
        rows.add(json)
      } else setAside(Buffer.from(json.subarray(0, KEPT_BYTES)))
    },
    damaged(record) {
      begun = true
      if (header !== undefined) setAside(record)
    },
  })

  return {
    push(chunk) {
      bytes += chunk.length
      parser.push(chunk)
    },
    end() {
      const { tornBytes } = parser.end()
      return { header, records, damaged, damagedCount, tornBytes, bytes }
    },
    get bytes() {
      return bytes
    },
  }
}
