import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import type { ShipperOptions, ShipperStats } from '../src/index.ts'
import { startShipping } from './shipping.ts'
import type { Shipping } from './shipping.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

function start(options: ShipperOptions = {}): Shipping {
  return startShipping(emulator, options)
}

function row(message: string, severity = 9): object {
  return { TimeGenerated: new Date().toISOString(), Message: message, SeverityNumber: severity }
}

function expectBalance(stats: ShipperStats): void {
  expect(stats.delivered + stats.quarantined + stats.dropped + stats.pending).toBe(stats.accepted)
}

test('flush() resolves when everything pushed before it is stored', async () => {
  const { shipper } = start()
  for (let index = 0; index < 500; index += 1) shipper.push(row(`line ${index}`))
  expect(await shipper.flush()).toEqual({ complete: true, pending: 0 })
  expect(emulator.rows().map((stored) => stored['Message'])).toEqual(
    Array.from({ length: 500 }, (_, i) => `line ${i}`),
  )
  expect(shipper.stats()).toMatchObject({
    accepted: 500,
    delivered: 500,
    pending: 0,
    pendingBytes: 0,
    requests: 1,
  })
})

test('a quiet row is sent after flushIntervalMs without any call', async () => {
  const { shipper } = start({ flushIntervalMs: 20 })
  shipper.push(row('alone'))
  const rows = await emulator.waitForRows(1)
  expect(rows[0]?.['Message']).toBe('alone')
})

test('a full batch leaves at once, and no request is over maxBatchBytes', async () => {
  const { shipper } = start({ maxBatchBytes: 10_000, flushIntervalMs: 86_400_000 })
  for (let index = 0; index < 1000; index += 1) shipper.push(row(`größe ${index}`))
  await emulator.waitForRows(900)
  await shipper.flush()
  const sizes = emulator.verdicts().map((verdict) => verdict.inflatedBytes)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(10_000)
  // Sealed before the row that would cross, and not a row earlier.
  expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThan(10_000 - 120)
  expect(emulator.rows()).toHaveLength(1000)
})

test('never more than maxConcurrency requests are under way', async () => {
  const { shipper } = start({ maxBatchBytes: 1000, maxConcurrency: 3 })
  emulator.answerNext({ delayMs: 20, times: 20 })
  for (let index = 0; index < 200; index += 1) shipper.push(row(`line ${index}`))
  let most = 0
  const watch = setInterval(() => {
    most = Math.max(most, shipper.stats().inFlight)
  }, 2)
  await shipper.flush()
  clearInterval(watch)
  expect(most).toBe(3)
  expect(emulator.rows()).toHaveLength(200)
})

test('what the service refuses for a while is repeated until it is stored, once', async () => {
  const { shipper, problems } = start({ maxBatchBytes: 1000 })
  emulator.answerNext({ status: 429, headers: { 'retry-after-ms': '1' } }, { reset: 'before' })
  for (let index = 0; index < 50; index += 1) shipper.push(row(`line ${index}`))
  expect((await shipper.flush()).complete).toBe(true)
  expect(emulator.rows()).toHaveLength(50)
  expect(shipper.stats()).toMatchObject({ delivered: 50, dropped: 0, retries: 2 })
  expect(problems).toEqual([])
})

test('Retry-After holds back every batch of the DCR', async () => {
  const { shipper } = start({ maxBatchBytes: 1000, maxConcurrency: 1 })
  emulator.answerNext({ status: 429, headers: { 'retry-after-ms': '150' } })
  for (let index = 0; index < 20; index += 1) shipper.push(row(`line ${index}`))
  await emulator.waitForRequests(1)
  const refusedAt = performance.now()
  await emulator.waitForRequests(2)
  expect(performance.now() - refusedAt).toBeGreaterThan(100)
  await shipper.flush()
  expect(emulator.rows()).toHaveLength(20)
})

