import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'

import { createClientLogger } from '@azure/logger'
import type { AzureLogger } from '@azure/logger'
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline'
import type { HttpClient, Pipeline, PipelineResponse } from '@azure/core-rest-pipeline'

import { ABORTED, untilAborted } from './abortable.ts'
import type { Clock } from './clock.ts'
import { AzlogsError, messageOf, withoutToken } from './errors.ts'
import { outcomeOf } from './outcome.ts'
import type { Answer, Outcome } from './outcome.ts'
import type { TokenSource } from './token.ts'

/**
 * Delivers one gzipped body, or says why not. Never rejects, never retries but for one refused token. Calls `onLeaving` as
 * each request leaves, which without a token none does.
 */
export type Send = (body: Uint8Array, signal?: AbortSignal, onLeaving?: () => void) => Promise<Outcome>

/** What sending to one stream needs. */
export interface SenderOptions {
  readonly url: string
  readonly tokens: TokenSource
  readonly pipeline: Pipeline
  readonly httpClient: HttpClient
  /** One attempt, connect to last byte, in milliseconds. */
  readonly requestTimeoutMs: number
  readonly clock: Clock
  /** Called with the `Date` header of each answer that has one. */
  readonly onServerDate?: (date: string) => void
  /** Called as each request leaves, a replay after 401 included. */
  readonly onRequest: () => void
}

/** The service explains itself in less; what is longer comes from somebody else on the way. */
const MAX_ANSWER_BYTES = 64 * 1024

const logger: AzureLogger = createClientLogger('azlogs')

/** A {@link Send} for one stream of one DCR. */
export function createSender(options: SenderOptions): Send {
  return async (body, signal, onLeaving) => {
    const first = await attempt(options, body, signal, onLeaving)
    if (first.refusedToken === undefined) return first.outcome
    // One fresh token, one replay: a 401 to that one is not about the token's age.
    options.tokens.invalidate(first.refusedToken)
    const fresh = await untilAborted(options.tokens.get(), signal)
    // A credential that has no other token, as those that cache them have not, need not be tried with it again.
    if (fresh !== ABORTED && fresh.ok && fresh.token === first.refusedToken) return first.outcome
    const second = await attempt(options, body, signal, onLeaving)
    if (second.refusedToken !== undefined) options.tokens.invalidate(second.refusedToken)
    return second.outcome
  }
}

interface Attempt {
  readonly outcome: Outcome
  /** The token, when that was what the service refused. */
  readonly refusedToken?: string
}

async function attempt(
  options: SenderOptions,
  body: Uint8Array,
  signal: AbortSignal | undefined,
  onLeaving: (() => void) | undefined,
): Promise<Attempt> {
  const token = await untilAborted(options.tokens.get(), signal)
  if (token === ABORTED || signal?.aborted) return { outcome: aborted() }
  if (!token.ok) return { outcome: { kind: 'no-token', error: token.error } }
  const ending = new AbortController()
  const end = (): void => ending.abort()
  signal?.addEventListener('abort', end, { once: true })
  const stopClock = options.clock.after(options.requestTimeoutMs, end)
  const clientRequestId = randomUUID()
  options.onRequest()
  onLeaving?.()
  try {
    const answer = withoutSecret(
      await post(options, body, token.token, clientRequestId, ending.signal),
      token.token,
    )
    const date = answer.header('date')
    if (date !== undefined) options.onServerDate?.(date)
    logger.verbose(`${answer.status} for ${body.length} bytes, client request ${clientRequestId}`)
    const outcome = outcomeOf(answer, Date.now())
    return answer.status === 401 ? { outcome, refusedToken: token.token } : { outcome }
  } catch (error) {
    if (signal?.aborted) return { outcome: aborted() }
    const failure = ending.signal.aborted
      ? new AzlogsError('AZLOGS_TIMEOUT', `No complete answer within ${options.requestTimeoutMs} ms.`, {
          clientRequestId,
        })
      : networkError(error, token.token, clientRequestId)
    logger.verbose(`${failure.message}, client request ${clientRequestId}`)
    return { outcome: { kind: 'retry', afterMs: undefined, error: failure } }
  } finally {
    stopClock()
    signal?.removeEventListener('abort', end)
  }
}

async function post(
  options: SenderOptions,
  body: Uint8Array,
  token: string,
  clientRequestId: string,
  abortSignal: AbortSignal,
): Promise<Answer> {
  const request = createPipelineRequest({
    url: options.url,
    method: 'POST',
    body,
    abortSignal,
    requestId: clientRequestId,
    // Whether this address may be plain http was decided when the endpoint was checked.
    allowInsecureConnection: true,
    // The body is read here, so that its size is bounded and no answer, however slow, outlives the deadline.
    streamResponseStatusCodes: new Set([Number.POSITIVE_INFINITY]),
    headers: createHttpHeaders({
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    }),
  })
  const response = await options.pipeline.sendRequest(options.httpClient, request)
  const text = await readBody(response)
  return {
    status: response.status,
    header: (name) => response.headers.get(name),
    body: text,
    clientRequestId,
  }
}

async function readBody(response: PipelineResponse): Promise<string> {
  if (response.readableStreamBody === undefined) return (response.bodyAsText ?? '').slice(0, MAX_ANSWER_BYTES)
  const stream = response.readableStreamBody as Readable
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) {
      stream.destroy()
      break
    }
  }
  return Buffer.concat(chunks).toString('utf8', 0, MAX_ANSWER_BYTES)
}

/** Stands for the token where somebody on the way shows it. */
const HIDDEN = '…'

function withoutSecret(answer: Answer, token: string): Answer {
  return {
    ...answer,
    header: (name) => answer.header(name)?.replaceAll(token, HIDDEN),
    body: answer.body.replaceAll(token, HIDDEN),
  }
}

// The pipeline's own error is not kept as `cause`: it refers to the request and so to the token.
function networkError(error: unknown, token: string, clientRequestId: string): AzlogsError {
  const systemCode: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined
  const named = typeof systemCode === 'string' ? `${systemCode}: ` : ''
  const message = withoutToken(messageOf(error).replaceAll(token, HIDDEN))
  return new AzlogsError(
    'AZLOGS_NETWORK',
    `The ingestion endpoint could not be reached: ${named}${message}`,
    {
      clientRequestId,
      ...(typeof systemCode === 'string' ? { serviceCode: systemCode } : {}),
    },
  )
}

function aborted(): Outcome {
  return {
    kind: 'aborted',
    error: new AzlogsError('AZLOGS_ABORTED', 'The upload was aborted before it was accepted.'),
  }
}
