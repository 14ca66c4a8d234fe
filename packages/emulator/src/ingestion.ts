import type { IncomingHttpHeaders } from 'node:http'

import { refusalAnswer } from './answer.ts'
import type { Answer, Refusal, RequestIds } from './answer.ts'
import type { ReceivedBody } from './body.ts'
import type { StoredValue } from './convert.ts'
import { inflate, refuseTooManyValues } from './inflate.ts'
import { takeIn } from './intake.ts'
import type { Intake } from './intake.ts'
import { parseJson } from './json.ts'
import {
  API_VERSIONS,
  EMPTY_BODY,
  nestedJson,
  SPAN_TOO_LONG,
  tooManyRequests,
  unknownRule,
  unknownStream,
  wireTooLarge,
  WRONG_API_VERSION,
  WRONG_CONTENT_TYPE,
  WRONG_ENCODING,
} from './refusals.ts'
import type { Flow, Rule } from './schema.ts'
import type { Throttle } from './throttle.ts'
import type { TokenAuthority } from './token.ts'
import { describeLosses } from './verdict.ts'
import type { Verdict } from './verdict.ts'

// Checks run in this order, which is assumed (host, method and path come before, in the server):
// api-version -> token -> rule -> throttling -> stream -> content type and encoding -> sizes -> parse -> store.

/** The span of TimeGenerated in one call to an Auxiliary table without a transformation (recorded, Azure-Sentinel#12130). */
const AUXILIARY_SPAN_MINUTES = 30

const STRICT_CODE = 'StrictMode'

export interface IngestionRequest {
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly ids: RequestIds
  readonly ruleId: string
  readonly stream: string
  readonly body: Exclude<ReceivedBody, { readonly kind: 'aborted' }>
  readonly receivedAtMs: number
}

export interface IngestionOptions {
  readonly rules: readonly Rule[]
  readonly mode: 'azure' | 'strict'
  readonly authority: TokenAuthority
  readonly throttle: Throttle
  readonly insert: (table: string, rows: readonly (readonly StoredValue[])[]) => void
}

export interface Judgement {
  readonly answer: Answer
  readonly verdict: Verdict
}

/** Answers one upload as the service would, stores what it would store, and says what it would not tell. */
export async function ingest(request: IngestionRequest, options: IngestionOptions): Promise<Judgement> {
  const { body } = request
  const blank = blankVerdict(request, body.wireBytes)
  const refusal = refuse(request, options)
  if (refusal !== undefined) return refused(blank, refusal)
  const rule = options.rules.find((candidate) => candidate.ruleId === request.ruleId)
  if (rule === undefined) return refused(blank, unknownRule(request.ruleId))
  const retryAfterSeconds = options.throttle.admit(rule.ruleId)
  if (retryAfterSeconds !== undefined) return refused(blank, tooManyRequests(retryAfterSeconds))
  options.throttle.spend(rule.ruleId, body.wireBytes)
  const stream = rule.streams.find((candidate) => candidate.name === request.stream)
  if (stream === undefined) return refused(blank, unknownStream(request.stream))
  const encodingRefusal = refuseEncoding(request.headers)
  if (encodingRefusal !== undefined) return refused(blank, encodingRefusal)
  if (body.kind === 'tooLarge') return refused(blank, wireTooLarge(body.wireBytes))

  const isPlain = encodingOf(request.headers['content-encoding']) === 'identity' || body.bytes.length === 0
  const inflated = isPlain ? body.bytes : await inflate(body.bytes)
  if (!Buffer.isBuffer(inflated)) return refused(blank, inflated)
  // Both sizes count, so the larger one decides.
  options.throttle.spend(rule.ruleId, inflated.length - body.wireBytes)
  const tables = stream.flows.map((flow) => flow.table.name)
  const sized: Verdict = { ...blank, tables, inflatedBytes: inflated.length }
  if (inflated.length === 0) return refused(sized, EMPTY_BODY)

  const tooMany = refuseTooManyValues(inflated)
  if (tooMany !== undefined) return refused(sized, tooMany)
  const elements = readElements(inflated)
  if (typeof elements === 'string') return nothingStored(sized, elements, options.mode)

  const intake = takeIn(elements, stream, request.receivedAtMs)
  const judged: Verdict = { ...sized, ...intake.counts }
  const auxiliaryRefusal = stream.flows.some(isPlainAuxiliary) ? refuseAuxiliary(intake) : undefined
  if (auxiliaryRefusal !== undefined) return refused(judged, auxiliaryRefusal)
  const losses = options.mode === 'strict' ? describeLosses(judged) : []
  if (losses.length > 0)
    return refused(judged, { status: 400, code: STRICT_CODE, message: losses.join('; ') })

  let rowsStored = 0
  for (const { table, rows } of intake.stored) {
    options.insert(table, rows)
    rowsStored += rows.length
  }
  return { answer: ACCEPTED, verdict: { ...judged, rowsStored } }
}

