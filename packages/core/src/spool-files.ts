import { constants } from 'node:fs'
import { basename, join } from 'node:path'

import { AzlogsError } from './errors.ts'
import type { SpoolFile } from './spool-file.ts'
import { NO_FOLLOW } from './spool-fs.ts'
import type { SpoolFs } from './spool-fs.ts'
import { encodeHeader } from './spool-header.ts'
import type { Instance } from './spool-instance.ts'

/** The files of this instance, and the space that they take. */
export interface SpoolFiles {
  /**
   * Makes a file with its header, ready for rows.
   *
   * @param expectedBytes what is going to be written into it
   * @throws NodeJS.ErrnoException, or AzlogsError `AZLOGS_SPOOL_FULL` when the budget has no room
   */
  create(expectedBytes?: number): { readonly fd: number; readonly file: SpoolFile }
  /** Says that the file has become longer. */
  grew(file: SpoolFile, bytes: number): void
  /** Takes over a file that is there already. */
  adopted(path: string, bytes: number): SpoolFile
  /** Unlinks it. Synchronous: what has been delivered must not be found again by the next process. */
  remove(file: SpoolFile): void
  /** Forgets a file, or all of them, and leaves them where they are. */
  forget(file?: SpoolFile): void
  /** Waits until the names of the files are on the disk. */
  syncDirectory(): Promise<void>
  readonly bytes: number
  readonly count: number
}

export interface SpoolFilesOptions {
  readonly fs: SpoolFs
  readonly instance: () => Instance
  readonly rule: string
  readonly stream: string
  readonly maxBytes: number
  readonly minFreeBytes: number
  /** Makes room for so many bytes, if that is allowed. */
  readonly onFull: (bytes: number) => void
}

const { O_APPEND, O_CREAT, O_EXCL, O_WRONLY, O_RDONLY } = constants

let sequence = 0

export function createSpoolFiles(options: SpoolFilesOptions): SpoolFiles {
  const { fs, maxBytes, minFreeBytes } = options
  const files = new Set<SpoolFile>()
  let bytes = 0

  function add(path: string, size: number, complete: boolean): SpoolFile {
    const file: SpoolFile = { path, bytes: size, complete, parts: 0, divided: false, stub: undefined }
    files.add(file)
    bytes += size
    return file
  }

  function checkRoom(directory: string, wanted: number): void {
    if (bytes + wanted > maxBytes) options.onFull(bytes + wanted - maxBytes)
    if (bytes + wanted > maxBytes) {
      throw full(`spool.maxBytes (${maxBytes}) is used up by what could not be sent yet`)
    }
    const { bavail, bsize } = fs.statfsSync(directory)
    if (bavail * bsize - wanted < minFreeBytes) {
      throw full(`the volume of ${directory} has less than spool.minFreeBytes (${minFreeBytes}) free`)
    }
  }

  return {
    create(expectedBytes = 0) {
      const instance = options.instance()
      const { directory, id } = instance
      const header = encodeHeader({
        rule: options.rule,
        stream: options.stream,
        instance: id,
        created: new Date().toISOString(),
      })
      checkRoom(directory, header.length + expectedBytes)
      sequence += 1
      const time = String(Date.now()).padStart(13, '0')
      const path = join(directory, `${time}-${String(sequence).padStart(6, '0')}-${instance.suffix}.spool`)
      const fd = fs.openSync(path, O_APPEND | O_CREAT | O_EXCL | NO_FOLLOW | O_WRONLY, 0o600)
      try {
        if (fs.writeSync(fd, header) !== header.length) throw full(`the disk took half a header`)
      } catch (error) {
        fs.closeSync(fd)
        fs.unlinkSync(path)
        throw error
      }
      return { fd, file: add(path, header.length, false) }
    },
    grew(file, more) {
      file.bytes += more
      bytes += more
    },
    adopted: (path, size) => add(path, size, true),
    remove(file) {
      if (!files.delete(file)) return
      bytes -= file.bytes
      try {
        fs.unlinkSync(file.path)
      } catch {
        // Gone already, or it will be sent once more by the next process: a duplicate, and no loss.
      }
    },
    forget(file) {
      for (const one of file === undefined ? [...files] : [file]) {
        if (files.delete(one)) bytes -= one.bytes
      }
    },
    async syncDirectory() {
      if (process.platform === 'win32') return
      const handle = await fs.promises.open(options.instance().directory, O_RDONLY)
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
    },
    get bytes() {
      return bytes
    },
    get count() {
      return files.size
    },
  }
}

/** Oldest first: names begin with the time, and then the number, of their making. */
export function byAge(one: SpoolFile, other: SpoolFile): number {
  return basename(one.path) < basename(other.path) ? -1 : 1
}

function full(why: string): AzlogsError {
  return new AzlogsError('AZLOGS_SPOOL_FULL', `The spool takes nothing more: ${why}.`)
}
