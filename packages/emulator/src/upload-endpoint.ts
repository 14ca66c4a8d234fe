import type { IncomingHttpHeaders } from 'node:http'

import { asService, refusalAnswer, requestIds } from './answer.ts'
import type { RequestIds } from './answer.ts'
import { OverloadedError } from './body.ts'
import type { ReceivedBody } from './body.ts'
import { faultAnswer } from './fault-answer.ts'
import type { Fault } from './faults.ts'
import { createHistory } from './history.ts'
import { blankVerdict, ingest } from './ingestion.ts'
import type { IngestionOptions, IngestionRequest } from './ingestion.ts'
import { OVERLOADED, WIRE_LIMIT_BYTES } from './refusals.ts'
import type { Route } from './route.ts'
import { createScript, scriptedAnswer } from './script.ts'
import type { ScriptedAnswer } from './script.ts'
import type { Reply, ServedRequest } from './server.ts'
import { problems } from './token.ts'
import { describeLosses } from './verdict.ts'
import type { Verdict } from './verdict.ts'

/** One request to the ingestion path; the entry is brought up to date as the request goes on. */
export interface RecordedRequest {
  /** In ISO 8601. */
  readonly receivedAt: string
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /**
   * `pending` while the body arrives or the answer is delayed, `aborted` when the client went away before its end, `half`
   * and `hung` by a fault.
   */
  readonly outcome: 'pending' | 'answered' | 'reset' | 'aborted' | 'half' | 'hung'
  /** Of the answer; absent unless `outcome` is `answered`. */
  readonly status?: number
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }
type UploadRoute = Extract<Route, { readonly kind: 'ingestion' }>

export interface UploadEndpoint {
  readonly handle: (request: ServedRequest, route: UploadRoute) => Promise<Reply>
  readonly answerNext: (answers: readonly ScriptedAnswer[]) => void
  readonly requests: () => readonly RecordedRequest[]
  readonly verdicts: () => readonly Verdict[]
  /** Every sentence of {@link describeLosses}, and how many verdicts with losses have been forgotten. */
  readonly losses: () => readonly string[]
  readonly clear: () => void
}

export interface UploadEndpointOptions extends IngestionOptions {
  readonly pause: (delayMs: number) => Promise<void>
  /** Draws a fault for the upload that has just arrived. */
  readonly nextFault: () => Fault | undefined
  readonly onRequest: () => void
  readonly onVerdict: (verdict: Verdict) => void
}

interface Judged {
  readonly reply: Reply
  /** Its status and outcome are those of the reply. */
  readonly verdict: Verdict
}

type UnseenUpload = Pick<IngestionRequest, 'ids' | 'ruleId' | 'stream' | 'receivedAtMs'> & {
  readonly body: { readonly wireBytes: number }
}

/** An upload that was answered without a look at it. */
function unseen(upload: UnseenUpload, reply: Reply, why: string): Judged {
  const code = typeof reply === 'object' && 'headers' in reply ? reply.headers['x-ms-error-code'] : undefined
  const verdict = {
    ...blankVerdict(upload, upload.body.wireBytes),
    ...(code === undefined ? {} : { errorCode: code }),
    nothingStored: { why, silent: false },
  }
  return { reply, verdict }
}

type Effect = NonNullable<Fault['effect']>

/** What a fault puts in the place of handling the upload. */
function replyInstead(effect: Effect, { ruleId, body }: IngestionRequest): Reply | undefined {
  switch (effect.kind) {
    case 'status':
      return faultAnswer(effect, { ruleId, wireBytes: body.wireBytes })
    case 'reset-before':
      return 'reset'
    case 'hang':
      return 'hang'
    case 'token-rejected':
      return refusalAnswer({ status: 401, ...problems.malformed })
    default:
      return undefined
  }
}

/** What a fault makes of the answer to an upload that was handled. */
function brokenReply(effect: Effect, reply: Reply): Reply {
  if (effect.kind === 'reset-after') return 'reset'
  return effect.kind === 'half' && typeof reply === 'object' && !('half' in reply) ? { half: reply } : reply
}

function outcomeOf(reply: Reply): Pick<Verdict, 'outcome'> & Partial<Pick<Verdict, 'status'>> {
  if (reply === 'reset') return { outcome: 'reset' }
  if (reply === 'hang') return { outcome: 'hung' }
  return 'half' in reply ? { outcome: 'half' } : { outcome: 'answered', status: reply.status }
}

