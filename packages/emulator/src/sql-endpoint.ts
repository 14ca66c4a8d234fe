import { jsonAnswer } from './answer.ts'
import type { Answer } from './answer.ts'
import type { StoredValue } from './convert.ts'
import { rawNumber } from './json.ts'
import type { Reply, ServedRequest } from './server.ts'
import type { SqlAnswer } from './sql.ts'

const BODY_LIMIT_BYTES = 256 * 1024

/**
 * `POST /sql` with `{ "query": "SELECT …", "parameters"?: […] }`: the emulator's own, for the page and for scripts. It only
 * reads, so it asks for no token. The answer is `{ "columns": ["…"], "rows": [[…]], "isTruncated", "durationMs" }`, or a 400
 * with `{ "error": { "code": "BadSql", "message" } }`.
 */
export async function answerSql(
  request: ServedRequest,
  sql: (statement: string, parameters?: readonly StoredValue[]) => SqlAnswer,
): Promise<Reply> {
  if (request.method !== 'POST') return refusal(405, 'the method must be POST')
  const body = await request.readBody(BODY_LIMIT_BYTES)
  if (body.kind === 'aborted') return 'reset'
  if (body.kind !== 'complete') return refusal(413, `a body has at most ${BODY_LIMIT_BYTES} bytes`)
  const { query, parameters = [] } = readBody(body.bytes)
  if (typeof query !== 'string') return refusal(400, 'send { "query": "SELECT …" }')
  if (!Array.isArray(parameters) || !parameters.every(isStoredValue)) {
    return refusal(400, 'the parameters must be an array of texts, numbers and nulls')
  }
  const startedAt = performance.now()
  try {
    const answer = sql(query, parameters)
    const value = { ...answer, durationMs: performance.now() - startedAt }
    return { ...jsonAnswer(200, {}), body: JSON.stringify(value, exactly) }
  } catch (error) {
    if (error instanceof TypeError) return refusal(400, error.message)
    throw error
  }
}

function refusal(status: number, message: string): Answer {
  return jsonAnswer(status, { error: { code: 'BadSql', message } })
}

function readBody(bytes: Buffer): { readonly query?: unknown; readonly parameters?: unknown } {
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

function isStoredValue(value: unknown): value is StoredValue {
  return value === null || typeof value === 'string' || typeof value === 'number'
}

function exactly(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? rawNumber(String(value)) : value
}
