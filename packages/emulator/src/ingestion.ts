import type { IncomingHttpHeaders } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

import { refusalAnswer } from './answer.ts'
import type { Answer, Refusal, RequestIds } from './answer.ts'
import type { ReceivedBody } from './body.ts'
import type { StoredValue } from './convert.ts'
import { takeIn } from './intake.ts'
import type { Intake } from './intake.ts'
import { parseJson } from './json.ts'
import type { Flow, Rule } from './schema.ts'
import type { TokenAuthority } from './token.ts'
import { describeLosses } from './verdict.ts'
import type { Verdict } from './verdict.ts'

// Checks run in this order, which is assumed (host, method and path come before, in the server):
// api-version -> token -> rule -> stream -> content type and encoding -> sizes -> parse -> store.

/**
 * Compared with Content-Length, so with the compressed size: a 5 MiB record that was gzipped got a 204
 * (azure-sdk-for-net, MonitorIngestionLiveTest.cs), and the 413 names this number (AzADServicePrincipalInsights#30).
 */
export const WIRE_LIMIT_BYTES: number = 1_048_576

/** Checked after inflating (otel-arrow PR 2535, by the author of Microsoft's exporter). Its code and text are assumed. */
const INFLATED_LIMIT_BYTES = 52_428_800

/** 2021-11-01-preview is what Azure Monitor Agent and Microsoft's own exporter still send; 2023-01-01 is the SDKs'. */
const API_VERSIONS: readonly (string | null)[] = ['2021-11-01-preview', '2023-01-01']

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
  const stream = rule.streams.find((candidate) => candidate.name === request.stream)
  if (stream === undefined) return refused(blank, unknownStream(request.stream))
  const encodingRefusal = refuseEncoding(request.headers)
  if (encodingRefusal !== undefined) return refused(blank, encodingRefusal)
  if (body.kind === 'tooLarge') return refused(blank, wireTooLarge(body.wireBytes))

  const inflated = await inflate(body.bytes, request.headers['content-encoding'])
  if (!Buffer.isBuffer(inflated)) return refused(blank, inflated)
  const tables = stream.flows.map((flow) => flow.table.name)
  const sized: Verdict = { ...blank, tables, inflatedBytes: inflated.length }
  if (inflated.length === 0) return refused(sized, EMPTY_BODY)

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
    wireBytes,
    inflatedBytes: 0,
    rowsReceived: 0,
    rowsStored: 0,
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

const gunzipBounded = promisify(gunzip) as (
  bytes: Buffer,
  options: { readonly maxOutputLength: number; readonly chunkSize: number },
) => Promise<Buffer>

async function inflate(bytes: Buffer, encoding: string | undefined): Promise<Buffer | Refusal> {
  if (encodingOf(encoding) === 'identity' || bytes.length === 0) return bytes
  try {
    return await gunzipBounded(bytes, { maxOutputLength: INFLATED_LIMIT_BYTES, chunkSize: 256 * 1024 })
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? INFLATED_TOO_LARGE
      : CORRUPT_GZIP
  }
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

// Recorded (azure-sdk-for-js, tests of the ingestion client).
function unknownRule(ruleId: string): Refusal {
  return {
    status: 404,
    code: 'NotFound',
    message: `Data collection rule with immutable Id '${ruleId}' not found.`,
  }
}

// Status and code are asserted by azure-sdk-for-go's live test; the text is assumed.
function unknownStream(stream: string): Refusal {
  return {
    status: 400,
    code: 'InvalidStream',
    message: `Stream '${stream}' is not declared in the data collection rule.`,
  }
}

// Recorded word for word (AzADServicePrincipalInsights#30).
function wireTooLarge(wireBytes: number): Refusal {
  return {
    status: 413,
    code: 'ContentLengthLimitExceeded',
    message: `Maximum allowed content length: ${WIRE_LIMIT_BYTES} bytes (1 MB). Provided content length: ${wireBytes} bytes.`,
  }
}

// The limit is known, the code only by its beginning ("PayloadSizeLimitExc…"); the rest is assumed.
const INFLATED_TOO_LARGE: Refusal = {
  status: 413,
  code: 'PayloadSizeLimitExceeded',
  message: `Maximum allowed payload size: ${INFLATED_LIMIT_BYTES} bytes (50 MB) after decompression.`,
}

// Asserted by azure-sdk-for-net's live tests: no code, no body.
const EMPTY_BODY: Refusal = { status: 500, message: 'the body is empty' }

// The status and "malformed JSON" are documented (azure-monitor-limits-custom-logs.md); code and text are assumed.
function nestedJson(columns: readonly string[]): Refusal {
  return {
    status: 400,
    code: 'MalformedJson',
    message: `malformed JSON: nested JSON was sent for ${columns.join(', ')}; the Auxiliary plan takes it into dynamic columns only.`,
  }
}

// Recorded (Azure-Sentinel#12130).
const SPAN_TOO_LONG: Refusal = {
  status: 400,
  code: 'RecordsTimeRangeIsMoreThan30Minutes',
  message:
    'The time duration between DataEndTime and DataStartTime should be within the range of 0 to 30 minutes.',
}

// Assumed, status, code and text: nothing is published about these four.
const WRONG_API_VERSION: Refusal = {
  status: 400,
  code: 'UnsupportedApiVersion',
  message: `The api-version is missing or not supported. Supported: ${API_VERSIONS.join(', ')}.`,
}
const WRONG_CONTENT_TYPE: Refusal = {
  status: 415,
  code: 'UnsupportedMediaType',
  message: 'The Content-Type must be application/json.',
}
const WRONG_ENCODING: Refusal = {
  status: 415,
  code: 'UnsupportedContentEncoding',
  message: 'The Content-Encoding must be gzip, or absent.',
}
const CORRUPT_GZIP: Refusal = {
  status: 400,
  code: 'InvalidContentEncoding',
  message: 'The body is not valid gzip.',
}
