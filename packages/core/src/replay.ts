import type { Clock } from './clock.ts'
import { byAge } from './spool-files.ts'
import type { SpoolFile } from './spool-file.ts'
import type { SpoolFs } from './spool-fs.ts'
import { readSpoolFile } from './spool-reader.ts'
import type { SpoolContent } from './spool-reader.ts'

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
  readonly onRead: (file: SpoolFile, content: SpoolContent) => void
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
      const content = await readSpoolFile(options.fs, file.path)
      if (reading === file) options.onRead(file, content)
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

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
