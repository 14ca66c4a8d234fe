import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { Emulator } from '../src/index.ts'
import { upload, uploadPath } from './upload.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
beforeEach(() => emulator.clear())
afterAll(() => emulator.close())

test('a scripted answer is sent as written, in the order of arrival, and stores nothing', async () => {
  emulator.answerNext(
    { status: 429, headers: { 'Retry-After': '3' } },
    { status: 403, body: { error: { code: 'OperationFailed', message: 'no' } }, times: 2 },
    { status: 202 },
  )
  const throttled = await upload(emulator, [{}])
  expect(throttled.status).toBe(429)
  expect(throttled.headers.get('retry-after')).toBe('3')
  expect(throttled.headers.has('x-ms-request-id')).toBe(true)
  const refused = await upload(emulator, [{}])
  expect(refused.headers.get('content-type')).toBe('application/json')
  expect(await refused.json()).toEqual({ error: { code: 'OperationFailed', message: 'no' } })
  expect((await upload(emulator, [{}])).status).toBe(403)
  expect((await upload(emulator, [{}])).status).toBe(202)
  expect(emulator.rows()).toEqual([])
  expect((await upload(emulator, [{}])).status).toBe(204)
  expect(emulator.rows()).toHaveLength(1)
  expect(emulator.requests().map((request) => request.status)).toEqual([429, 403, 403, 202, 204])
  expect(emulator.verdicts().map((verdict) => verdict.status)).toEqual([429, 403, 403, 202, 204])
  emulator.assertNothingDropped()
})

test('a reset before storing leaves no row, a reset after it leaves the rows', async () => {
  emulator.answerNext({ reset: 'before' }, { reset: 'after' })
  await expect(upload(emulator, [{ Message: 'before' }])).rejects.toMatchObject({
    cause: { code: 'ECONNRESET' },
  })
  await expect(upload(emulator, [{ Message: 'after' }])).rejects.toMatchObject({
    cause: { code: 'ECONNRESET' },
  })
  expect(emulator.rows()).toMatchObject([{ Message: 'after' }])
  expect(emulator.verdicts()).toMatchObject([
    { status: 0, rowsStored: 0 },
    { status: 0, rowsStored: 1 },
  ])
  expect(emulator.requests().map((request) => request.outcome)).toEqual(['reset', 'reset'])
})

test('a delay alone holds the request back and then lets it through', async () => {
  emulator.answerNext({ delayMs: 60 })
  const started = performance.now()
  const response = upload(emulator, [{ Message: 'late' }])
  await emulator.waitForRequests(1)
  expect(emulator.requests()).toMatchObject([{ outcome: 'pending' }])
  expect((await response).status).toBe(204)
  expect(performance.now() - started).toBeGreaterThanOrEqual(59)
  expect(emulator.rows()).toHaveLength(1)
})

test('a request remembers its path and headers', async () => {
  await upload(emulator, [], {
    headers: { 'user-agent': 'me/1' },
    path: uploadPath(emulator, { ruleId: 'dcr-x' }),
  })
  expect(emulator.requests()).toMatchObject([
    {
      method: 'POST',
      path: '/dataCollectionRules/dcr-x/streams/Custom-AppLogs_CL?api-version=2023-01-01',
      headers: { 'user-agent': 'me/1' },
      outcome: 'answered',
      status: 404,
    },
  ])
})

test('concurrent uploads are all stored, each request whole and in its own order', async () => {
  const batches = Array.from({ length: 20 }, (_, batch) =>
    Array.from({ length: 50 }, (_, index) => ({ Logger: `batch ${batch}`, ProcessId: index })),
  )
  await Promise.all(batches.map((batch) => upload(emulator, batch)))
  const rows = await emulator.waitForRows(1000)
  for (let batch = 0; batch < 20; batch += 1) {
    const ids = rows.filter((row) => row['Logger'] === `batch ${batch}`).map((row) => row['ProcessId'])
    expect(ids).toEqual(Array.from({ length: 50 }, (_, index) => index))
  }
})
