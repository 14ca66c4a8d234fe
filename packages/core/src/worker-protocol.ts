import type { AzlogsErrorCode } from './errors.ts'
import type { Problem } from './problem.ts'
import type { FlushResult } from './shipper-interface.ts'
import type { ShipperStats } from './shipper-stats.ts'

/**
 * What the main thread and a worker that ships say to each other over thread-stream's own channel: an event `message` of
 * the stream reaches the worker, and `{ code: 'EVENT', name, args }` posted there is emitted by the stream.
 */

/** Main thread → worker. */
export type ToWorker =
  | ({ readonly code: 'AZLOGS_FLUSH'; readonly id: number } & FlushRequest)
  | { readonly code: 'AZLOGS_TOKEN'; readonly token: RelayedToken }
  | { readonly code: 'AZLOGS_NO_TOKEN'; readonly reason: string }

/** What a flush asks for. */
export interface FlushRequest {
  readonly timeoutMs?: number
  /** Not before so many rows have arrived: messages and rows come by different ways. */
  readonly afterRows?: number
  /** The end may be near: hurry as a shipper's `drain()` does. */
  readonly drain?: boolean
  /** To be in files of the spool is enough. */
  readonly durable?: boolean
}

/** What an access token is made of; plain data. */
export interface RelayedToken {
  readonly token: string
  readonly expiresOnTimestamp: number
  readonly refreshAfterTimestamp?: number
}

/** Worker → main thread: event name → arguments. */
export interface WorkerEvents {
  'azlogs:problem': [problem: ProblemEvent]
  'azlogs:stats': [stats: ShipperStats]
  'azlogs:flushing': [id: number]
  'azlogs:flushed': [id: number, result: FlushResult]
  /** What was asked for cannot be had. */
  'azlogs:refused': [id: number, error: ProblemEventError]
  'azlogs:token': [scopes: readonly string[], answers: number]
}

/** A problem as it comes out of a worker: an Error loses its fields on the way, so that `error` is plain data. */
export interface ProblemEvent extends Omit<Problem, 'error'> {
  readonly error?: ProblemEventError
}

/** The fields of an `AzlogsError`. */
export interface ProblemEventError {
  readonly name: string
  readonly code: AzlogsErrorCode
  readonly message: string
  readonly statusCode?: number
  readonly serviceCode?: string
  readonly clientRequestId?: string
  readonly requestId?: string
  /** The beginning of the service's answer, 2 KiB at most. */
  readonly responseBody?: string
}

/** What a worker is told about the main thread, among its options. */
export interface WorkerSwitches {
  /** A credential object stays in the main thread, and tokens come from there. */
  readonly $relayTokens?: boolean
  /** The main thread tells problems to the application's `onProblem`. */
  readonly $tellProblems?: boolean
}