async function bodyOf(request: ServedRequest): Promise<ReceivedBody | OverloadedError> {
  try {
    return await request.readBody(WIRE_LIMIT_BYTES)
  } catch (error) {
    if (error instanceof OverloadedError) return error
    throw error
  }
}

// Assumed.
const NOT_POST = refusalAnswer({ status: 405, code: 'MethodNotAllowed', message: 'The method must be POST.' })

/** Takes uploads: a scripted answer first, a fault second, the service's rules otherwise; remembers what came and what became of it. */
export function createUploadEndpoint(options: UploadEndpointOptions): UploadEndpoint {
  const requests = createHistory<RecordedRequest>()
  const verdicts = createHistory<Verdict>()
  const script = createScript()
  let forgottenLosses = 0

  async function judge(method: string, upload: IngestionRequest, scripted?: ScriptedAnswer): Promise<Judged> {
    const answer = scriptedAnswer(scripted)
    if (answer !== undefined) return unseen(upload, answer, 'the answer was scripted')
    if (scripted?.reset === 'before') return unseen(upload, 'reset', 'the reset was scripted')
    if (method !== 'POST') return unseen(upload, NOT_POST, 'the method is not POST')
    const judgement = await ingest(upload, options)
    return {
      reply: scripted?.reset === 'after' ? 'reset' : judgement.answer,
      verdict: judgement.verdict,
    }
  }

  async function judgeFaulty(
    method: string,
    upload: IngestionRequest,
    { effect, text }: Fault,
  ): Promise<Judged> {
    if (effect?.kind === 'token-expired') options.authority.expire(upload.headers.authorization)
    const instead = effect === undefined ? undefined : replyInstead(effect, upload)
    const { reply, verdict } =
      instead === undefined
        ? await judge(method, upload)
        : unseen(upload, instead, `a fault was set: ${text}`)
    return {
      reply: effect === undefined ? reply : brokenReply(effect, reply),
      verdict: { ...verdict, fault: text },
    }
  }

  function conclude(record: Writable<RecordedRequest>, ids: RequestIds, { reply, ...judged }: Judged): Reply {
    const outcome = outcomeOf(reply)
    Object.assign(record, outcome)
    const verdict: Verdict = { ...judged.verdict, status: 0, ...outcome }
    for (const forgotten of verdicts.add(verdict)) {
      if (describeLosses(forgotten).length > 0) forgottenLosses += 1
    }
    options.onVerdict(verdict)
    if (typeof reply === 'string') return reply
    return 'half' in reply ? { half: asService(reply.half, ids) } : asService(reply, ids)
  }

  return {
    async handle(request, { ruleId, stream }) {
      const receivedAtMs = Date.now()
      const { method, url, headers } = request
      const record: Writable<RecordedRequest> = {
        receivedAt: new Date(receivedAtMs).toISOString(),
        method,
        path: url.pathname + url.search,
        // What came three thousand times is a text of three thousand pieces until it is copied.
        headers: structuredClone(headers),
        outcome: 'pending',
      }
      requests.add(record)
      const scripted = script.next()
      const fault = scripted === undefined ? options.nextFault() : undefined
      options.onRequest()

      const ids = requestIds(headers['x-ms-client-request-id'])
      const arrival = { url, headers, ids, ruleId, stream, receivedAtMs }
      const body = await bodyOf(request)
      if (body instanceof OverloadedError) {
        return conclude(
          record,
          ids,
          unseen({ ...arrival, body }, refusalAnswer(OVERLOADED), OVERLOADED.message),
        )
      }
      if (body.kind === 'aborted') {
        record.outcome = 'aborted'
        return 'reset'
      }
      await options.pause(scripted?.delayMs ?? fault?.delayMs ?? 0)
      const upload = { ...arrival, body }
      const judged =
        fault === undefined ? await judge(method, upload, scripted) : await judgeFaulty(method, upload, fault)
      return conclude(record, ids, judged)
    },
    answerNext: script.add,
    requests: requests.list,
    verdicts: verdicts.list,
    losses() {
      const sentences = verdicts.list().flatMap(describeLosses)
      return forgottenLosses === 0
        ? sentences
        : [...sentences, `and ${forgottenLosses} older requests with losses`]
    },
    clear() {
      requests.clear()
      verdicts.clear()
      script.clear()
      forgottenLosses = 0
    },
  }
}
