import { fork, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import fs, { mkdtempSync, readFileSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import type { promises } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { onTestFinished } from 'vitest'

import type { Clock } from '../src/clock.ts'
import { createAdoption } from '../src/spool-adoption.ts'
import type { Adoption, AdoptionOptions } from '../src/spool-adoption.ts'
import { nodeFs } from '../src/spool-fs.ts'
import type { SpoolFs } from '../src/spool-fs.ts'
import { createInstance } from '../src/spool-instance.ts'
import type { Instance } from '../src/spool-instance.ts'
import type { Owner, SpoolTarget } from '../src/spool-owner.ts'
import type { Answer, Request } from './fixtures/spool-instance.ts'
import { header, spoolBytes } from './spool-bytes.ts'

export const target: SpoolTarget = { rule: header.rule, stream: header.stream }
export const otherTarget: SpoolTarget = { rule: header.rule, stream: 'Custom-Other_CL' }

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'azlogs-spool-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

let sequence = 0

/** Puts a batch of one row into the directory, under a name as unique as the real ones. */
export function writeBatch(directory: string, to: SpoolTarget = target): string {
  sequence += 1
  const name = `1790000000000-${String(sequence).padStart(6, '0')}-${process.pid.toString(16).padStart(12, '0')}.spool`
  const path = join(directory, name)
  writeFileSync(path, spoolBytes([JSON.stringify({ n: sequence })], { ...header, ...to }), { mode: 0o600 })
  return path
}

export interface Leaving {
  readonly files?: number
  readonly to?: SpoolTarget
  /** What its owner.json says otherwise; `null` leaves a field out. */
  readonly owner?: { readonly [Field in keyof Owner]?: Owner[Field] | null }
}

/** An instance directory as some process has left it behind. @returns its path */
export function leaveInstance(spool: string, { files = 3, to = target, owner = {} }: Leaving = {}): string {
  const { directory } = createInstance(nodeFs, spool, { targets: [to] })
  for (let count = 0; count < files; count += 1) writeBatch(directory, to)
  const path = join(directory, 'owner.json')
  const written = JSON.parse(readFileSync(path, 'utf8')) as object
  const changed = Object.entries({ ...written, ...owner }).filter(([, value]) => value !== null)
  writeFileSync(path, JSON.stringify(Object.fromEntries(changed)))
  return directory
}

/** The same after its owner has let it go. */
export function leaveReleased(spool: string, leaving: Leaving = {}): string {
  const directory = leaveInstance(spool, leaving)
  unlinkSync(join(directory, 'owner.json'))
  return directory
}

/** Says of an owner that its process has ended: no process has ever had this number. */
export const ENDED: { readonly pid: number; readonly startTime: string } = { pid: 2 ** 30, startTime: '1' }

/** Names of the spool files in a directory, sorted. */
export function batchesIn(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.spool'))
    .sort()
}

export interface Adopter {
  readonly instance: Instance
  readonly adoption: Adoption
  /** Names of the files, in the order of their coming. */
  readonly adopted: string[]
  readonly foreign: { readonly path: string; readonly reason: string }[]
  readonly failures: unknown[]
  /** Lets time pass and scans each ten seconds, as the shipper does. */
  pass(ms: number): Promise<void>
  /** Lets time pass without a scan. */
  freeze(ms: number): void
}

export function createAdopter(spool: string, overrides: Partial<AdoptionOptions> = {}): Adopter {
  const instance = createInstance(nodeFs, spool, { targets: [target] })
  let time = 1000
  const clock: Clock = { now: () => time, after: () => () => {} }
  const adopted: string[] = []
  const foreign: { path: string; reason: string }[] = []
  const failures: unknown[] = []
  const adoption = createAdoption({
    fs: nodeFs,
    directory: spool,
    clock,
    own: () => instance,
    targets: [target],
    onAdopted: (path) => adopted.push(basename(path)),
    onForeign: (path, reason) => foreign.push({ path, reason }),
    onFailure: (error) => failures.push(error),
    ...overrides,
  })
  return {
    instance,
    adoption,
    adopted,
    foreign,
    failures,
    async pass(ms) {
      const end = time + ms
      while (time < end) {
        time = Math.min(end, time + 10_000)
        await adoption.scan()
      }
    },
    freeze(ms) {
      time += ms
    },
  }
}

/** The real file system, but what is named in `calls`, asynchronous calls under their own names, synchronous ones with `Sync`. */
export function changedFs(calls: Readonly<Record<string, (...args: never[]) => unknown>>): SpoolFs {
  return { ...fs, ...calls, promises: { ...fs.promises, ...calls } }
}

/** A file system that tells the descriptors of all files that were opened on it; -1 of one that has been closed. */
export function watchedFs(): { readonly fs: SpoolFs; readonly descriptors: () => readonly number[] } {
  const handles: promises.FileHandle[] = []
  const watched = changedFs({
    open: async (file: string, flags: number) => {
      const handle = await nodeFs.promises.open(file, flags)
      handles.push(handle)
      return handle
    },
  })
  return { fs: watched, descriptors: () => handles.map(({ fd }) => fd) }
}

/** A file system on which the call fails. */
export function failingFs(call: string, code: string): SpoolFs {
  const error = Object.assign(new Error(`${code}: injected, ${call}`), { code })
  return changedFs({
    [call]: call.endsWith('Sync')
      ? () => {
          throw error
        }
      : () => Promise.reject(error),
  })
}

/** A file system of another kind, by statfs(2). */
export function volumeOfType(type: number): SpoolFs {
  return changedFs({ statfs: () => Promise.resolve({ type }) })
}

/** A process with an instance of its own. */
export interface InstanceProcess {
  readonly child: ChildProcess
  readonly directory: string
  ask(request: Request): Promise<Answer>
  /** Sends SIGKILL and waits for the end. */
  kill(): Promise<void>
}

const UNSHARED = ['--pid', '--fork', '--kill-child', '--mount-proc']
const FIXTURE = fileURLToPath(new URL('fixtures/spool-instance.ts', import.meta.url))

/** @param unshared in a pid namespace of its own, as in a container */
export async function startInstance(
  spool: string,
  { env = {}, unshared = false }: { env?: Readonly<Record<string, string>>; unshared?: boolean } = {},
): Promise<InstanceProcess> {
  const options = { env: { ...process.env, NODE_OPTIONS: '', ...env } }
  const child = unshared
    ? spawn('unshare', [...UNSHARED, process.execPath, '--conditions=dev', FIXTURE, spool], {
        ...options,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      })
    : fork(FIXTURE, [spool], { ...options, execArgv: ['--conditions=dev'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const { directory } = await answer(child)
  return {
    child,
    directory: directory ?? '',
    ask(request) {
      child.send(request)
      return answer(child)
    },
    async kill() {
      const ended = once(child, 'close')
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function answer(child: ChildProcess): Promise<Answer> {
  const done = new AbortController()
  const { signal } = done
  try {
    const [message] = (await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'close', { signal }).then(([code, killedBy]) => {
        throw new Error(`the process has ended with ${code ?? killedBy}`)
      }),
    ])) as [Answer]
    return message
  } finally {
    done.abort()
  }
}
