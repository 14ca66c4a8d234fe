import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { Emulator, Verdict } from '../src/index.ts'
import { upload, uploadGzipped, uploadPath } from './upload.ts'

const WIRE_LIMIT = 1_048_576
const INFLATED_LIMIT = 52_428_800

let emulator: Emulator
let strict: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
  strict = await startEmulator({ https: false, mode: 'strict' })
})
beforeEach(() => {
  emulator.clear()
  strict.clear()
})
afterAll(() => Promise.all([emulator.close(), strict.close()]))

function lastVerdict(of: Emulator = emulator): Verdict {
  const verdict = of.verdicts().at(-1)
  if (verdict === undefined) throw new Error('there is no verdict')
  return verdict
}

async function errorOf(response: Response): Promise<{ code: string; message: string }> {
  const { error } = (await response.json()) as { error: { code: string; message: string } }
  expect(response.headers.get('x-ms-error-code')).toBe(error.code)
  expect(response.headers.get('content-type')).toBe('application/json')
  return error
}

test('a success is a 204 with the recorded headers and no body', async () => {
  const response = await upload(emulator, [{ Message: 'a' }], {
    headers: { 'x-ms-client-request-id': 'mine' },
  })
  expect(response.status).toBe(204)
  expect(await response.text()).toBe('')
  expect(Object.fromEntries(response.headers)).toMatchObject({
    server: 'Microsoft-HTTPAPI/2.0',
    'strict-transport-security': 'max-age=31536000; includeSubDomains; preload',
    'x-content-type-options': 'nosniff',
    'x-ms-client-request-id': 'mine',
    'x-ms-request-id': lastVerdict().requestId,
  })
  expect(response.headers.has('content-type')).toBe(false)
  expect(lastVerdict()).toMatchObject({
    clientRequestId: 'mine',
    status: 204,
    rowsReceived: 1,
    rowsStored: 1,
  })
})

test('a client request id that was not sent is not in the answer', async () => {
  const response = await upload(emulator, [])
  expect(response.headers.has('x-ms-client-request-id')).toBe(false)
  expect(lastVerdict()).not.toHaveProperty('clientRequestId')
})

test.each(['2023-01-01', '2021-11-01-preview'])('the api-version %s is accepted', async (version) => {
  const path = uploadPath(emulator, { query: `api-version=${version}` })
  expect((await upload(emulator, [], { path })).status).toBe(204)
})

test.each(['', 'api-version=2020-01-01', 'version=2023-01-01'])(
  'the query "%s" gets a 400',
  async (query) => {
    const response = await upload(emulator, [], { path: uploadPath(emulator, { query }) })
    expect(response.status).toBe(400)
    expect((await errorOf(response)).code).toBe('UnsupportedApiVersion')
  },
)

test('percent-encoded names in the path and in the query are the same names', async () => {
  const path = `/dataCollectionRules/${emulator.ruleId.replace('-', '%2D')}/streams/Custom%2DAppLogs%5FCL?api%2Dversion=2023-01-01`
  expect((await upload(emulator, [{ Message: 'a' }], { path })).status).toBe(204)
  expect(emulator.rows()).toHaveLength(1)
})

test('an unknown rule gets the recorded 404', async () => {
  const path = uploadPath(emulator, { ruleId: 'immutable-id-123' })
  const response = await upload(emulator, [{ Message: 'a' }], { path })
  expect(response.status).toBe(404)
  expect(await errorOf(response)).toEqual({
    code: 'NotFound',
    message: "Data collection rule with immutable Id 'immutable-id-123' not found.",
  })
})

test.each(['AppLogs_CL', 'Custom-AppLogs', 'custom-applogs_cl', ''])(
  'the stream "%s" gets a 400',
  async (streamName) => {
    const response = await upload(emulator, [{}], { path: uploadPath(emulator, { streamName }) })
    expect(response.status).toBe(400)
    expect((await errorOf(response)).code).toBe('InvalidStream')
    expect(emulator.rows()).toEqual([])
  },
)

test('other methods get a 405', async () => {
  const response = await upload(emulator, '', { method: 'GET' })
  expect(response.status).toBe(405)
  expect(lastVerdict()).toMatchObject({ status: 405 })
})

