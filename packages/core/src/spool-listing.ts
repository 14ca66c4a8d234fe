import { constants } from 'node:fs'
import { join, resolve } from 'node:path'

import { AzlogsError, messageOf } from './errors.ts'
import { checkDirectory } from './spool-directory.ts'
import { errnoOf, isGone, NO_FOLLOW, NO_WAITING, nodeFs } from './spool-fs.ts'
import { headerOf } from './spool-head.ts'
import type { SpoolHeader } from './spool-header.ts'
import { isInstanceName, OWNER_FILE } from './spool-instance.ts'
import { identify, isOnOneKernel, judge, parseOwner } from './spool-owner.ts'
import type { Owner, ProcessIdentity, Verdict } from './spool-owner.ts'
import { NO_ROWS, readSpoolFile } from './spool-reader.ts'

/** What one shipper has, or had, in a spool directory. */
export interface SpoolInstance<File = SpoolFileEntry> {
  readonly path: string
  /**
   * `alive`: its process runs and ships the files itself. `dead`, or `released` by it: whoever ships to the same stream takes
   * them over. `unknown`: its process is, or was, in another container or on another host.
   */
  readonly state: Verdict | 'released'
  /** Where its process runs, or ran; undefined when it has released its files. */
  readonly host: string | undefined
  /** Its process id there. */
  readonly pid: number | undefined
  /** Oldest first. */
  readonly files: readonly File[]
  /** Why nobody will ever look into it; undefined when all is well. */
  readonly problem: string | undefined
}

/** A file of rows that wait. */
export interface SpoolFileEntry {
  readonly path: string
  /** Its size. */
  readonly bytes: number
  /** What its rows are for, and since when they wait; undefined when it does not say. */
  readonly header: SpoolHeader | undefined
  /** Why it cannot be sent; undefined when it can. */
  readonly problem: string | undefined
}

/** A file of the spool that has been read from its beginning to its end. */
export interface VerifiedSpoolFile extends SpoolFileEntry {
  /** Rows in it. */
  readonly records: number
  /** Damaged records, which cannot be sent. */
  readonly damaged: number
  /** Bytes of a row that was being written when its process died, or, while that is alive, is being written now. */
  readonly tornBytes: number
}

const NO_HEADER =
  'It does not begin as a spool file of this version of azlogs, so nobody sends or removes it.'

/** An `owner.json` is a few hundred bytes long. */
const MAX_OWNER_BYTES = 65_536

/**
 * What is in a spool directory, by the heads of its files. Changes nothing.
 *
 * @throws AzlogsError `AZLOGS_CONFIG` when there is no spool, or it is not safe to use
 */
export async function listSpool(directory: string): Promise<readonly SpoolInstance[]> {
  const spool = existingSpool(directory)
  const self = identify(nodeFs)
  const oneKernel = await isOnOneKernel(nodeFs, spool)
  const names = (await nodeFs.promises.readdir(spool)).filter(isInstanceName).sort()
  const instances: SpoolInstance[] = []
  for (const name of names) {
    // Its process may have ended meanwhile, or somebody has taken it over.
    const instance = await unlessGone(listInstance(join(spool, name), self, oneKernel))
    if (instance !== undefined) instances.push(instance)
  }
  return instances
}

/**
 * What is in a spool directory, with every file read and every row checked. Changes nothing.
 *
 * @throws AzlogsError `AZLOGS_CONFIG` when there is no spool, or it is not safe to use
 */
export async function verifySpool(directory: string): Promise<readonly SpoolInstance<VerifiedSpoolFile>[]> {
  const instances: SpoolInstance<VerifiedSpoolFile>[] = []
  for (const instance of await listSpool(directory)) {
    const files: VerifiedSpoolFile[] = []
    for (const file of instance.files) {
      const verified = await unlessGone(verify(file))
      if (verified !== undefined) files.push(verified)
    }
    instances.push({ ...instance, files })
  }
  return instances
}

/**
 * The full path of a spool directory that is there.
 *
 * @throws AzlogsError `AZLOGS_CONFIG` when it is not, or is not safe to use
 */
export function existingSpool(directory: string): string {
  // Callers without types hand in anything, and an empty path would be the current directory.
  const given: unknown = directory
  if (typeof given !== 'string' || given === '') {
    const shown = given === '' ? 'empty' : String(given)
    throw new AzlogsError('AZLOGS_CONFIG', `The directory of the spool is ${shown}; it must be a path.`)
  }
  const path = resolve(given)
  let problems: readonly string[]
  try {
    problems = checkDirectory(nodeFs, path)
  } catch (cause) {
    const what = errnoOf(cause) === 'ENOENT' ? 'There is no spool' : 'The spool cannot be read'
    throw new AzlogsError('AZLOGS_CONFIG', `${what} at ${path} (${messageOf(cause)}).`, { cause })
  }
  if (problems.length > 0) throw new AzlogsError('AZLOGS_CONFIG', problems.join(' '), { problems })
  return path
}

async function listInstance(path: string, self: ProcessIdentity, oneKernel: boolean): Promise<SpoolInstance> {
  const nothing = {
    path,
    state: 'unknown',
    host: undefined,
    pid: undefined,
    files: [],
    problem: undefined,
  } as const
  const [problem] = checkDirectory(nodeFs, path)
  if (problem !== undefined) return { ...nothing, problem }
  const names = (await nodeFs.promises.readdir(path)).filter((name) => name.endsWith('.spool')).sort()
  const owner = await readOwner(join(path, OWNER_FILE))
  const files: SpoolFileEntry[] = []
  for (const name of names) {
    const file = await unlessGone(listFile(join(path, name)))
    if (file !== undefined) files.push(file)
  }
  if (owner === 'none') return { ...nothing, state: 'released', files }
  if (owner === 'newer') return { ...nothing, files, problem: 'A newer version of azlogs made it.' }
  if (owner === undefined) return { ...nothing, files }
  const { host, pid } = owner
  return { ...nothing, state: judge(owner, self, nodeFs, oneKernel), host, pid, files }
}

async function readOwner(path: string): Promise<Owner | 'newer' | 'none' | undefined> {
  try {
    const handle = await nodeFs.promises.open(path, constants.O_RDONLY | NO_FOLLOW | NO_WAITING)
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_OWNER_BYTES), 0, MAX_OWNER_BYTES, 0)
      return parseOwner(buffer.toString('utf8', 0, bytesRead))
    } finally {
      await handle.close()
    }
  } catch (error) {
    return errnoOf(error) === 'ENOENT' ? 'none' : undefined
  }
}

async function listFile(path: string): Promise<SpoolFileEntry> {
  try {
    const { header, bytes, empty } = await headerOf(nodeFs, path)
    const why = empty ? 'It has no rows: its process died before it could write one.' : NO_HEADER
    return { path, bytes, header, problem: header === undefined ? why : undefined }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw error
    return { path, bytes: 0, header: undefined, problem: `It cannot be read (${messageOf(error)}).` }
  }
}

async function verify(file: SpoolFileEntry): Promise<VerifiedSpoolFile> {
  const nothing = { records: 0, damaged: 0, tornBytes: 0 }
  if (file.problem !== undefined) return { ...file, ...nothing }
  try {
    const { bytes, records, damagedCount, tornBytes } = await readSpoolFile(nodeFs, file.path, NO_ROWS)
    return { ...file, bytes, records, damaged: damagedCount, tornBytes }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw error
    return { ...file, ...nothing, problem: `It cannot be read (${messageOf(error)}).` }
  }
}

async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}