test('a batch that keeps failing is dropped after retryForMs, counted and reported', async () => {
  const { shipper, problems } = start({ retryForMs: 0 })
  emulator.answerNext({ status: 503, body: { error: { code: 'Busy', message: 'come back later' } } })
  shipper.push({ ...row('one'), Level: 'info' })
  shipper.push({ ...row('two'), Level: 'debug' })
  await shipper.flush()
  expect(shipper.stats()).toMatchObject({
    dropped: 2,
    droppedBy: { 'retries-exhausted': 2 },
    droppedLevels: { 'retries-exhausted': { info: 1, debug: 1 } },
    pending: 0,
  })
  expect(problems).toMatchObject([{ kind: 'lost', code: 'AZLOGS_RETRIES_EXHAUSTED', recordCount: 2 }])
  expect(problems[0]?.message).toContain('come back later')
})

test('a row that the service refuses for good is handed to onProblem, alone', async () => {
  const { shipper, problems } = start()
  const refusal = { status: 400, body: { error: { code: 'BadRow', message: 'not this one' } } }
  emulator.answerNext(refusal, refusal)
  shipper.push({ Message: 'a' })
  shipper.push({ Message: 'b' })
  await shipper.flush()
  expect(shipper.stats()).toMatchObject({ quarantined: 1, delivered: 1, dropped: 0, splits: 1 })
  expect(problems).toMatchObject([{ kind: 'quarantined', code: 'AZLOGS_REJECTED', recordCount: 1 }])
  expect(problems[0]?.records).toEqual(['{"Message":"a"}'])
  expect(problems[0]?.error).toMatchObject({ serviceCode: 'BadRow', statusCode: 400 })
  expect(problems[0]?.error?.responseBody).toContain('not this one')
})

test('push() never throws, whatever the row is, and marks what JSON refuses', async () => {
  const { shipper } = start()
  const circular: Record<string, unknown> = { Message: 'circular' }
  circular['Properties'] = { self: circular }
  const throwing = {
    get Message(): string {
      throw new Error('boom')
    },
    get SeverityNumber(): number {
      throw new Error('boom')
    },
  }
  const hostile: unknown[] = [
    circular,
    { Message: 'big', Properties: { n: 12n } },
    throwing,
    null,
    5,
    'text',
    undefined,
    () => 0,
  ]
  for (const value of hostile) expect(() => shipper.push(value as object)).not.toThrow()
  await shipper.flush()
  const messages = emulator.rows().map((stored) => stored['Message'])
  expect(messages).toHaveLength(hostile.length)
  expect(messages.slice(0, 3)).toEqual(['circular', 'big', '[Throws: boom]'])
  expect(emulator.rows()[1]?.['Properties']).toEqual({ n: '12' })
  expect(shipper.stats()).toMatchObject({ delivered: hostile.length, repaired: hostile.length })
})

test('with a schema, nothing is left for the service to drop', async () => {
  const columns = [
    { name: 'TimeGenerated', type: 'datetime' as const },
    { name: 'ProcessId', type: 'int' as const },
    { name: 'Properties', type: 'dynamic' as const },
  ]
  const { shipper } = start({ schema: { columns } })
  shipper.push({ TimeGenerated: new Date(), ProcessId: '12', Colour: 'blue' })
  await shipper.flush()
  expect(emulator.rows()[0]).toMatchObject({ ProcessId: 12, Properties: { Colour: 'blue' } })
  emulator.assertNothingDropped()
})

test('with a schema that has no place for a value, its name is told', async () => {
  const { shipper, problems } = start({ schema: { columns: [{ name: 'Message', type: 'string' }] } })
  shipper.push({ Message: 'a', Colour: 'blue' })
  await shipper.flush()
  expect(problems).toMatchObject([{ kind: 'lost', code: 'AZLOGS_COLUMN_LOST' }])
  expect(problems[0]?.message).toContain('Colour')
})

test('one record over 1 MB goes alone, and its neighbours with the others', async () => {
  const { shipper } = start()
  shipper.push(row('before'))
  shipper.push(row('x'.repeat(3_000_000)))
  shipper.push(row('after'))
  await shipper.flush()
  expect(emulator.requests()).toHaveLength(3)
  expect(emulator.rows()).toHaveLength(3)
})

