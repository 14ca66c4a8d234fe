import type { Clock } from './clock.ts'
import { AzlogsError, isAzlogsError, messageOf } from './errors.ts'
import type { ProblemReport } from './problem.ts'

/** Whether the spool keeps what it is given, and when it is tried again after it did not. */
export interface SpoolHealth {
  failed(error: unknown): void
  /** A write went well. */
  worked(): void
  stop(): void
  /** Why rows are in memory only; undefined while all is well. */
  readonly error: AzlogsError | undefined
}

/** Waits before the spool is tried again: they double up to the last. */
const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 4000

/** @param onRetry tries again and ends in `worked()` or `failed()` */
export function createSpoolHealth(
  clock: Clock,
  report: (report: ProblemReport) => void,
  onRetry: () => void,
): SpoolHealth {
  let error: AzlogsError | undefined
  let waitMs = FIRST_RETRY_MS
  let cancel: (() => void) | undefined

  function retryLater(): void {
    cancel ??= clock.after(waitMs, () => {
      cancel = undefined
      waitMs = Math.min(waitMs * 2, LAST_RETRY_MS)
      onRetry()
    })
  }

  return {
    failed(cause) {
      error = spoolError(cause)
      report(degradedReport(error))
      retryLater()
    },
    worked() {
      error = undefined
      waitMs = FIRST_RETRY_MS
      cancel?.()
      cancel = undefined
    },
    stop() {
      cancel?.()
      cancel = undefined
    },
    get error() {
      return error
    },
  }
}

/** What a failed call to the file system means for the spool. */
export function spoolError(cause: unknown): AzlogsError {
  if (isAzlogsError(cause)) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new AzlogsError('AZLOGS_SPOOL_FULL', `The disk of the spool is full: ${messageOf(cause)}`, {
      cause,
    })
  }
  return new AzlogsError(
    'AZLOGS_SPOOL',
    `The spool cannot be written: ${messageOf(cause)}${remedyFor(code)}`,
    {
      cause,
    },
  )
}

function remedyFor(code: string): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return '. Give this user the right to write there, or set spool.directory to a place where it has it.'
    case 'EROFS':
      return '. The volume is read-only: set spool.directory to one that is not.'
    case 'EMFILE':
    case 'ENFILE':
      return '. The process has too many files open.'
    default:
      return '.'
  }
}

function degradedReport(error: AzlogsError): ProblemReport {
  return {
    kind: 'degraded',
    code: error.code,
    describe: () =>
      `${error.message} Records are kept in memory meanwhile and would be lost with the process; the spool is tried again.`,
    recordCount: 0,
    error,
  }
}
