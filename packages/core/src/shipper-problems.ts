import type { Batch, DropReason } from './batch.ts'
import type { AzlogsError, AzlogsErrorCode } from './errors.ts'
import type { ProblemReport } from './problem.ts'

/** What a busy service or network does every day, and recovers from. */
const PASSING: ReadonlySet<AzlogsErrorCode> = new Set([
  'AZLOGS_THROTTLED',
  'AZLOGS_UNAVAILABLE',
  'AZLOGS_NETWORK',
  'AZLOGS_TIMEOUT',
])

/** Failed attempts of one batch from which on that is worth a report. */
const TELLING_FAILURES = 3

const DROP_CODES: Record<DropReason, AzlogsErrorCode> = {
  'buffer-full': 'AZLOGS_BUFFER_FULL',
  'retries-exhausted': 'AZLOGS_RETRIES_EXHAUSTED',
  deadline: 'AZLOGS_CLOSE_DEADLINE',
  closed: 'AZLOGS_CLOSED',
  'spool-full': 'AZLOGS_SPOOL_FULL',
  'spool-lost': 'AZLOGS_SPOOL_LOST',
}

/** Records that are gone. */
export function lossReport(
  recordCount: number,
  reason: DropReason,
  error: AzlogsError | undefined,
  limits: { readonly maxBufferBytes: number; readonly retryForMs: number },
): ProblemReport {
  const said = error === undefined ? '' : ` ${error.message}`
  return {
    kind: 'lost',
    code: DROP_CODES[reason],
    describe: (count) => `${records(count)} lost: ${explain(reason, limits)}${said}`,
    recordCount,
    ...(error === undefined ? {} : { error }),
  }
}

function explain(
  reason: DropReason,
  limits: { readonly maxBufferBytes: number; readonly retryForMs: number },
): string {
  switch (reason) {
    case 'buffer-full':
      return `maxBufferBytes (${limits.maxBufferBytes}) is full. Records come faster than the endpoint takes them, or it takes none.`
    case 'retries-exhausted':
      return `retried for ${limits.retryForMs} ms (retryForMs).`
    case 'deadline':
      return 'the process or the shipper ended before they could be sent. Await close(), or give it more time.'
    case 'closed':
      return 'logged after close().'
    case 'spool-full':
      return 'the oldest files of the spool gave way to new ones (spool.maxBytes, overflow).'
    case 'spool-lost':
      return 'their files in the spool are gone.'
    default:
      return reason satisfies never
  }
}

/** Records that the service will never take: in the file, or handed over. */
export function refusalReport(
  error: AzlogsError,
  refused: readonly string[],
  file: string | undefined,
): ProblemReport {
  const where = file === undefined ? '' : ` They are in ${file}.`
  return {
    kind: 'quarantined',
    code: error.code,
    describe: (count) => `${records(count)} refused for good.${where} ${error.message}`,
    recordCount: refused.length,
    ...(file === undefined ? { records: refused } : {}),
    error,
  }
}

/** A batch that will be tried again, when that is worth a word: a single 429 or reset is not. */
export function delayReport(
  batch: Batch,
  error: AzlogsError,
  pendingRows: () => number,
): ProblemReport | undefined {
  if (PASSING.has(error.code) && batch.failures < TELLING_FAILURES) return undefined
  return {
    kind: 'delayed',
    code: error.code,
    describe: () => `Nothing is lost yet, ${records(pendingRows())} waiting. ${error.message}`,
    recordCount: batch.records,
    error,
  }
}

/** A clock that is so wrong that tokens will be refused. `differenceMs` is this clock minus the service's. */
export function clockReport(differenceMs: number): ProblemReport {
  const minutes = Math.round(Math.abs(differenceMs) / 60_000)
  return {
    kind: 'delayed',
    code: 'AZLOGS_CLOCK',
    describe: () =>
      `This machine's clock is ${minutes} minutes ${differenceMs > 0 ? 'ahead of' : 'behind'} the service's. Set it right: tokens ` +
      'may be refused, and times more than a day ahead or two days old are replaced.',
    recordCount: 0,
  }
}

/** Values that the declared schema has no place for. */
export function lostColumnsReport(names: readonly string[]): ProblemReport {
  return {
    kind: 'lost',
    code: 'AZLOGS_COLUMN_LOST',
    describe: (count) =>
      `The schema has no place for ${names.join(', ')}, so these values are not sent (${records(count)}). Declare the ` +
      'columns, or a dynamic column named Properties.',
    recordCount: 1,
  }
}

function records(count: number): string {
  return count === 1 ? '1 record' : `${count} records`
}
