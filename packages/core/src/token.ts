import type { AccessToken, TokenCredential } from '@azure/core-auth'

import type { Clock } from './clock.ts'
import { AzlogsError, messageOf } from './errors.ts'
import { backoffMs } from './backoff.ts'

/** A bearer token that may be sent, or why there is none. */
type TokenResult =
  | { readonly ok: true; readonly token: string }
  | { readonly ok: false; readonly error: AzlogsError }

/** Keeps one token fresh for any number of senders. */
export interface TokenSource {
  /** The current token; asks the credential when there is none or it is about to expire. Never rejects. */
  get(): Promise<TokenResult>
  /** How long ago the current token was issued to us, in milliseconds; undefined when there is none. */
  readonly ageMs: number | undefined
  /**
   * Says that the service refused this token. A token that has been replaced meanwhile is left alone, and so is, for a
   * second, one that the credential gave again although it had been refused: it has no other.
   */
  invalidate(token: string): void
}

/**
 * A token is not used in the last two minutes of its life (the last tenth of a very short one): the request has to
 * arrive, and clocks differ.
 */
const EXPIRY_MARGIN_MS = 120_000

/** Least time, in milliseconds, before a credential that had nothing better is asked again. */
const LEAST_REST_MS = 1000

/** What may stand in a header; also keeps a pasted newline from splitting it. */
const HEADER_SAFE = /^[\x21-\x7e]+$/

interface Held {
  readonly token: string
  readonly issuedAt: number
  readonly usableUntil: number
  readonly refreshAt: number
}

/** Asks `credential` for tokens, one request at a time however many senders wait, and not again at once after a failure. */
export function createTokenSource(
  credential: TokenCredential,
  scopes: readonly string[],
  clock: Clock,
): TokenSource {
  let held: Held | undefined
  let pending: Promise<TokenResult> | undefined
  let failures = 0
  let refused: { readonly token: string; readonly until: number } | undefined
  let failed: { readonly result: TokenResult; readonly until: number } | undefined

  async function ask(): Promise<TokenResult> {
    try {
      const answer = await credential.getToken([...scopes])
      const fresh = usable(answer)
      if (typeof fresh === 'string') return fail(new AzlogsError('AZLOGS_TOKEN', fresh))
      const lifeMs = fresh.expiresOnTimestamp - Date.now()
      const refreshMs =
        fresh.refreshAfterTimestamp === undefined ? lifeMs * 0.8 : fresh.refreshAfterTimestamp - Date.now()
      held = {
        token: fresh.token,
        issuedAt: clock.now(),
        usableUntil: clock.now() + lifeMs - Math.min(EXPIRY_MARGIN_MS, lifeMs / 10),
        refreshAt: clock.now() + refreshMs,
      }
      failures = 0
      failed = undefined
      return { ok: true, token: fresh.token }
    } catch (error) {
      if (error instanceof AzlogsError) return fail(error)
      return fail(
        new AzlogsError('AZLOGS_TOKEN', `The credential gave no token: ${messageOf(error)}`, {
          cause: error,
        }),
      )
    }
  }

  function fail(error: AzlogsError): TokenResult {
    const result: TokenResult = { ok: false, error }
    failed = { result, until: clock.now() + Math.max(LEAST_REST_MS, backoffMs(failures, undefined)) }
    failures += 1
    return result
  }

  function request(): Promise<TokenResult> {
    pending ??= ask().finally(() => {
      pending = undefined
    })
    return pending
  }

  return {
    async get() {
      const now = clock.now()
      const valid = held !== undefined && now < held.usableUntil ? held : undefined
      const resting = failed !== undefined && now < failed.until ? failed.result : undefined
      if (valid !== undefined) {
        // A failed early refresh costs nothing: the token that we hold is still good.
        if (now >= valid.refreshAt && resting === undefined) void request()
        return { ok: true, token: valid.token }
      }
      return resting ?? request()
    },
    get ageMs() {
      return held === undefined ? undefined : clock.now() - held.issuedAt
    },
    invalidate(token) {
      if (held?.token !== token) return
      if (refused?.token === token && clock.now() < refused.until) return
      refused = { token, until: clock.now() + LEAST_REST_MS }
      held = undefined
    },
  }
}

/** The token, or what is wrong with it in words that do not contain it. */
function usable(answer: AccessToken | null): AccessToken | string {
  if (
    answer === null ||
    typeof answer !== 'object' ||
    typeof answer.token !== 'string' ||
    answer.token === ''
  ) {
    return 'The credential gave no token (getToken resolved to nothing that has one).'
  }
  if (!HEADER_SAFE.test(answer.token)) {
    return 'The credential gave a token with characters that no header may carry (a line break, perhaps).'
  }
  if (!Number.isFinite(answer.expiresOnTimestamp))
    return 'The credential gave a token without expiresOnTimestamp.'
  return answer
}