test.each([
  [{ 'content-type': undefined }, 415],
  [{ 'content-type': 'text/plain' }, 415],
  [{ 'content-type': 'application/jsonlines' }, 415],
  [{ 'content-type': 'application/json; charset=utf-8' }, 204],
  [{ 'content-encoding': 'identity' }, 204],
  [{ 'content-encoding': 'br' }, 415],
  [{ 'content-encoding': 'gzip, gzip' }, 415],
])('the headers %j get a %i', async (headers, status) => {
  // A Uint8Array: with a string, fetch would add a content type of its own.
  expect((await upload(emulator, Buffer.from('[{}]'), { headers })).status).toBe(status)
  expect(emulator.rows()).toHaveLength(status === 204 ? 1 : 0)
})

test('a body of exactly 1 MiB on the wire is accepted, and one byte more gets the recorded 413', async () => {
  const whole = `[{"Message":"${' '.repeat(WIRE_LIMIT - 16)}"}]`
  expect((await upload(emulator, whole)).status).toBe(204)
  const response = await upload(emulator, `${whole} `)
  expect(response.status).toBe(413)
  expect(await errorOf(response)).toEqual({
    code: 'ContentLengthLimitExceeded',
    message: 'Maximum allowed content length: 1048576 bytes (1 MB). Provided content length: 1048577 bytes.',
  })
  expect(lastVerdict()).toMatchObject({ status: 413, wireBytes: WIRE_LIMIT + 1, rowsStored: 0 })
})

test('the limit of 1 MiB counts the gzipped body', async () => {
  const body = JSON.stringify([{ Message: 'x'.repeat(5 * WIRE_LIMIT) }])
  expect((await uploadGzipped(emulator, body)).status).toBe(204)
  expect(lastVerdict()).toMatchObject({
    rowsStored: 1,
    inflatedBytes: body.length,
    truncatedValues: { Message: 1 },
  })
  const incompressible = JSON.stringify([{ Message: randomBytes(2 * WIRE_LIMIT).toString('latin1') }])
  expect((await uploadGzipped(emulator, incompressible)).status).toBe(413)
})

test('50 MiB after inflating are accepted and one byte more gets a 413', async () => {
  const whole = `[${' '.repeat(INFLATED_LIMIT - 2)}]`
  expect((await uploadGzipped(emulator, whole)).status).toBe(204)
  expect(lastVerdict().inflatedBytes).toBe(INFLATED_LIMIT)
  const response = await uploadGzipped(emulator, `${whole} `)
  expect(response.status).toBe(413)
  expect((await errorOf(response)).code).toBe('PayloadSizeLimitExceeded')
})

test('a bomb of nested gzip members is stopped at the limit', async () => {
  const member = gzipSync(Buffer.alloc(32 * 1024 * 1024))
  const bomb = Buffer.concat(Array.from({ length: 30 }, () => member))
  expect(bomb.length).toBeLessThan(WIRE_LIMIT)
  const before = process.memoryUsage().rss
  const response = await upload(emulator, bomb, { headers: { 'content-encoding': 'gzip' } })
  expect(response.status).toBe(413)
  expect(process.memoryUsage().rss - before).toBeLessThan(4 * INFLATED_LIMIT)
})

test('what is no gzip gets a 400', async () => {
  const whole = gzipSync('[{"Message":"a"}]')
  for (const bytes of [Buffer.from('[{}]'), whole.subarray(0, -4)]) {
    const response = await upload(emulator, bytes, { headers: { 'content-encoding': 'gzip' } })
    expect(response.status).toBe(400)
    expect((await errorOf(response)).code).toBe('InvalidContentEncoding')
  }
  expect(emulator.rows()).toEqual([])
})

test('an empty body gets the 500 that has no body and no code', async () => {
  for (const response of [await upload(emulator, Buffer.alloc(0)), await uploadGzipped(emulator, '')]) {
    expect(response.status).toBe(500)
    expect(await response.text()).toBe('')
    expect(response.headers.has('x-ms-error-code')).toBe(false)
  }
})

test('an empty array is accepted, loses nothing and stores nothing, in both modes', async () => {
  for (const each of [emulator, strict]) {
    expect((await upload(each, [])).status).toBe(204)
    expect(lastVerdict(each)).toMatchObject({ rowsReceived: 0, rowsStored: 0 })
    expect(lastVerdict(each)).not.toHaveProperty('nothingStored')
    each.assertNothingDropped()
  }
})

