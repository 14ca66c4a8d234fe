import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { join, resolve } from 'node:path'

import { AzlogsError } from './errors.ts'
import { checkSpoolDirectory, DIRECTORY_MODE } from './spool-directory.ts'
import { isGone, NO_FOLLOW } from './spool-fs.ts'
import type { SpoolFs } from './spool-fs.ts'
import { encodeOwner, identify } from './spool-owner.ts'
import type { ProcessIdentity, SpoolTarget } from './spool-owner.ts'

/** One shipper's own directory within the spool directory. */
export interface Instance {
  /** Full path. */
  readonly directory: string
  /** Name of the directory: `<host>-<pid>-<suffix>`. */
  readonly id: string
  /** Twelve random hexadecimal digits, for names that must be unique among all instances. */
  readonly suffix: string
  /**
   * Gives a sign of life to those who watch from elsewhere. `evicted`: the directory is no longer ours, because somebody removed
   * it or took its owner for dead. `released`: by {@link Instance.release}, also when that came in between.
   *
   * @throws NodeJS.ErrnoException when the disk refuses; the next sign may go through
   */
  beat(): Promise<'owner' | 'evicted' | 'released'>
  /** Whether the directory is there and ours, as far as can be seen: true too when the disk refuses to tell. */
  isOurs(): boolean
  /** Leaves the files in it to whoever wants them, or removes the directory when there are none. Never throws. */
  release(): void
}

export interface InstanceOptions {
  /** What its files are for. */
  readonly targets: readonly SpoolTarget[]
  /**
   * Waits until the directory is on the disk, without which its files are not either.
   * @default false
   */
  readonly fsync?: boolean
  /** @default this process */
  readonly self?: ProcessIdentity
}

/** Says whose directory it is, and gives the signs of life by its time of modification. */
export const OWNER_FILE = 'owner.json'

const INSTANCE_NAME = /^[A-Za-z0-9-]{1,40}-\d{1,10}-[0-9a-f]{12}$/

/** Whether a name within the spool directory is that of an instance. */
export function isInstanceName(name: string): boolean {
  return INSTANCE_NAME.test(name)
}

/** Whether a name is that of a directory which was being made when its process died. It has no rows. */
export function isDraftName(name: string): boolean {
  return name.startsWith('.') && name.endsWith('.tmp') && isInstanceName(name.slice(1, -4))
}

/**
 * Makes a directory of its own for this shipper. It is renamed into place when it is complete, so that nobody can see it without
 * its owner. The spool directory is made when it is missing.
 *
 * @throws AzlogsError `AZLOGS_CONFIG` when the spool directory is not safe
 * @throws NodeJS.ErrnoException when the disk refuses
 */
export function createInstance(fs: SpoolFs, spoolDirectory: string, options: InstanceOptions): Instance {
  const { targets, fsync = false, self = identify(fs) } = options
  const parent = resolve(spoolDirectory)
  const problems = checkSpoolDirectory(fs, parent)
  if (problems.length > 0) throw new AzlogsError('AZLOGS_CONFIG', problems.join(' '), { problems })

  const suffix = randomBytes(6).toString('hex')
  const id = `${label(self.host)}-${self.pid}-${suffix}`
  const directory = join(parent, id)
  const ownerPath = join(directory, OWNER_FILE)
  // Its contents are what tells ours from any other: some network file systems make up inode numbers.
  const text = encodeOwner(self, targets)
  let released = false

  makeWhole(fs, join(parent, `.${id}.tmp`), directory, text, fsync)
  if (fsync) syncDirectory(fs, parent)

  function isOurs(): boolean {
    if (released) return false
    try {
      return fs.readFileSync(ownerPath, 'utf8') === text
    } catch (error) {
      return !isGone(error)
    }
  }

  return {
    directory,
    id,
    suffix,
    isOurs,
    async beat() {
      let evicted = false
      try {
        evicted = (await fs.promises.readFile(ownerPath, 'utf8')) !== text
        const now = new Date()
        if (!evicted && !released) await fs.promises.utimes(ownerPath, now, now)
      } catch (error) {
        if (!isGone(error)) throw error
        evicted = true
      }
      if (released) return 'released'
      return evicted ? 'evicted' : 'owner'
    },
    release() {
      if (released) return
      const ours = isOurs()
      released = true
      if (!ours) return
      try {
        fs.unlinkSync(ownerPath)
        fs.rmdirSync(directory)
      } catch {
        // Files are left in it, or the disk refuses: then it is found when this process has ended.
      }
    },
  }
}

function makeWhole(fs: SpoolFs, draft: string, directory: string, text: string, fsync: boolean): void {
  const ownerPath = join(draft, OWNER_FILE)
  fs.mkdirSync(draft, { mode: DIRECTORY_MODE })
  try {
    writeNew(fs, ownerPath, text, fsync)
    if (fsync) syncDirectory(fs, draft)
    fs.renameSync(draft, directory)
  } catch (error) {
    try {
      fs.unlinkSync(ownerPath)
    } catch {
      // Not made yet, most likely.
    }
    try {
      fs.rmdirSync(draft)
    } catch {
      // Others clear it away later.
    }
    throw error
  }
}

function writeNew(fs: SpoolFs, path: string, text: string, fsync: boolean): void {
  const { O_CREAT, O_EXCL, O_WRONLY } = constants
  const bytes = Buffer.from(text)
  const fd = fs.openSync(path, O_CREAT | O_EXCL | O_WRONLY | NO_FOLLOW, 0o600)
  try {
    let written = 0
    while (written < bytes.length) written += fs.writeSync(fd, bytes, written, bytes.length - written)
    if (fsync) fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

function syncDirectory(fs: SpoolFs, path: string): void {
  // Windows has no such thing.
  if (process.platform === 'win32') return
  const fd = fs.openSync(path, constants.O_RDONLY)
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

/** A host name as a part of a file name. */
function label(host: string): string {
  const [first = ''] = host.split('.')
  return first.replaceAll(/[^A-Za-z0-9-]/g, '-').slice(0, 40) || 'host'
}
