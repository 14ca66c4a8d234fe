import { join } from 'node:path'

import { nodeFs } from '../src/spool-fs.ts'
import type { SpoolFs } from '../src/spool-fs.ts'

/** What a disk was asked to do, in the order in which it was said to be done. */
export type DiskChange =
  | { readonly kind: 'create' | 'unlink' | 'sync-directory'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string; readonly bytes: Buffer }
  | { readonly kind: 'truncate' | 'sync'; readonly path: string; readonly length: number }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }

export interface RecordingFs {
  readonly fs: SpoolFs
  readonly changes: readonly DiskChange[]
}

/** The real file system, with a record of everything that changes it. */
export function createRecordingFs(): RecordingFs {
  const changes: DiskChange[] = []
  const paths = new Map<number, string>()
  const pathOf = (fd: number): string => paths.get(fd) ?? ''

  const fs: SpoolFs = {
    ...nodeFs,
    openSync(path, flags, mode) {
      const isNew = !exists(String(path))
      const fd = nodeFs.openSync(path, flags, mode)
      paths.set(fd, String(path))
      if (isNew) changes.push({ kind: 'create', path: String(path) })
      return fd
    },
    writeSync: ((fd: number, bytes: Buffer, offset?: number, length?: number) => {
      const from = offset ?? 0
      const written = nodeFs.writeSync(fd, bytes, from, length ?? bytes.length - from)
      changes.push({
        kind: 'write',
        path: pathOf(fd),
        bytes: Buffer.from(bytes.subarray(from, from + written)),
      })
      return written
    }) as unknown as SpoolFs['writeSync'],
    ftruncateSync(fd, length) {
      nodeFs.ftruncateSync(fd, length)
      changes.push({ kind: 'truncate', path: pathOf(fd), length: length ?? 0 })
    },
    fsyncSync(fd) {
      nodeFs.fsyncSync(fd)
      noteSync(fd, nodeFs.fstatSync(fd).size)
    },
    fsync: Object.assign(
      (fd: number, callback: (error: NodeJS.ErrnoException | null) => void) => {
        // What is written while the disk works may not be in it.
        const { size } = nodeFs.fstatSync(fd)
        nodeFs.fsync(fd, (error) => {
          noteSync(fd, size)
          callback(error)
        })
      },
      { __promisify__: nodeFs.fsync.__promisify__ },
    ),
    renameSync(from, to) {
      nodeFs.renameSync(from, to)
      changes.push({ kind: 'rename', path: String(from), to: String(to) })
    },
    unlinkSync(path) {
      nodeFs.unlinkSync(path)
      changes.push({ kind: 'unlink', path: String(path) })
    },
    promises: {
      ...nodeFs.promises,
      async open(path, flags, mode) {
        const handle = await nodeFs.promises.open(path, flags, mode)
        const sync = handle.sync.bind(handle)
        handle.sync = async () => {
          await sync()
          changes.push({ kind: 'sync-directory', path: join(String(path)) })
        }
        return handle
      },
    },
  }

  function noteSync(fd: number, length: number): void {
    const path = pathOf(fd)
    changes.push(
      nodeFs.fstatSync(fd).isDirectory() ? { kind: 'sync-directory', path } : { kind: 'sync', path, length },
    )
  }

  return { fs, changes }
}

function exists(path: string): boolean {
  try {
    nodeFs.lstatSync(path)
    return true
  } catch {
    return false
  }
}