test.each(['{"Message":"a"}', '"text"', 'null', '[{"Message":"a"}', '{"Time"=currentTime}', '\u{FEFF}[{}]'])(
  'the body %s is accepted and thrown away, which the verdict tells and strict mode refuses',
  async (body) => {
    expect((await upload(emulator, body)).status).toBe(204)
    expect(emulator.rows()).toEqual([])
    expect(lastVerdict().nothingStored).toMatchObject({ silent: true })
    expect(() => emulator.assertNothingDropped()).toThrow('stores nothing')

    const refused = await upload(strict, body)
    expect(refused.status).toBe(400)
    expect(await errorOf(refused)).toMatchObject({
      code: 'StrictMode',
      message: lastVerdict().nothingStored?.why,
    })
    expect(() => strict.assertNothingDropped()).toThrow('stores nothing')
  },
)

test.each([
  ['a column that is not in the stream', { Message: 'a', cartItems: [1] }, '"cartItems"'],
  ['a column in the wrong case', { message: 'a' }, '"message"'],
  ['a value of the wrong type', { ProcessId: 'many' }, 'ProcessId'],
  ['a value over 64 KB', { Message: 'x'.repeat(65_537) }, 'cut to 64 KB'],
  ['a time more than 2 days old', { TimeGenerated: '2020-01-01T00:00:00Z' }, '2 days old'],
  ['a time more than 1 day ahead', { TimeGenerated: '2120-01-01T00:00:00Z' }, '1 day ahead'],
  ['a time that is none', { TimeGenerated: 'now' }, 'no datetime'],
  ['a row that is no object', 'text', 'no objects'],
])('%s is stored without it by Azure, and refused with its name in strict mode', async (_name, row, part) => {
  expect((await upload(emulator, [row])).status).toBe(204)
  expect(emulator.rows()).toHaveLength(typeof row === 'string' ? 0 : 1)
  expect(() => emulator.assertNothingDropped()).toThrow(part)

  const refused = await upload(strict, [{ Message: 'fine' }, row])
  expect(refused.status).toBe(400)
  expect((await errorOf(refused)).message).toContain(part)
  expect(strict.rows()).toEqual([])
  expect(lastVerdict(strict)).toMatchObject({ rowsReceived: 2, rowsStored: 0 })
})

test('a coerced value and a missing time are no loss', async () => {
  expect((await upload(strict, [{ Message: 5, ProcessId: '7' }])).status).toBe(204)
  expect(strict.rows()).toMatchObject([{ Message: '5', ProcessId: 7 }])
  expect(lastVerdict(strict)).toMatchObject({
    coercedValues: { Message: 1, ProcessId: 1 },
    restampedRows: { missing: 1 },
  })
  strict.assertNothingDropped()
})

test('an Auxiliary table takes no call that spans more than 30 minutes', async () => {
  await using auxiliary = await startEmulator({
    https: false,
    schema: {
      table: 'Aux_CL',
      stream: 'Custom-Aux_CL',
      plan: 'Auxiliary',
      columns: [{ name: 'TimeGenerated', type: 'datetime' }],
    },
  })
  const rows = (minutes: number): unknown => [
    { TimeGenerated: new Date().toISOString() },
    { TimeGenerated: new Date(Date.now() - minutes * 60_000).toISOString() },
  ]
  expect((await upload(auxiliary, rows(29))).status).toBe(204)
  const response = await upload(auxiliary, rows(31))
  expect(response.status).toBe(400)
  expect(await errorOf(response)).toEqual({
    code: 'RecordsTimeRangeIsMoreThan30Minutes',
    message:
      'The time duration between DataEndTime and DataStartTime should be within the range of 0 to 30 minutes.',
  })
  expect(auxiliary.rows()).toHaveLength(2)
})

test('rows of several streams go to their own tables', async () => {
  const table = (name: string) => ({
    table: `${name}_CL`,
    stream: `Custom-${name}`,
    columns: [
      { name: 'TimeGenerated', type: 'datetime' },
      { name: 'Value', type: 'real' },
    ],
  })
  await using both = await startEmulator({ https: false, schema: [table('A'), table('B')] })
  expect(both.streamName).toBe('Custom-A')
  await upload(both, [{ Value: 1 }])
  await upload(both, [{ Value: 2 }], { path: uploadPath(both, { streamName: 'Custom-B' }) })
  expect(both.rows()).toMatchObject([{ Value: 1 }])
  expect(both.rows('B_CL')).toMatchObject([{ Value: 2 }])
  expect(() => both.rows('C_CL')).toThrow(RangeError)
})
