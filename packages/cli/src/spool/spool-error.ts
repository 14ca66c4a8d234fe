import { isAzlogsError } from '@azlogs/core'

import { CliError } from '../cli-error.ts'

/** What core says about a directory that is no spool, as a failure of the command line. */
export async function readingSpool<T>(directory: string, read: Promise<T>): Promise<T> {
  try {
    return await read
  } catch (error) {
    if (!isAzlogsError(error) || error.code !== 'AZLOGS_CONFIG') throw error
    throw new CliError('AZL5001', error.message, {
      remedy: `Give the directory that the transport has as spool.directory, not ${JSON.stringify(directory)}.`,
      exitCode: 2,
      cause: error,
    })
  }
}
