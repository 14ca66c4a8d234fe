import type { Stats } from 'node:fs'
import { join, resolve } from 'node:path'

import { errnoOf, NO_FOLLOW, ONLY_DIRECTORY } from './spool-fs.ts'
import type { SpoolFs } from './spool-fs.ts'

/** Mode of directories that the spool makes. */
export const DIRECTORY_MODE = 0o700

const WRITABLE_BY_OTHERS = 0o022

/** The user that this process acts as; null where users and modes mean nothing, on Windows. */
export const PROCESS_USER: number | null = process.geteuid?.() ?? null

/**
 * Makes the directory when it is missing, and says why it is not safe to keep logs in it, each with what to do. A disk that
 * refuses is no problem in this sense: it shows when something is written.
 */
export function checkSpoolDirectory(
  fs: SpoolFs,
  path: string,
  user: number | null = PROCESS_USER,
): readonly string[] {
  // With a slash at the end, a symbolic link would pass for what it points to.
  const directory = resolve(path)
  try {
    return checkDirectory(fs, directory, user)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') return misplaced(directory, error)
  }
  try {
    fs.mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE })
    return checkDirectory(fs, directory, user)
  } catch (error) {
    return misplaced(directory, error)
  }
}

/**
 * Why a directory is not safe, each with what to do.
 *
 * @throws NodeJS.ErrnoException when it cannot be looked at
 */
export function checkDirectory(
  fs: SpoolFs,
  path: string,
  user: number | null = PROCESS_USER,
): readonly string[] {
  const stats = fs.lstatSync(path)
  if (!isLoosenedByVolume(stats, user)) return problemsOf(path, stats, user)
  tighten(fs, path)
  return problemsOf(path, fs.lstatSync(path), user)
}

function problemsOf(path: string, stats: Stats, user: number | null): readonly string[] {
  if (stats.isSymbolicLink()) return [`${path} is a symbolic link. Name the directory that it points to.`]
  if (!stats.isDirectory()) return [`${path} is not a directory. Remove it, or name another path.`]
  if (user === null) return []
  const problems: string[] = []
  const inside = join(path, 'azlogs')
  if (stats.uid !== user) {
    problems.push(
      `${path} belongs to user ${stats.uid}, and this process runs as user ${user}. Name a directory in it, such as ` +
        `${inside}, which is then made with the right owner, or run "chown ${user} ${path}".`,
    )
  }
  if ((stats.mode & WRITABLE_BY_OTHERS) !== 0) {
    const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0')
    problems.push(
      `${path} can be written by other users (mode ${mode}). Run "chmod 700 ${path}". If it is the mount point of a volume, ` +
        `name a directory in it, such as ${inside}, which is then made with mode 0700. Where a mount option sets the modes, ` +
        'as with Azure Files, mount it with dir_mode=0700,file_mode=0600.',
    )
  }
  return problems
}

/**
 * Kubernetes adds the setgid bit and the rights of `fsGroup` to everything in a volume whenever a pod starts. Ours, and
 * without a right for all the others: that was 0700, and can be so again.
 */
function isLoosenedByVolume(stats: Stats, user: number | null): boolean {
  return stats.isDirectory() && stats.uid === user && (stats.mode & 0o7027) === 0o2020
}

function tighten(fs: SpoolFs, path: string): void {
  let fd: number | undefined
  try {
    fd = fs.openSync(path, ONLY_DIRECTORY | NO_FOLLOW)
    fs.fchmodSync(fd, DIRECTORY_MODE)
  } catch {
    // Then it is refused for what it is.
  } finally {
    if (fd !== undefined) fs.closeSync(fd)
  }
}

/** What a path that can never become the directory is; nothing about a disk that may work later. */
function misplaced(path: string, error: unknown): readonly string[] {
  const code = errnoOf(error)
  if (code !== 'ENOTDIR' && code !== 'EEXIST' && code !== 'ELOOP' && code !== 'ENAMETOOLONG') return []
  return [`${path} cannot be a directory (${code}): a part of it is something else. Name another path.`]
}
