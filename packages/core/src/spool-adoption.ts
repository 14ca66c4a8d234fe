import { constants } from 'node:fs'
import type { Dirent } from 'node:fs'
import { join, resolve } from 'node:path'

import type { Clock } from './clock.ts'
import { checkDirectory, PROCESS_USER } from './spool-directory.ts'
import { errnoOf, isGone, NO_FOLLOW, NO_WAITING } from './spool-fs.ts'
import type { SpoolFs } from './spool-fs.ts'
import { headerOf } from './spool-head.ts'
import { isDraftName, isInstanceName, OWNER_FILE } from './spool-instance.ts'
import type { Instance } from './spool-instance.ts'
import { identify, isOnOneKernel, judge, parseOwner } from './spool-owner.ts'
import type { Owner, ProcessIdentity, SpoolTarget, Verdict } from './spool-owner.ts'
import { createWatch } from './spool-watch.ts'

/** Takes over the files of instances whose process is dead. */
export interface Adoption {
  /** Looks through the spool directory. Never rejects; a call while one is under way waits for that. */
  scan(): Promise<void>
  /** Takes over nothing more. */
  stop(): void
}

export interface AdoptionOptions {
  readonly fs: SpoolFs
  /** The spool directory. */
  readonly directory: string
  readonly clock: Clock
  /** Where the files go; asked only when there are some. */
  readonly own: () => Instance
  /** What may be taken over: all else is somebody else's. */
  readonly targets: readonly SpoolTarget[]
  /** A file is in the directory of `own` now. */
  readonly onAdopted: (path: string, bytes: number) => void
  /** Something has waited for a minute and nobody takes it. Told once, with the reason, which says what to do. */
  readonly onForeign: (path: string, reason: string) => void
  /** The disk refused something. The next scan tries again. */
  readonly onFailure: (error: unknown) => void
  /** @default this process */
  readonly self?: ProcessIdentity
}

/** For how long an owner must not have moved to be taken for dead, in milliseconds. */
const PATIENCE_MS: Readonly<Record<Verdict, number>> = {
  dead: 0,
  // Nine signs of life are missing.
  unknown: 45_000,
  // It exists, but it may be stopped for good, or only its thread may have ended.
  alive: 600_000,
}

/** For how long something is left to others before it is called foreign, in milliseconds. */
const FOREIGN_AFTER_MS = 60_000

/** An `owner.json` is a few hundred bytes long. */
const MAX_OWNER_BYTES = 65_536

interface OwnerFile {
  /** Changes with each sign of life. */
  readonly sign: string
  /** Undefined when the file makes no sense. */
  readonly owner: Owner | undefined
  /** Why the directory must be left alone. */
  readonly refusal?: string
}

const RELEASED: OwnerFile = { sign: 'released', owner: undefined }

