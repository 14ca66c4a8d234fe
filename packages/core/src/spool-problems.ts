import type { AzlogsError } from './errors.ts'
import type { ProblemReport } from './problem.ts'

/** A file or directory of another stream, or of no spool at all: it stays where it is. */
export function foreignReport(path: string, reason: string): ProblemReport {
  return {
    kind: 'delayed',
    code: 'AZLOGS_SPOOL_LOST',
    describe: () =>
      `${path} is left alone. ${reason} Whoever it is for can send it with "azlogs spool send"; or remove it.`,
    recordCount: 0,
  }
}

/** Lines that are no rows any more. `file` has their bytes, unless they could not be written. */
export function damageReport(error: AzlogsError, lines: number, file: string | undefined): ProblemReport {
  const kept = file === undefined ? 'Their bytes could not be kept.' : `Their bytes are in ${file}.`
  return {
    kind: 'quarantined',
    code: error.code,
    describe: (count) =>
      `${count} ${count === 1 ? 'line' : 'lines'} of the spool damaged. ${kept} ${error.message}`,
    recordCount: lines,
    error,
  }
}

/** The directory of this instance has gone. */
export function goneReport(directory: string): ProblemReport {
  return {
    kind: 'degraded',
    code: 'AZLOGS_SPOOL_LOST',
    describe: () =>
      `The spool files of this process in ${directory} are gone: somebody removed them, or another process took this one for ` +
      'dead because it stood still, and ships them. What is in memory is written anew.',
    recordCount: 0,
  }
}
