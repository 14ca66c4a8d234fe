import { beforeAll, afterAll, expect, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { Emulator } from '../src/index.ts'

let emulator: Emulator
let token: string

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
  token = (await emulator.credential.getToken('https://api.loganalytics.io/.default')).token
})
afterAll(() => emulator.close())

function post(
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  path = 'workspaces/w/query',
): Promise<Response> {
  return fetch(`${emulator.queryUrl}/${path}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

async function json(response: Response): Promise<unknown> {
  return response.json()
}

test('the answer has the documented shape', async () => {
  const response = await post({ query: 'print Category = "Administrative", count_ = 20839' })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(await json(response)).toEqual({
    tables: [
      {
        name: 'PrimaryResult',
        columns: [
          { name: 'Category', type: 'string' },
          { name: 'count_', type: 'long' },
        ],
        rows: [['Administrative', 20839]],
      },
    ],
  })
})

test('a GET asks in the query string', async () => {
  const url = `${emulator.queryUrl}/workspaces/w/query?query=${encodeURIComponent('print 1')}&timespan=PT1H`
  const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } })
  expect(await json(response)).toMatchObject({ tables: [{ rows: [[1]] }] })
})

test('a long keeps its digits, a bag goes out as text, and what JSON has not as Kusto writes it', async () => {
  const response = await post({
    query:
      'print 9007199254740993, dynamic({"a": 9007199254740993}), dynamic("s"), 1.0 / 0, real(nan), 1.5h, guid(null)',
  })
  expect(await response.text()).toContain(
    String.raw`"rows":[[9007199254740993,"{\"a\":9007199254740993}","s","Infinity","NaN","01:30:00",null]]`,
  )
})

test('an unreadable query is answered like the recorded one', async () => {
  const response = await post({ query: 'print 1 | completely invalid' })
  expect(response.status).toBe(400)
  expect(await json(response)).toMatchObject({
    error: {
      message: 'The request had some invalid properties',
      code: 'BadArgumentError',
      correlationId: expect.any(String) as string,
      innererror: {
        code: 'SyntaxError',
        message: 'A recognition error occurred in the query.',
        innererror: {
          code: 'SYN0002',
          message: expect.stringContaining(
            "Query could not be parsed at 'completely' on line [1,10]",
          ) as string,
          line: 1,
          pos: 10,
          token: 'completely',
        },
      },
    },
  })
})

test('tokens: none 401, a wrong one 403, another audience 403 (logs/api/errors.md)', async () => {
  const none = await fetch(`${emulator.queryUrl}/workspaces/w/query?query=print%201`)
  expect([none.status, await json(none)]).toEqual([
    401,
    {
      error: {
        code: 'AuthenticationFailed',
        message: "Authentication failed. The 'Authorization' header is missing.",
      },
    },
  ])
  const bad = await post({ query: 'print 1' }, { Authorization: 'Bearer nonsense' })
  expect([bad.status, await json(bad)]).toMatchObject([
    403,
    { error: { code: 'InvalidAuthenticationToken' } },
  ])
  const ingestion = (await emulator.credential.getToken('https://monitor.azure.com/.default')).token
  const wrong = await post({ query: 'print 1' }, { Authorization: `Bearer ${ingestion}` })
  expect([wrong.status, await json(wrong)]).toMatchObject([
    403,
    { error: { code: 'InvalidAuthenticationTokenAudience' } },
  ])
})

test.for([
  ['no query', {}],
  ['an empty query', { query: ' ' }],
  ['a timespan that is none', { query: 'print 1', timespan: 'yesterday' }],
  ['further workspaces', { query: 'print 1', workspaces: ['other'] }],
  ['an array', '[]'],
  ['no JSON', '{'],
] as const)('%s is a 400', async ([, body]) => {
  const response = await post(body)
  expect(response.status).toBe(400)
  expect(await json(response)).toMatchObject({ error: { code: 'BadArgumentError' } })
})

test('a POST without JSON gets an empty 200, and another method a 404 (logs/api/errors.md)', async () => {
  const empty = await post('print 1', { 'Content-Type': 'text/plain' })
  expect([empty.status, await empty.text()]).toEqual([200, ''])
  const deleted = await fetch(`${emulator.queryUrl}/workspaces/w/query`, {
    method: 'DELETE',
    headers: { Authorization: `Bearer ${token}` },
  })
  expect([deleted.status, await json(deleted)]).toMatchObject([404, { error: { code: 'PathNotFoundError' } }])
})

test('a query that takes too long is a 504, and the emulator goes on answering meanwhile', async () => {
  const many = Array.from({ length: 2000 }, (_, index) => `${index}`).join(',')
  const slow =
    'extend h = strlen(hash_sha256(strrep(tostring(n), 1000))) + strlen(hash_sha256(strrep(tostring(n + 1), 1000)))'
  const query = `datatable(n: long)[${many}] ${`| ${slow} `.repeat(100)} | count`
  const pending = post({ query }, { Prefer: 'wait=0' })
  const other = await post({ query: 'print 1' })
  expect(other.status).toBe(200)
  const response = await pending
  expect([response.status, await json(response)]).toMatchObject([504, { error: { code: 'GatewayTimeout' } }])
})

test('a batch answers each query by its id', async () => {
  const entry = (id: string, query: string, path = '/query'): unknown => ({
    id,
    path,
    method: 'POST',
    workspace: 'w',
    body: { query },
  })
  const response = await post(
    { requests: [entry('1', 'print 1'), entry('2', 'nonsense |'), entry('3', 'print 3', '/fakePath')] },
    {},
    '$batch',
  )
  expect(await json(response)).toMatchObject({
    responses: [
      { id: '1', status: 200, body: { tables: [{ rows: [[1]] }] } },
      { id: '2', status: 400, body: { error: { code: 'BadArgumentError' } } },
      { id: '3', status: 404, body: { error: { code: 'PathNotFoundError' } } },
    ],
  })
})

test('emulator.query needs no token and gives parsed values', async () => {
  const { columns, rows } = await emulator.query('print d = dynamic({"a": [1]}), b = true')
  expect(columns).toEqual([
    { name: 'd', type: 'dynamic' },
    { name: 'b', type: 'bool' },
  ])
  expect(rows).toEqual([[{ a: [1] }, true]])
  await expect(emulator.query('AppLogs_CL | where nope')).rejects.toMatchObject({
    name: 'KqlError',
    code: 'Semantic',
  })
})

test('POST /sql reads without a token', async () => {
  const ask = (body: unknown): Promise<Response> =>
    fetch(`${emulator.url}/sql`, { method: 'POST', body: JSON.stringify(body) })
  const good = await ask({ query: 'SELECT ? AS a, 9007199254740993 AS b', parameters: ['x'] })
  expect(good.status).toBe(200)
  expect(await good.text()).toContain(
    '"columns":["a","b"],"rows":[["x",9007199254740993]],"isTruncated":false',
  )
  for (const body of [
    { query: 'DELETE FROM AppLogs_CL' },
    { query: 1 },
    [],
    { query: 'SELECT ?', parameters: [{}] },
  ]) {
    const bad = await ask(body)
    expect(bad.status).toBe(400)
    expect(await json(bad)).toMatchObject({ error: { code: 'BadSql' } })
  }
})