/** Into an Auxiliary table without a transformation, which both of the plan's refusals ask for. */
function isPlainAuxiliary({ table, transform }: Flow): boolean {
  return table.plan === 'Auxiliary' && transform === undefined
}

function refuseAuxiliary({ nestedColumns, timeSpanMinutes }: Intake): Refusal | undefined {
  if (nestedColumns.size > 0) return nestedJson([...nestedColumns])
  return timeSpanMinutes > AUXILIARY_SPAN_MINUTES ? SPAN_TOO_LONG : undefined
}

/** The verdict on a request that was not looked at. */
export function blankVerdict(
  request: Pick<IngestionRequest, 'ids' | 'ruleId' | 'stream' | 'receivedAtMs'>,
  wireBytes: number,
): Verdict {
  return {
    ...request.ids,
    receivedAt: new Date(request.receivedAtMs).toISOString(),
    ruleId: request.ruleId,
    stream: request.stream,
    tables: [],
    status: 204,
    outcome: 'answered',
    wireBytes,
    inflatedBytes: 0,
    rowsReceived: 0,
    rowsStored: 0,
    rowsFailed: 0,
    rowsFiltered: 0,
    rowsDiscarded: 0,
    droppedColumns: {},
    droppedFromTable: {},
    coercedValues: {},
    nulledValues: {},
    truncatedValues: {},
    restampedRows: { tooOld: 0, tooNew: 0, unreadable: 0, notMicroseconds: 0, missing: 0 },
  }
}

const ACCEPTED: Answer = { status: 204, headers: {}, body: '' }

function refused(verdict: Verdict, refusal: Refusal): Judgement {
  return {
    answer: refusalAnswer(refusal),
    verdict: {
      ...verdict,
      status: refusal.status,
      ...(refusal.code === undefined ? {} : { errorCode: refusal.code }),
      nothingStored: { why: refusal.message, silent: false },
    },
  }
}

/** Azure takes the body with a 204 and throws it away (azure-docs#112669, #106266, python#32562, net#34638). */
function nothingStored(verdict: Verdict, why: string, mode: IngestionOptions['mode']): Judgement {
  const silent: Verdict = { ...verdict, nothingStored: { why, silent: true } }
  if (mode === 'azure') return { answer: ACCEPTED, verdict: silent }
  const refusal = { status: 400, code: STRICT_CODE, message: why }
  return { answer: refusalAnswer(refusal), verdict: { ...silent, status: 400, errorCode: STRICT_CODE } }
}

function refuse(request: IngestionRequest, options: IngestionOptions): Refusal | undefined {
  if (!API_VERSIONS.includes(request.url.searchParams.get('api-version'))) return WRONG_API_VERSION
  const problem = options.authority.refuse(request.headers.authorization)
  return problem === undefined ? undefined : { status: 401, ...problem }
}

function refuseEncoding(headers: IncomingHttpHeaders): Refusal | undefined {
  if (!/^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? '')) return WRONG_CONTENT_TYPE
  return ['gzip', 'identity'].includes(encodingOf(headers['content-encoding'])) ? undefined : WRONG_ENCODING
}

function encodingOf(header: string | undefined): string {
  return header?.trim().toLowerCase() ?? 'identity'
}

/** The array in the body, or why there is none. */
function readElements(bytes: Buffer): readonly unknown[] | string {
  const consequence = 'Azure answers 204 and stores nothing'
  let value: unknown
  try {
    value = parseJson(bytes.toString())
  } catch {
    return `the body is not JSON: ${consequence}`
  }
  if (Array.isArray(value)) return value
  const type = value === null ? 'null' : typeof value
  return `the body is JSON, but no array (${type}): ${consequence}`
}