test('at the memory bound the newest records go, but warnings and errors still find room', () => {
  const { shipper } = start({ maxBufferBytes: 100_000, endpoint: 'http://127.0.0.1:9' })
  const push = (severity: number): number => {
    let taken = 0
    for (let index = 0; index < 2000; index += 1) {
      const before = shipper.stats().dropped
      shipper.push({ Message: 'x'.repeat(50), SeverityNumber: severity })
      if (shipper.stats().dropped === before) taken += 1
    }
    return taken
  }
  push(9)
  expect(shipper.stats().pendingBytes).toBeLessThanOrEqual(80_000)
  expect(push(9)).toBe(0)
  expect(push(13)).toBeGreaterThan(50)
  expect(shipper.stats().pendingBytes).toBeLessThanOrEqual(90_000)
  expect(push(17)).toBeGreaterThan(50)
  expect(shipper.stats().pendingBytes).toBeLessThanOrEqual(100_000)
  expect(shipper.push(row('late', 21))).toBe(false)
  expectBalance(shipper.stats())
})

test('with drop-oldest the newest records stay', async () => {
  const { shipper } = start({ maxBufferBytes: 40_000, overflow: 'drop-oldest' })
  for (let index = 0; index < 1000; index += 1) shipper.push({ Message: `line ${index} ${'x'.repeat(100)}` })
  const { dropped } = shipper.stats()
  expect(dropped).toBeGreaterThan(600)
  await shipper.flush()
  const messages = emulator.rows().map((stored) => String(stored['Message']))
  expect(messages).toHaveLength(1000 - dropped)
  expect(messages.some((message) => message.startsWith('line 999 '))).toBe(true)
  expect(messages.some((message) => message.startsWith('line 0 '))).toBe(false)
  expect(shipper.stats().droppedBy['buffer-full']).toBe(dropped)
})

test('overload is reported at once and then in sums, not per record', async () => {
  const { shipper, problems } = start({ maxBufferBytes: 10_000 })
  for (let index = 0; index < 1000; index += 1) shipper.push(row(`line ${index}`))
  expect(problems).toHaveLength(1)
  const { dropped } = await shipper.close()
  expect(problems).toHaveLength(2)
  expect(problems.reduce((sum, problem) => sum + problem.recordCount, 0)).toBe(dropped)
})

test('close() sends what is left, and every call gets the same answer', async () => {
  const { shipper, problems } = start()
  for (let index = 0; index < 10; index += 1) shipper.push(row(`line ${index}`))
  const first = shipper.close()
  expect(shipper.close()).toBe(first)
  expect(await first).toMatchObject({ delivered: 10, pending: 0, dropped: 0 })
  expect(emulator.rows()).toHaveLength(10)
  expect(shipper.push(row('late'))).toBe(false)
  expect(shipper.stats()).toMatchObject({ accepted: 11, droppedBy: { closed: 1 } })
  expect(problems).toMatchObject([{ kind: 'lost', code: 'AZLOGS_CLOSED' }])
})

test('close() keeps its deadline when the endpoint hangs, and says what was lost', async () => {
  const { shipper, problems } = start()
  emulator.answerNext({ delayMs: 60_000, times: 10 })
  for (let index = 0; index < 10; index += 1) shipper.push(row(`line ${index}`))
  const before = performance.now()
  const stats = await shipper.close({ timeoutMs: 200 })
  expect(performance.now() - before).toBeLessThan(1000)
  expect(stats).toMatchObject({ dropped: 10, droppedBy: { deadline: 10 }, pending: 0, inFlight: 0 })
  expect(problems).toMatchObject([{ kind: 'lost', code: 'AZLOGS_CLOSE_DEADLINE', recordCount: 10 }])
})

test('close() does not wait out a backoff', async () => {
  const { shipper } = start()
  emulator.answerNext({ status: 500, times: 3 })
  shipper.push(row('one'))
  expect(await shipper.close({ timeoutMs: 4000 })).toMatchObject({ delivered: 1, dropped: 0 })
})

test('flush({ timeoutMs }) gives up waiting and loses nothing', async () => {
  const { shipper } = start()
  emulator.answerNext({ delayMs: 300 })
  shipper.push(row('slow'))
  expect(await shipper.flush({ timeoutMs: 20 })).toEqual({ complete: false, pending: 1 })
  expect(await shipper.flush()).toEqual({ complete: true, pending: 0 })
})

