import { readFile } from 'node:fs/promises'

import { CliError, fileError } from './cli-error.ts'
import { isLock, LOCK_FILE, parseLock } from './schema/lock.ts'
import type { SchemaLock } from './schema/lock.ts'

/**
 * The lock file that `--schema` names, else that of the current folder; undefined when there is none there.
 *
 * @throws CliError when a named file cannot be read, or a file is no lock.
 */
export async function findLock(named: string | undefined): Promise<SchemaLock | undefined> {
  const path = named ?? LOCK_FILE
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (named === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw fileError(path, error)
  }
  const lock = parseLock(text)
  if (isLock(lock)) return lock
  throw new CliError('AZL1004', `${path}: ${lock.join('; ')}.`, {
    remedy: 'azlogs init writes a new one from your application’s own lines.',
    exitCode: 2,
  })
}
