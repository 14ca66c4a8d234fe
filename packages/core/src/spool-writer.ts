import type { SpoolFile } from './spool-file.ts'
import type { SpoolFiles } from './spool-files.ts'
import { FRAME_OVERHEAD, writeFrame } from './spool-frame.ts'
import type { SpoolFs } from './spool-fs.ts'
import { MAX_BYTES_PER_UNIT } from './packer.ts'

/** Writes rows into files. What it cannot write it reports; the rows are still in memory. */
export interface SpoolWriter {
  /** Takes a row for the file that is being written: it is in there when this turn of the event loop ends. */
  append(json: string): void
  /** Writes what this turn has brought. */
  commit(): void
  /** Ends the file that is being written; undefined when there is none. It is incomplete when something failed. */
  seal(): SpoolFile | undefined
  /**
   * Writes rows into a file of their own.
   *
   * @throws NodeJS.ErrnoException or AzlogsError when they are not all in it; then nothing is left of the file
   */
  write(rows: readonly Uint8Array[]): SpoolFile
  /** Waits for the disk. A file for which that fails is incomplete from then on. */
  sync(): Promise<void>
  /** The same when the process ends. */
  syncNow(): void
  /** Lets go of all files: they are not ours any more. */
  abandon(): void
  /** The file that is being written lacks rows. */
  readonly broken: boolean
}

export interface SpoolWriterOptions {
  readonly fs: SpoolFs
  readonly files: SpoolFiles
  readonly fsync: boolean
  readonly onFailure: (error: unknown) => void
}

/** Rows of one turn are written in pieces of at most this size, but for a row that is larger itself. */
const STAGING_BYTES = 262_144

interface OpenFile {
  readonly fd: number
  readonly file: SpoolFile
}

export function createSpoolWriter({ fs, files, fsync, onFailure }: SpoolWriterOptions): SpoolWriter {
  let staging: Buffer | undefined
  let used = 0
  let scheduled = false
  let current: OpenFile | undefined
  let broken = false
  /** Files with bytes that the disk may not have yet; a sealed one is closed when it has. */
  const unsynced = new Map<OpenFile, { sealed: boolean }>()
  let syncing = Promise.resolve()

  /** Writes all of it or throws, and then the file is as long as it was. */
  function writeAll({ fd, file }: OpenFile, bytes: Buffer): void {
    let written = 0
    try {
      while (written < bytes.length) written += fs.writeSync(fd, bytes, written, bytes.length - written)
    } catch (error) {
      // Half a row at the end would be cut by whoever reads it, but the rest of the space is wanted back now.
      if (written > 0) attempt(() => fs.ftruncateSync(fd, file.bytes))
      throw error
    }
    files.grew(file, bytes.length)
  }

  function flush(): void {
    if (used === 0 || staging === undefined) return
    const bytes = staging.subarray(0, used)
    used = 0
    if (broken) return
    try {
      current ??= files.create()
      writeAll(current, bytes)
      if (fsync) unsynced.set(current, { sealed: false })
    } catch (error) {
      broken = true
      if (current !== undefined) current.file.complete = false
      onFailure(error)
    }
  }

  function commit(): void {
    flush()
    if (fsync && unsynced.size > 0) void sync()
  }

  function endTurn(): void {
    scheduled = false
    commit()
  }

  function close(open: OpenFile): void {
    attempt(() => fs.closeSync(open.fd))
  }

  function end(open: OpenFile): void {
    const pending = unsynced.get(open)
    if (pending === undefined) close(open)
    else pending.sealed = true
  }

  /** One after the other: what came after the call that is under way needs one of its own. */
  function sync(): Promise<void> {
    syncing = syncing.then(async () => {
      await Promise.all(Array.from(unsynced, ([open, state]) => syncFile(open, state)))
    })
    return syncing
  }

  async function syncFile(open: OpenFile, state: { sealed: boolean }): Promise<void> {
    const length = open.file.bytes
    try {
      await new Promise<void>((resolve, reject) => {
        fs.fsync(open.fd, (error) => (error === null ? resolve() : reject(error)))
      })
      await files.syncDirectory()
      if (open.file.bytes === length) unsynced.delete(open)
    } catch (error) {
      // After a failed fsync the kernel calls the pages clean: a second one would say yes without the data being there.
      unsynced.delete(open)
      open.file.complete = false
      if (open === current) broken = true
      onFailure(error)
    }
    if (state.sealed) close(open)
  }

  function reset(): void {
    current = undefined
    broken = false
    used = 0
  }

  return {
    append(json) {
      const room = json.length * MAX_BYTES_PER_UNIT + FRAME_OVERHEAD
      staging ??= Buffer.allocUnsafeSlow(STAGING_BYTES)
      if (used + room > staging.length) {
        flush()
        if (room > staging.length) {
          const large = Buffer.allocUnsafeSlow(room)
          const ordinary = staging
          staging = large
          used = writeFrame(large, 0, json)
          flush()
          staging = ordinary
          return
        }
      }
      used = writeFrame(staging, used, json)
      if (scheduled) return
      scheduled = true
      setImmediate(endTurn)
    },
    commit,
    seal() {
      flush()
      const sealed = current
      const file = sealed?.file
      if (file !== undefined && !broken) file.complete = true
      reset()
      if (sealed !== undefined) end(sealed)
      return file
    },
    write(rows) {
      const size = rows.reduce((sum, row) => sum + row.length + FRAME_OVERHEAD, 0)
      const bytes = Buffer.allocUnsafe(size)
      let at = 0
      for (const row of rows) at = writeFrame(bytes, at, row)
      const open = files.create(size)
      try {
        writeAll(open, bytes)
      } catch (error) {
        close(open)
        files.remove(open.file)
        throw error
      }
      open.file.complete = true
      if (fsync) unsynced.set(open, { sealed: true })
      else close(open)
      return open.file
    },
    sync,
    syncNow() {
      flush()
      for (const [open] of unsynced) {
        try {
          fs.fsyncSync(open.fd)
        } catch (error) {
          onFailure(error)
        }
      }
    },
    abandon() {
      const files = new Set(unsynced.keys())
      if (current !== undefined) files.add(current)
      broken = used > 0 || current !== undefined
      current = undefined
      used = 0
      unsynced.clear()
      for (const open of files) close(open)
    },
    get broken() {
      return broken
    },
  }
}

function attempt(work: () => void): void {
  try {
    work()
  } catch {
    // It was on the way out anyway.
  }
}