test('concurrent flushes wait for the same records; one after a push waits for that too', async () => {
  const { shipper } = start()
  shipper.push(row('one'))
  const both = Promise.all([shipper.flush(), shipper.flush()])
  shipper.push(row('two'))
  await shipper.flush()
  await both
  expect(emulator.rows()).toHaveLength(2)
})

test('a 401 costs one fresh token and one more request', async () => {
  let issued = 0
  const { shipper } = start({
    credential: {
      getToken: (scopes) => {
        issued += 1
        return emulator.credential.getToken(scopes)
      },
    },
  })
  emulator.answerNext({ status: 401 })
  shipper.push(row('one'))
  await shipper.flush()
  expect(issued).toBe(2)
  expect(shipper.stats()).toMatchObject({ delivered: 1, requests: 2, retries: 0 })
})

test('without a token nothing is sent and nothing is lost', async () => {
  let working = false
  const { shipper, problems } = start({
    credential: {
      getToken: (scopes) =>
        working ? emulator.credential.getToken(scopes) : Promise.reject(new Error('no identity here')),
    },
  })
  shipper.push(row('one'))
  void shipper.flush()
  while (problems.length === 0) await sleep(5)
  expect(shipper.stats()).toMatchObject({ pending: 1, dropped: 0 })
  expect(emulator.requests()).toHaveLength(0)
  expect(problems).toMatchObject([{ kind: 'delayed', code: 'AZLOGS_TOKEN' }])
  expect(problems[0]?.message).toContain('no identity here')
  working = true
  await shipper.flush()
  expect(emulator.rows()).toHaveLength(1)
})

test('onProblem that throws harms nobody', async () => {
  const { shipper } = start({
    retryForMs: 0,
    onProblem: () => {
      throw new Error('bad handler')
    },
  })
  emulator.answerNext({ status: 503 })
  shipper.push(row('one'))
  await shipper.flush()
  expect(shipper.stats().dropped).toBe(1)
})

test('accepted = delivered + quarantined + dropped + pending, at every instant', async () => {
  const action = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('push' as const),
        size: fc.nat({ max: 3000 }),
        severity: fc.constantFrom(5, 9, 13, 17),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('answer' as const),
        status: fc.constantFrom(204, 400, 401, 413, 429, 500, 503),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reset' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 60 }),
      fc.constantFrom('drop-newest' as const, 'drop-oldest' as const),
      async (actions, overflow) => {
        emulator.clear()
        const run = randomUUID()
        const { shipper } = start({ maxBufferBytes: 20_000, maxBatchBytes: 2000, overflow, retryForMs: 50 })
        let pushed = 0
        for (const step of actions) {
          if (step.kind === 'push') {
            pushed += 1
            shipper.push({ Logger: run, Message: 'é'.repeat(step.size), SeverityNumber: step.severity })
          } else if (step.kind === 'answer' && step.status !== 204) {
            emulator.answerNext({ status: step.status, headers: { 'retry-after-ms': '1' } })
          } else if (step.kind === 'reset') {
            emulator.answerNext({ reset: 'before' })
          } else if (step.kind === 'turn') {
            await new Promise(setImmediate)
          } else if (step.kind === 'flush') {
            await shipper.flush({ timeoutMs: 5 })
          }
          expectBalance(shipper.stats())
          expect(shipper.stats().accepted).toBe(pushed)
        }
        const stats = await shipper.close({ timeoutMs: 100 })
        expectBalance(stats)
        expect(stats.pending).toBe(0)
        // A request that the deadline cut short may have been stored all the same.
        const stored = emulator.rows().filter(({ Logger }) => Logger === run).length
        // One of those delivered may be the row that says how many are missing.
        expect(stored).toBeGreaterThanOrEqual(stats.delivered - 1)
        expect(stored).toBeLessThanOrEqual(stats.delivered + stats.droppedBy.deadline)
      },
    ),
    { numRuns: 40 },
  )
})
