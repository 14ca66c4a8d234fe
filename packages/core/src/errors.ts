/**
 * Every code that an error or a problem of this package can carry. They are a contract: branch on
 * them, not on messages.
 */
export type AzlogsErrorCode =
  /** An option or environment variable is missing or malformed; the message lists every problem. */
  | 'AZLOGS_CONFIG'
  /** The credential option is no credential, or lost its methods on the way into a worker. */
  | 'AZLOGS_CREDENTIAL'
  /** A credential by name was asked for and `@azure/identity` is not installed. */
  | 'AZLOGS_IDENTITY_MISSING'
  /** The credential gave no usable token. */
  | 'AZLOGS_TOKEN'
  /** 401: the token was refused, also after a fresh one. */
  | 'AZLOGS_UNAUTHORIZED'
  /** 403: the identity may not write to this DCR, or not yet. */
  | 'AZLOGS_FORBIDDEN'
  /** 404: no such DCR at this endpoint. */
  | 'AZLOGS_NOT_FOUND'
  /** 400 and other refusals of this very body. */
  | 'AZLOGS_REJECTED'
  /** This clock and the service's are more than five minutes apart. */
  | 'AZLOGS_CLOCK'
  /** 413. */
  | 'AZLOGS_TOO_LARGE'
  /** 408, 429. */
  | 'AZLOGS_THROTTLED'
  /** 5xx. */
  | 'AZLOGS_UNAVAILABLE'
  /** No HTTP answer: DNS, TCP, TLS, a reset connection. */
  | 'AZLOGS_NETWORK'
  /** No complete answer within `requestTimeoutMs`. */
  | 'AZLOGS_TIMEOUT'
  /** 3xx: never followed. */
  | 'AZLOGS_REDIRECTED'
  /** The record cannot be written as JSON. */
  | 'AZLOGS_NOT_SERIALIZABLE'
  /** The record is over what one request may carry. */
  | 'AZLOGS_RECORD_TOO_LARGE'
  /** The declared schema has no place for a value, and no `Properties` column to keep it. */
  | 'AZLOGS_COLUMN_LOST'
  /** Text of a file that is no JSON, or no object. */
  | 'AZLOGS_MALFORMED'
  /** The caller's AbortSignal, or `close()`, ended it. */
  | 'AZLOGS_ABORTED'
  /** The memory bound `maxBufferBytes` is reached. */
  | 'AZLOGS_BUFFER_FULL'
  /** A batch failed for longer than `retryForMs`. */
  | 'AZLOGS_RETRIES_EXHAUSTED'
  /** The close deadline passed, or the process ended, before everything was sent. */
  | 'AZLOGS_CLOSE_DEADLINE'
  /** Used after `close()`. */
  | 'AZLOGS_CLOSED'
  /** The spool cannot be written or read. */
  | 'AZLOGS_SPOOL'
  /** The disk, or `spool.maxBytes`, is used up. */
  | 'AZLOGS_SPOOL_FULL'
  /** Bytes in a spool file that are no row any more. */
  | 'AZLOGS_SPOOL_DAMAGED'
  /** Files of the spool that are not there any more, or are not for this stream. */
  | 'AZLOGS_SPOOL_LOST'
  /** The worker thread that shipped has ended before its time. */
  | 'AZLOGS_WORKER'
  /** Something that should not fail did, such as compression for want of memory. */
  | 'AZLOGS_INTERNAL'

/** The facts of a failure, beside its message. */
export interface AzlogsErrorFacts {
  readonly cause?: unknown
  /** HTTP status of the answer. */
  readonly statusCode?: number
  /** `error.code` of the service's answer, or its `x-ms-error-code` header. */
  readonly serviceCode?: string | undefined
  /** The GUID that was sent as `x-ms-client-request-id`; `DCRLogErrors.ClientRequestId` holds the same. */
  readonly clientRequestId?: string
  /** The service's own `x-ms-request-id`. */
  readonly requestId?: string | undefined
  /** The beginning of the service's answer, 2 KiB at most. */
  readonly responseBody?: string
  /** Every problem found, where there may be several. */
  readonly problems?: readonly string[]
  /** Where in a file: 1-based line (NDJSON) or 0-based index (array), and the byte offset after decompression. */
  readonly position?: FilePosition
}

/** A place in an uploaded file, after decompression. */
export interface FilePosition {
  /** 0-based number of the record. */
  readonly index: number
  /** 1-based line number; NDJSON only. */
  readonly line?: number
  /** 0-based offset of the record's first byte. */
  readonly byteOffset: number
}

/** An error of azlogs. Recognise it by {@link AzlogsError.code}, which holds across copies, bundles and threads. */
export class AzlogsError extends Error {
  override readonly name = 'AzlogsError' as const
  /** What went wrong. Cause and remedy of each: https://github.com/azlogs/azlogs/blob/main/docs/errors.md */
  readonly code: AzlogsErrorCode
  /** HTTP status of the answer, where there was one. */
  readonly statusCode: number | undefined
  /** `error.code` of the service’s answer, or its `x-ms-error-code` header. */
  readonly serviceCode: string | undefined
  /** What was sent as `x-ms-client-request-id`; `DCRLogErrors.ClientRequestId` holds the same. */
  readonly clientRequestId: string | undefined
  /** The service’s own `x-ms-request-id`. */
  readonly requestId: string | undefined
  /** The beginning of the service’s answer, 2 KiB at most, without tokens. */
  readonly responseBody: string | undefined
  /** Every problem found, one sentence each, where there may be several. */
  readonly problems: readonly string[] | undefined
  /** Where in a file, for `uploadFile`. */
  readonly position: FilePosition | undefined

  constructor(code: AzlogsErrorCode, message: string, facts: AzlogsErrorFacts = {}) {
    super(message, 'cause' in facts ? { cause: facts.cause } : undefined)
    this.code = code
    this.statusCode = facts.statusCode
    this.serviceCode = facts.serviceCode
    this.clientRequestId = facts.clientRequestId
    this.requestId = facts.requestId
    this.responseBody = facts.responseBody
    this.problems = facts.problems
    this.position = facts.position
  }
}

/** True for an {@link AzlogsError}, also one of another copy of this package. */
export function isAzlogsError(error: unknown): error is AzlogsError {
  return error instanceof Error && error.name === 'AzlogsError' && 'code' in error
}

/** What an unknown thrown value says of itself. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : error.message
  return typeof error === 'string' ? error : 'no message'
}

/** A text that came from elsewhere, without any bearer token in it. */
export function withoutToken(text: string): string {
  return text.replaceAll(/Bearer\s+[\w.~+/=-]{20,}/gi, 'Bearer …')
}
