import { asService, requestIds } from './answer.ts'
import type { Answer } from './answer.ts'
import { rawNumber } from './json.ts'
import { DEFAULT_TIMEOUT_MS } from './query-runner.ts'
import type { QueryAnswer, QueryRunner } from './query-runner.ts'
import { badRequest, failureOf, NOT_FOUND, refuseToken } from './query-refusals.ts'
import type { Route } from './route.ts'
import type { Reply, ServedRequest } from './server.ts'
import { readTimespan } from './timespan.ts'
import type { TokenAuthority } from './token.ts'

type QueryRoute = Extract<Route, { readonly kind: 'query' }>

/** What one query may ask for; `workspaces` are further ones, of which there are none here. */
interface QueryRequest {
  readonly query?: unknown
  readonly timespan?: unknown
  readonly workspaces?: unknown
}

export interface QueryEndpoint {
  readonly handle: (request: ServedRequest, route: QueryRoute) => Promise<Reply>
}

const BODY_LIMIT_BYTES = 1_048_576
/** The number of queries in a `$batch` that are looked at. Assumed. */
const MAX_BATCH = 100
/** "The default timeout is 3 minutes. The maximum timeout is 10 minutes" (logs/api/timeouts.md); here it is shorter. */
const MAX_TIMEOUT_MS = 600_000

/**
 * The Log Analytics query API (azure-monitor-docs, logs/api), as `@azure/monitor-query-logs` speaks it:
 *
 * - `POST /v1/workspaces/{id}/query` and `POST /v1/{resourceId}/query` with `{ "query", "timespan"? }`,
 * - `GET /v1/workspaces/{id}/query?query=…&timespan=…`,
 * - `POST /v1/$batch` with `{ "requests": [{ "id", "workspace", "path": "/query", "method": "POST", "body", "headers"? }] }`.
 *
 * Any id names the one workspace that there is. A token for `https://api.loganalytics.io`, or for that of another cloud, is
 * needed. `Prefer: wait=30` sets the timeout in seconds (30 by default, Azure's is 180), `include-statistics=true` and
 * `include-render=true` add their members. The answer is `{ "tables": [{ "name": "PrimaryResult", "columns": [{ "name",
 * "type" }], "rows": [[…]] }] }`, where a `dynamic` that is a bag or an array is JSON text.
 */
export function createQueryEndpoint({
  runner,
  authority,
  now = Date.now,
}: {
  readonly runner: QueryRunner
  readonly authority: TokenAuthority
  readonly now?: () => number
}): QueryEndpoint {
  async function answerQuery(asked: QueryRequest, prefer: string): Promise<Answer> {
    const { query, timespan, workspaces } = asked
    if (typeof query !== 'string' || query.trim() === '')
      return badRequest('the member "query" must be a text')
    if (Array.isArray(workspaces) && workspaces.length > 0) {
      return badRequest('further workspaces: not supported locally, there is one workspace here')
    }
    const interval = typeof timespan === 'string' ? readTimespan(timespan, now()) : undefined
    if (timespan !== undefined && timespan !== null && interval === undefined) {
      return badRequest(`the timespan ${JSON.stringify(timespan)} is no ISO 8601 duration or interval`)
    }
    const seconds = Number(/(?:^|[,;\s])wait=(\d+)/.exec(prefer)?.[1] ?? DEFAULT_TIMEOUT_MS / 1000)
    const timeoutMs = Math.min(seconds * 1000, MAX_TIMEOUT_MS)
    const startedAt = performance.now()
    try {
      const answer = await runner.run(query, { timeoutMs, ...(interval === undefined ? {} : { interval }) })
      return success(answer, prefer, (performance.now() - startedAt) / 1000)
    } catch (error) {
      return failureOf(error, query)
    }
  }

  async function answerBatch(body: unknown): Promise<Answer> {
    const requests = memberOf(body, 'requests')
    if (!Array.isArray(requests) || requests.length > MAX_BATCH) {
      return badRequest(`the member "requests" must be an array of at most ${MAX_BATCH} queries`)
    }
    const responses = []
    for (const request of requests as readonly unknown[]) {
      const asked = memberOf(request, 'body')
      const prefer = memberOf(memberOf(request, 'headers'), 'prefer')
      const { status, body: text } =
        memberOf(request, 'path') === '/query' && isObject(asked)
          ? await answerQuery(asked, typeof prefer === 'string' ? prefer : '')
          : NOT_FOUND
      responses.push(
        `{"id":${JSON.stringify(memberOf(request, 'id') ?? null)},"status":${status},"body":${text}}`,
      )
    }
    return { status: 200, headers: JSON_HEADERS, body: `{"responses":[${responses.join(',')}]}` }
  }

  async function answer(request: ServedRequest, route: QueryRoute): Promise<Answer | 'reset'> {
    const { method, headers, url } = request
    const body = await request.readBody(BODY_LIMIT_BYTES)
    if (body.kind === 'aborted') return 'reset'
    const refused = refuseToken(authority, headers.authorization)
    if (refused !== undefined) return refused
    const prefer = String(headers['prefer'] ?? '')
    if (method === 'GET' && !route.batch) {
      const [query, timespan] = ['query', 'timespan'].map((name) => url.searchParams.get(name) ?? undefined)
      return answerQuery({ query, timespan }, prefer)
    }
    if (method !== 'POST') return NOT_FOUND
    if (body.kind !== 'complete') return badRequest(`a body has at most ${BODY_LIMIT_BYTES} bytes`)
    const isJson = /^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? '')
    // "If you send a POST request that's missing either JSON body or the Content-Type header, we return an empty 200
    // response" (logs/api/errors.md).
    if (!isJson || body.bytes.length === 0) return { status: 200, headers: {}, body: '' }
    const value = readJson(body.bytes)
    if (!isObject(value)) return badRequest('the body is no JSON object')
    return route.batch ? answerBatch(value) : answerQuery(value, prefer)
  }

  return {
    async handle(request, route) {
      const reply = await answer(request, route)
      return reply === 'reset'
        ? reply
        : asService(reply, requestIds(request.headers['x-ms-client-request-id']))
    },
  }
}

const JSON_HEADERS = { 'Content-Type': 'application/json; charset=utf-8' } as const

function success(
  { columns, rows, render, isTruncated }: QueryAnswer,
  prefer: string,
  seconds: number,
): Answer {
  const tables = [{ name: 'PrimaryResult', columns, rows: rows.map((row) => row.map(cell)) }]
  const value = {
    tables,
    ...(prefer.includes('include-render=true') && render !== undefined
      ? { render: { visualization: render.chart, ...render.properties } }
      : {}),
    ...(prefer.includes('include-statistics=true')
      ? { statistics: { query: { executionTime: seconds } } }
      : {}),
    ...(isTruncated ? { error: TRUNCATED } : {}),
  }
  return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(value, exactly) }
}

// "If a non-fatal error occurs, the status is 200 … an error property with the code PartialError" (response-format.md);
// the details are assumed.
const TRUNCATED = {
  code: 'PartialError',
  message: 'There were some errors when processing your query.',
  details: [
    { code: 'EngineError', message: 'The results of this query exceed the limit of 500000 records.' },
  ],
}

/** A bag or an array goes out as JSON text, as from the service, and numbers that JSON has not as Kusto writes them. */
function cell(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value, exactly)
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

function exactly(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? rawNumber(String(value)) : value
}

function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined
}
