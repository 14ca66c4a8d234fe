/** What every fault can be told. */
interface FaultSettings {
  /** Share of the requests that it hits, above 0 and up to 1. @default 1 */
  readonly rate?: number
  /** It hits this many requests and then no more. @default Infinity */
  readonly times?: number
  /** It ends this long after it was set. @default Infinity */
  readonly forMs?: number
}

/**
 * One fault.
 *
 * - `status`: the answer is this status, with the service's body where one is known; nothing is stored.
 * - `latency`: the request waits first, `delayMs` plus or minus up to `jitterMs`, and is then handled normally.
 * - `reset-before`, `reset-after`: the connection is reset before, or after, the rows were stored.
 * - `half`: the rows are stored, and the connection ends in the middle of the answer.
 * - `hang`: nothing is stored and no answer ever comes.
 * - `token-expired`: the token that was sent is refused with a 401 from now on; a new one is fine.
 * - `token-rejected`: this request gets a 401, whatever its token.
 */
export type FaultRule = FaultSettings &
  (
    | {
        readonly kind: 'status'
        /** From 400 to 599. */
        readonly status: number
        /** Sent as `Retry-After`, in whole seconds. @default 1 with a 429, none otherwise */
        readonly retryAfterSeconds?: number
      }
    | { readonly kind: 'latency'; readonly delayMs: number; readonly jitterMs?: number }
    | {
        readonly kind: 'reset-before' | 'reset-after' | 'half' | 'hang' | 'token-expired' | 'token-rejected'
      }
  )