export function createAdoption(options: AdoptionOptions): Adoption {
  const { fs, clock, own, targets, onAdopted, onForeign, onFailure } = options
  const directory = resolve(options.directory)
  const self = options.self ?? identify(fs)
  const watch = createWatch(clock)
  /** Files that are not for us, by the path of their directory, and why the first of them is not. */
  const strangers = new Map<string, Map<string, string>>()
  const reported = new Set<string>()
  let running: Promise<void> | undefined
  let stopped = false

  async function scan(): Promise<void> {
    try {
      const names = await fs.promises.readdir(directory)
      const instances = names.filter((name) => isInstanceName(name) || isDraftName(name)).sort()
      forgetAllBut(new Set(instances))
      const oneKernel = await isOnOneKernel(fs, directory)
      for (const name of instances) {
        if (stopped) return
        await visit(name, oneKernel).catch(tellUnlessGone)
      }
    } catch (error) {
      onFailure(error)
    }
  }

  function forgetAllBut(names: ReadonlySet<string>): void {
    watch.keepOnly(names)
    for (const name of strangers.keys()) if (!names.has(name)) strangers.delete(name)
    for (const name of reported) if (!names.has(name)) reported.delete(name)
  }

  async function visit(name: string, oneKernel: boolean): Promise<void> {
    const path = join(directory, name)
    const [problem] = checkDirectory(fs, path)
    if (problem !== undefined) return foreign(name, Infinity, problem)
    const file = await readOwner(join(path, OWNER_FILE))
    const unchangedMs = watch.unchangedFor(name, file.sign)
    if (file.refusal !== undefined) return foreign(name, unchangedMs, file.refusal)
    const verdict = verdictOn(file, isDraftName(name), oneKernel)
    if (unchangedMs < PATIENCE_MS[verdict]) return
    const streams = file.owner?.streams ?? []
    if (streams.length > 0 && !streams.some(isTarget)) {
      return foreign(name, unchangedMs, `Its rows are for ${describe(streams)}.`)
    }
    await empty(name, verdict)
    const [reason] = strangers.get(name)?.values() ?? []
    if (reason !== undefined) foreign(name, unchangedMs, reason)
  }

  function verdictOn(file: OwnerFile, isDraft: boolean, oneKernel: boolean): Verdict {
    if (file === RELEASED) return isDraft ? 'unknown' : 'dead'
    return file.owner === undefined ? 'unknown' : judge(file.owner, self, fs, oneKernel)
  }

  async function readOwner(path: string): Promise<OwnerFile> {
    try {
      const handle = await fs.promises.open(path, constants.O_RDONLY | NO_FOLLOW | NO_WAITING)
      try {
        const stats = await handle.stat({ bigint: true })
        const sign = `${stats.mtimeNs} ${stats.ino}`
        if (!stats.isFile()) return { sign, owner: undefined, refusal: `${OWNER_FILE} in it is no file.` }
        if (stats.size > MAX_OWNER_BYTES) return { sign, owner: undefined }
        const owner = parseOwner(await handle.readFile('utf8'))
        if (owner !== 'newer') return { sign, owner }
        return { sign, owner: undefined, refusal: 'A newer version of azlogs made it.' }
      } finally {
        await handle.close()
      }
    } catch (error) {
      const code = errnoOf(error)
      if (code === 'ENOENT') return RELEASED
      if (code === 'ELOOP')
        return { sign: code, owner: undefined, refusal: `${OWNER_FILE} in it is a symbolic link.` }
      throw error
    }
  }

  /** Moves what is ours out of the directory, and removes it when nothing is left. */
  async function empty(name: string, verdict: Verdict): Promise<void> {
    const path = join(directory, name)
    const entries = await fs.promises.readdir(path, { withFileTypes: true })
    const files = entries.filter((entry) => entry.name.endsWith('.spool')).sort(byName)
    const known = strangers.get(name)
    const fresh = files.filter((entry) => known?.has(entry.name) !== true)
    if (stopped) return
    // It may be our own.
    if (fresh.length === 0 && verdict === 'alive') return
    const heir = fresh.length > 0 ? own() : undefined
    if (heir?.directory === path || heir?.isOurs() === false) return
    // First of all: should the owner wake up, it sees at once that this is not its directory any more.
    await ignoring('ENOENT', fs.promises.unlink(join(path, OWNER_FILE)))
    if (heir !== undefined) await adoptAll(name, fresh, heir)
    await ignoring('ENOENT ENOTEMPTY EEXIST', fs.promises.rmdir(path))
  }

  async function adoptAll(name: string, entries: readonly Dirent[], heir: Instance): Promise<void> {
    let failure: { readonly error: unknown } | undefined
    for (const entry of entries) {
      if (stopped || !heir.isOurs()) return
      try {
        const reason = await adopt(join(directory, name, entry.name), entry, heir)
        if (reason !== undefined) addStranger(name, entry.name, reason)
      } catch (error) {
        // Somebody else was faster.
        if (!isGone(error)) failure ??= { error }
      }
    }
    if (failure !== undefined) onFailure(failure.error)
  }

  /** Moves a file into our directory, or says why it is none for us. */
  async function adopt(path: string, entry: Dirent, heir: Instance): Promise<string | undefined> {
    if (!entry.isFile()) return `${entry.name} in it is no file.`
    const { header, bytes, user, empty } = await headerOf(fs, path)
    if (PROCESS_USER !== null && user !== PROCESS_USER) return `${entry.name} in it belongs to user ${user}.`
    if (empty) return unlinkEmpty(path)
    if (header === undefined) return `${entry.name} in it does not begin as a spool file.`
    if (!isTarget(header)) return `${entry.name} in it is for ${describe([header])}.`
    const target = join(heir.directory, entry.name)
    if (await exists(target)) return `${entry.name} in it is there already, in ${heir.directory}.`
    await fs.promises.rename(path, target)
    if (!stopped) onAdopted(target, bytes)
    return undefined
  }

  /** Its process died before there was a row in it. */
  async function unlinkEmpty(path: string): Promise<undefined> {
    await fs.promises.unlink(path)
  }

  async function exists(path: string): Promise<boolean> {
    try {
      await fs.promises.lstat(path)
      return true
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return false
      throw error
    }
  }

  function isTarget({ rule, stream }: SpoolTarget): boolean {
    return targets.some((target) => target.rule === rule && target.stream === stream)
  }

  function addStranger(name: string, file: string, reason: string): void {
    const files = strangers.get(name)
    if (files === undefined) strangers.set(name, new Map([[file, reason]]))
    else files.set(file, reason)
  }

  function foreign(name: string, waitedMs: number, reason: string): void {
    if (waitedMs < FOREIGN_AFTER_MS || reported.has(name)) return
    reported.add(name)
    onForeign(join(directory, name), reason)
  }

  function tellUnlessGone(error: unknown): void {
    if (!isGone(error)) onFailure(error)
  }

  return {
    scan() {
      running ??= scan().finally(() => {
        running = undefined
      })
      return running
    },
    stop() {
      stopped = true
    },
  }
}

function describe(targets: readonly SpoolTarget[]): string {
  return targets.map(({ rule, stream }) => `stream ${stream} of rule ${rule}`).join(', ')
}

function byName(one: Dirent, other: Dirent): number {
  return one.name < other.name ? -1 : 1
}

async function ignoring(codes: string, call: Promise<void>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!codes.split(' ').includes(String(errnoOf(error)))) throw error
  }
}
