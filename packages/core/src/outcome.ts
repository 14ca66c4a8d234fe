import { AzlogsError, withoutToken } from './errors.ts'
import type { AzlogsErrorCode } from './errors.ts'
import { retryAfterMs } from './retry-after.ts'
import type { HeaderReader } from './retry-after.ts'

/** What became of one attempt to deliver a body. */
export type Outcome =
  /** 2xx. */
  | { readonly kind: 'delivered' }
  /** 408, 429, 5xx, no answer: the same body may succeed later. */
  | { readonly kind: 'retry'; readonly afterMs: number | undefined; readonly error: AzlogsError }
  /** 401 with a fresh token, 403, 404, an unknown stream: nothing is wrong with the body, something must be set up. */
  | { readonly kind: 'denied'; readonly error: AzlogsError }
  /** The credential gives no token for now. */
  | { readonly kind: 'no-token'; readonly error: AzlogsError }
  /** 413: fewer bytes may succeed. */
  | { readonly kind: 'too-large'; readonly error: AzlogsError }
  /** The rows of one body are too far apart in time for their table: fewer records may succeed. */
  | { readonly kind: 'too-wide'; readonly error: AzlogsError }
  /** 400 and whatever else will not change by itself: this body never succeeds. */
  | { readonly kind: 'rejected'; readonly error: AzlogsError }
  /** The caller ended the attempt. */
  | { readonly kind: 'aborted'; readonly error: AzlogsError }

/** An HTTP answer of the ingestion service. */
export interface Answer {
  readonly status: number
  readonly header: HeaderReader
  /** As much of the body as was read. */
  readonly body: string
  /** What was sent as `x-ms-client-request-id`. */
  readonly clientRequestId: string
}

/** What an answer means for the batch that was sent. Pure; `now` is epoch milliseconds. */
export function outcomeOf(answer: Answer, now: number): Outcome {
  const { status } = answer
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  if (status === 408 || status === 429) {
    return {
      kind: 'retry',
      afterMs: retryAfterMs(answer.header, now),
      error: errorOf('AZLOGS_THROTTLED', answer),
    }
  }
  // 501 and 505 speak about what was asked for, not about the state of the service.
  if (status >= 500 && status !== 501 && status !== 505) {
    return {
      kind: 'retry',
      afterMs: retryAfterMs(answer.header, now),
      error: errorOf('AZLOGS_UNAVAILABLE', answer),
    }
  }
  if (status === 401) return { kind: 'denied', error: errorOf('AZLOGS_UNAUTHORIZED', answer) }
  if (status === 403) return { kind: 'denied', error: errorOf('AZLOGS_FORBIDDEN', answer) }
  if (status === 404) return { kind: 'denied', error: errorOf('AZLOGS_NOT_FOUND', answer) }
  if (status === 413) return { kind: 'too-large', error: errorOf('AZLOGS_TOO_LARGE', answer) }
  if (status === 400) return ofBadRequest(errorOf('AZLOGS_REJECTED', answer))
  // A proxy's login page or a moved endpoint: the records are fine, so they are kept, and nothing is sent elsewhere.
  if (status >= 300 && status < 400) return { kind: 'denied', error: errorOf('AZLOGS_REDIRECTED', answer) }
  return { kind: 'rejected', error: errorOf('AZLOGS_REJECTED', answer) }
}

/** The service's longest explanations are half of this; the rest is some proxy's page. */
const MAX_TOLD_CHARACTERS = 500

/** 400s that are not about a record: the stream can be added to the DCR, and rows of one half hour sent together. */
function ofBadRequest(error: AzlogsError): Outcome {
  if (error.serviceCode === 'InvalidStream') return { kind: 'denied', error }
  if (error.serviceCode === 'RecordsTimeRangeIsMoreThan30Minutes') return { kind: 'too-wide', error }
  return { kind: 'rejected', error }
}

/** Bytes of an answer that an error keeps. */
const KEPT_ANSWER_BYTES = 2048

function errorOf(code: AzlogsErrorCode, answer: Answer): AzlogsError {
  const { serviceCode, text } = explain(answer)
  const named = serviceCode === undefined ? '' : ` ${serviceCode}`
  const said = text === undefined ? '' : `: ${text}`
  const remedy = remedyFor(code, serviceCode, text ?? '')
  return new AzlogsError(
    code,
    `The ingestion endpoint answered ${answer.status}${named}${said}${remedy === undefined ? '' : ` ${remedy}`}`,
    {
      statusCode: answer.status,
      serviceCode,
      clientRequestId: answer.clientRequestId,
      requestId: answer.header('x-ms-request-id'),
      responseBody: withoutToken(Buffer.from(answer.body).toString('utf8', 0, KEPT_ANSWER_BYTES)),
    },
  )
}

const ROLE_MISSING =
  'Give the identity the role «Monitoring Metrics Publisher» on the DCR (a new assignment takes up to 30 minutes).'

/** What to do about it, in a sentence. */
function remedyFor(code: AzlogsErrorCode, serviceCode: string | undefined, text: string): string | undefined {
  if (serviceCode === 'InvalidStream') return 'Check the stream name against the DCR’s streamDeclarations.'
  switch (code) {
    case 'AZLOGS_UNAUTHORIZED':
      return 'The token was refused. Check that its audience is https://monitor.azure.com (.us, .cn) and that this clock is right.'
    case 'AZLOGS_FORBIDDEN':
      return remedyForRefusal(text)
    case 'AZLOGS_NOT_FOUND':
      return 'Check the rule id (the DCR’s immutableId, dcr-…) and that the endpoint is in the region of that DCR.'
    case 'AZLOGS_REDIRECTED':
      return 'Redirects are never followed. Check the endpoint, and whether a proxy answers in its place.'
    default:
      return undefined
  }
}

// «PipelineAccessResult: AccessGranted: False, IsRbacPresent: False, IsDcrDceBindingValid: , DcrArmId: …»: only a value
// that is there says something. The binding goes first: with the wrong DCE no role helps.
function remedyForRefusal(text: string): string {
  if (/IsDcrDceBindingValid:\s*False/i.test(text)) {
    return 'The DCR does not name the data collection endpoint that this was sent to: use the endpoint of the DCR itself, or of the DCE in its dataCollectionEndpointId.'
  }
  if (/IsRbacPresent:\s*True/i.test(text)) {
    return 'The role is there; public network access to the endpoint or workspace may be off, or a private link be in the way.'
  }
  return ROLE_MISSING
}

function explain(answer: Answer): { serviceCode: string | undefined; text: string | undefined } {
  let serviceCode = answer.header('x-ms-error-code')
  let text: string | undefined
  try {
    const parsed: unknown = JSON.parse(answer.body)
    const error = field(parsed, 'error')
    const code = field(error, 'code')
    const message = field(error, 'message')
    if (typeof code === 'string') serviceCode ??= code
    if (typeof message === 'string') text = message
  } catch {
    text = answer.body
  }
  return { serviceCode, text: text === undefined || text.trim() === '' ? undefined : excerpt(text) }
}

/** What to tell of an answer's text. A proxy that shows the request it refuses shows the token too. */
function excerpt(text: string): string {
  return withoutToken(text.trim().slice(0, MAX_TOLD_CHARACTERS))
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
