import type { Clock } from './clock.ts'
import { createPacker } from './packer.ts'
import type { PackedRows } from './packer.ts'
import { byAge } from './spool-files.ts'
import type { SpoolFile } from './spool-file.ts'
import type { SpoolFs } from './spool-fs.ts'
import { readSpoolFile } from './spool-reader.ts'
import type { SpoolContent, SpoolRowSink } from './spool-reader.ts'

/** Reads files of the spool again, oldest first, no faster than they can be sent. */
export interface Replay {
  add(file: SpoolFile): void
  /** Reads the next file if it could be sent now. Call when that may have become so. */
  proceed(): void
  /** Takes the oldest file that nobody is reading. */
  takeOldest(): SpoolFile | undefined
  /** Forgets all files. Those that are being read are not handed over any more. */
  stop(): readonly SpoolFile[]
  /** Files that wait. */
  readonly size: number
}

export interface ReplayOptions {
  readonly fs: SpoolFs
  readonly clock: Clock
  /** Rows that are read now would be sent soon, and there is memory for them. */
  readonly ready: () => boolean
  /** What a batch may hold now, in bytes. */
  readonly batchLimit: () => number
  readonly onRead: (file: SpoolFile, content: SpoolContent, packets: readonly PackedRows[]) => void
  /** The file is not there any more. */
  readonly onGone: (file: SpoolFile) => void
  readonly onFailure: (error: unknown) => void
}

/** How often it is looked whether the next file can be sent, in milliseconds, when nothing else says so. */
const LOOK_AGAIN_MS = 500

export function createReplay(options: ReplayOptions): Replay {
  const { clock } = options
  const files: SpoolFile[] = []
  let reading: SpoolFile | undefined
  let cancel: (() => void) | undefined

  function proceed(): void {
    cancel?.()
    cancel = undefined
    if (reading !== undefined || files.length === 0) return
    if (options.ready()) void read(files.shift() as SpoolFile)
    else cancel = clock.after(LOOK_AGAIN_MS, proceed)
  }

  async function read(file: SpoolFile): Promise<void> {
    reading = file
    try {
      const rows = createRowPacking(options.batchLimit())
      const content = await readSpoolFile(options.fs, file.path, rows)
      if (reading === file) options.onRead(file, content, rows.end())
    } catch (error) {
      if (reading !== file) return
      if (isMissing(error)) options.onGone(file)
      else {
        // Behind all others: one that cannot be read must not hold them up.
        files.push(file)
        options.onFailure(error)
        reading = undefined
        cancel ??= clock.after(LOOK_AGAIN_MS, proceed)
        return
      }
    }
    reading = undefined
    proceed()
  }

  function insert(file: SpoolFile): void {
    // Almost always the newest of all.
    let at = files.length
    while (at > 0 && byAge(file, files[at - 1] as SpoolFile) < 0) at -= 1
    files.splice(at, 0, file)
  }

  return {
    add(file) {
      insert(file)
      cancel ??= clock.after(0, proceed)
    },
    proceed,
    takeOldest: () => files.shift(),
    stop() {
      cancel?.()
      cancel = undefined
      const left = reading === undefined ? files.splice(0) : [reading, ...files.splice(0)]
      reading = undefined
      return left
    },
    get size() {
      return files.length + (reading === undefined ? 0 : 1)
    },
  }
}

interface RowPacking extends SpoolRowSink {
  end(): readonly PackedRows[]
}

/**
 * Packs rows as they are read. An object for each of the thousands in a file would live just long enough to make the engine give the
 * process more memory for young objects, for good.
 */
function createRowPacking(maxBytes: number): RowPacking {
  const packer = createPacker(maxBytes)
  let packets: PackedRows[] = []
  return {
    add(json) {
      packets.push(...packer.add(json))
    },
    clear() {
      packer.seal()
      packets = []
    },
    end() {
      const last = packer.seal()
      return last === undefined ? packets : [...packets, last]
    },
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
