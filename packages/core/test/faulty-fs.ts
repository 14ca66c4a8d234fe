import { nodeFs } from '../src/spool-fs.ts'
import type { SpoolFs } from '../src/spool-fs.ts'

/** The calls that can be made to fail. */
type FaultyCall = 'write' | 'open' | 'mkdir' | 'rename' | 'unlink' | 'fsync'

interface Fault {
  readonly code: string
  /** A write takes half of its bytes first. */
  readonly halfway: boolean
  times: number
}

export interface FaultyFs {
  readonly fs: SpoolFs
  /** The path is that of the descriptor, where there is one. */
  readonly calls: { readonly name: FaultyCall; readonly path: string | undefined; readonly failed: boolean }[]
  /** From now on, or `times` times, the call fails with the code. */
  failWith(
    name: FaultyCall,
    code: string,
    options?: { readonly halfway?: boolean; readonly times?: number },
  ): void
  /** Everything works again. */
  heal(): void
}

/** The real file system, but for what it is told to refuse. */
export function createFaultyFs(): FaultyFs {
  const faults = new Map<FaultyCall, Fault>()
  const calls: FaultyFs['calls'] = []
  const paths = new Map<number, string>()

  function faultOf(name: FaultyCall, fd?: number): Fault | undefined {
    const fault = faults.get(name)
    const failed = fault !== undefined && fault.times > 0
    calls.push({ name, path: fd === undefined ? undefined : paths.get(fd), failed })
    if (!failed) return undefined
    fault.times -= 1
    return fault
  }

  function refuse(name: FaultyCall, fd?: number): void {
    const fault = faultOf(name, fd)
    if (fault !== undefined) throw refusal(fault.code, name)
  }

  const fs: SpoolFs = {
    ...nodeFs,
    promises: {
      ...nodeFs.promises,
      rename(from, to) {
        refuse('rename')
        return nodeFs.promises.rename(from, to)
      },
    },
    mkdirSync: (...args: Parameters<SpoolFs['mkdirSync']>) => {
      refuse('mkdir')
      return nodeFs.mkdirSync(...args)
    },
    openSync(...args) {
      refuse('open')
      const fd = nodeFs.openSync(...args)
      paths.set(fd, String(args[0]))
      return fd
    },
    renameSync(...args) {
      refuse('rename')
      nodeFs.renameSync(...args)
    },
    unlinkSync(path) {
      refuse('unlink')
      nodeFs.unlinkSync(path)
    },
    writeSync: ((fd: number, bytes: Buffer, offset?: number, length?: number) => {
      const from = offset ?? 0
      const size = length ?? bytes.length - from
      const fault = faultOf('write', fd)
      if (fault === undefined) return nodeFs.writeSync(fd, bytes, from, size)
      if (fault.halfway && size > 1) nodeFs.writeSync(fd, bytes, from, size >> 1)
      throw refusal(fault.code, 'write')
    }) as unknown as SpoolFs['writeSync'],
    fsync: Object.assign(
      (fd: number, callback: (error: NodeJS.ErrnoException | null) => void) => {
        const fault = faultOf('fsync', fd)
        if (fault === undefined) nodeFs.fsync(fd, callback)
        else setImmediate(() => callback(refusal(fault.code, 'fsync')))
      },
      { __promisify__: nodeFs.fsync.__promisify__ },
    ),
  }

  return {
    fs,
    calls,
    failWith(name, code, options = {}) {
      faults.set(name, {
        code,
        halfway: options.halfway ?? false,
        times: options.times ?? Number.POSITIVE_INFINITY,
      })
    },
    heal: () => faults.clear(),
  }
}

function refusal(code: string, call: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: refused by the test, ${call}`), { code, syscall: call })
}
