import { hostname } from 'node:os'

import type { SpoolFs } from './spool-fs.ts'

/** Which process this is, well enough for another one to find out whether it still runs. */
export interface ProcessIdentity {
  readonly host: string
  /** New with each start of the kernel. Linux only, like all that may be undefined here. */
  readonly bootId: string | undefined
  /** Within it, pids are unique. */
  readonly pidNamespace: string | undefined
  readonly pid: number
  /** Clock ticks from the start of the kernel to that of the process: tells it from an earlier one with its pid. */
  readonly startTime: string | undefined
}

/** Where rows go: what a spool file is for. */
export interface SpoolTarget {
  readonly rule: string
  readonly stream: string
}

/** Who fills an instance directory, and with what. */
export interface Owner extends ProcessIdentity {
  readonly streams: readonly SpoolTarget[]
}

/** `unknown`: it may run in another container or on another machine. */
export type Verdict = 'dead' | 'alive' | 'unknown'

const OWNER_VERSION = 1

/** Who this process is, as far as the system tells. */
export function identify(fs: SpoolFs): ProcessIdentity {
  const { pid } = process
  // Where /proc shows another pid namespace, its numbers mean other processes.
  const procIsOurs = attempt(() => fs.readlinkSync('/proc/self')) === String(pid)
  return {
    host: hostname(),
    bootId: attempt(() => fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: attempt(() => fs.readlinkSync('/proc/self/ns/pid')),
    pid,
    startTime: procIsOurs ? readProcess(fs, pid)?.startTime : undefined,
  }
}

/** The text of an `owner.json`. */
export function encodeOwner(self: ProcessIdentity, streams: readonly SpoolTarget[]): string {
  const started = new Date().toISOString()
  return `${JSON.stringify({ version: OWNER_VERSION, ...self, streams, started })}\n`
}

/** What an `owner.json` says; `newer` when a later version wrote it, undefined when it makes no sense. */
export function parseOwner(text: string): Owner | 'newer' | undefined {
  const value = attempt((): unknown => JSON.parse(text))
  if (!isObject(value)) return undefined
  const { version, host, bootId, pidNamespace, pid, startTime, streams } = value
  if (typeof version === 'number' && version > OWNER_VERSION) return 'newer'
  if (version !== OWNER_VERSION || typeof host !== 'string' || !Array.isArray(streams)) return undefined
  if (!Number.isSafeInteger(pid) || (pid as number) <= 0) return undefined
  return {
    host,
    bootId: textOrNothing(bootId),
    pidNamespace: textOrNothing(pidNamespace),
    pid: pid as number,
    startTime: textOrNothing(startTime),
    streams: streams.filter(isTarget),
  }
}

/**
 * Whether the process runs.
 *
 * @param oneKernel the directory is on a volume that one kernel at a time can use: one of an earlier boot is dead then
 */
export function judge(
  owner: ProcessIdentity,
  self: ProcessIdentity,
  fs: SpoolFs,
  oneKernel: boolean,
): Verdict {
  if (owner.bootId !== self.bootId) {
    return oneKernel && owner.bootId !== undefined && self.bootId !== undefined ? 'dead' : 'unknown'
  }
  if (owner.bootId === undefined && owner.host !== self.host) return 'unknown'
  if (owner.pidNamespace !== self.pidNamespace) return 'unknown'
  if (!hasPid(owner.pid)) return 'dead'
  const running = self.startTime === undefined ? undefined : readProcess(fs, owner.pid)
  if (running === undefined) return 'alive'
  if (running.ended) return 'dead'
  return owner.startTime === undefined || owner.startTime === running.startTime ? 'alive' : 'dead'
}

/**
 * `f_type` of file systems that only one kernel can have mounted for writing: ext2 to 4, xfs, btrfs, f2fs, zfs, tmpfs,
 * overlayfs. From statfs(2) and the kernel's magic.h.
 */
const ONE_KERNEL_TYPES: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x2fc12fc1, 0x01021994, 0x794c7630,
])

/** Whether nobody on another machine can be using the volume; false in doubt. */
export async function isOnOneKernel(fs: SpoolFs, path: string): Promise<boolean> {
  if (process.platform !== 'linux') return false
  const { type } = await fs.promises.statfs(path)
  return ONE_KERNEL_TYPES.has(type)
}

function hasPid(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

interface RunningProcess {
  /** Killed, but its parent has not asked how it ended. Containers without an init are full of these. */
  readonly ended: boolean
  readonly startTime: string | undefined
}

/** From proc(5), /proc/pid/stat: the fields behind the name, which can contain anything, are the state (3), … start (22). */
function readProcess(fs: SpoolFs, pid: number): RunningProcess | undefined {
  const text = attempt(() => fs.readFileSync(`/proc/${pid}/stat`, 'utf8'))
  if (text === undefined) return undefined
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { ended: fields[0] === 'Z' || fields[0] === 'X', startTime: fields[19] }
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isTarget(value: unknown): value is SpoolTarget {
  return isObject(value) && typeof value['rule'] === 'string' && typeof value['stream'] === 'string'
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
