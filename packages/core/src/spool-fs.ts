import fs, { constants } from 'node:fs'

/** The calls to the file system that the spool makes, so that tests can put faults between. */
export type SpoolFs = Pick<
  typeof fs,
  | 'closeSync'
  | 'fchmodSync'
  | 'fstatSync'
  | 'fsync'
  | 'fsyncSync'
  | 'ftruncateSync'
  | 'lstatSync'
  | 'mkdirSync'
  | 'openSync'
  | 'promises'
  | 'readdirSync'
  | 'readFileSync'
  | 'readlinkSync'
  | 'renameSync'
  | 'rmdirSync'
  | 'statfsSync'
  | 'unlinkSync'
  | 'writeSync'
>

/** The real file system. */
export const nodeFs: SpoolFs = fs

// Windows lacks these flags, and lets no ordinary user make symbolic links.
const onPosix = process.platform !== 'win32'

/** Makes `open` fail when the path is a symbolic link. */
export const NO_FOLLOW: number = onPosix ? constants.O_NOFOLLOW : 0

/** Makes `open` fail when the path is no directory. */
export const ONLY_DIRECTORY: number = onPosix ? constants.O_DIRECTORY : 0

/** Makes `open` return at once, also when the path is a pipe that nobody writes to. */
export const NO_WAITING: number = onPosix ? constants.O_NONBLOCK : 0

/** The code of a failed call, such as `ENOENT`; undefined when the error is of another kind. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
}

/** Whether a call failed because the path is no longer what it was. */
export function isGone(error: unknown): boolean {
  const code = errnoOf(error)
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP'
}
