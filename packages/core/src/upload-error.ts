import { isAzlogsError } from './errors.ts'
import type { UploadResult } from './upload.ts'

/** Records that were not accepted, and why. The arrays are the caller's to keep and change, as in the official client. */
export interface LogsUploadFailure {
  /** Why; an `AzlogsError` with a code, but for what the source or the file system threw. */
  cause: Error
  /**
   * The records as they were given. For files they are parsed afresh at each access, so that a failed upload of a large
   * file does not hold all of it as objects; a number beyond 2^53 loses digits in that parsing, though not in the upload.
   * Empty where there is no record to show: text that is no JSON, or a source that was not read to its end.
   */
  failedLogs: Record<string, unknown>[]
  /** The 0-based number of each failed record among those uploaded. */
  indices: number[]
}

/** Some records were not accepted. Thrown after every batch was tried, unless there is an `onError`. */
export class AggregateLogsUploadError extends Error {
  override readonly name = 'AggregateLogsUploadError' as const
  /** One entry for each batch, or lone record, that was not accepted. */
  readonly errors: LogsUploadFailure[]
  /** What the upload achieved all the same. */
  readonly result: UploadResult

  constructor(errors: LogsUploadFailure[], result: UploadResult) {
    super(describe(errors, result))
    this.errors = errors
    this.result = result
  }
}

/** True for an {@link AggregateLogsUploadError}, also one of another copy of this package. */
export function isAggregateLogsUploadError(error: unknown): error is AggregateLogsUploadError {
  return error instanceof Error && error.name === 'AggregateLogsUploadError'
}

/** Distinct reasons that the message spells out. */
const TOLD_REASONS = 5

interface Reason {
  count: number
  readonly message: string
}

function describe(errors: readonly LogsUploadFailure[], result: UploadResult): string {
  const reasons = new Map<string, Reason>()
  for (const { cause, indices } of errors) {
    // Failures of one kind are told by the first of them. What is about no record in particular is always told.
    const key =
      isAzlogsError(cause) && indices.length > 0
        ? `${cause.code} ${cause.statusCode} ${cause.serviceCode}`
        : cause.message
    const reason = reasons.get(key)
    if (reason === undefined) reasons.set(key, { count: indices.length, message: cause.message })
    else reason.count += indices.length
  }
  const told = [...reasons.values()].slice(0, TOLD_REASONS).map(tell)
  const untold = reasons.size - told.length
  if (untold > 0) told.push(untold === 1 ? 'one more reason' : `${untold} more reasons`)
  const total = result.acceptedCount + result.failedCount
  return `${number(result.failedCount)} of ${number(total)} records were not accepted: ${told.join('; ')}`
}

function tell({ count, message }: Reason): string {
  return count === 0 ? message : `${number(count)} × ${message}`
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
