import { randomBytes } from 'node:crypto'

import { defaultSchema, startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'

import { answered, batchOf, startDelivery } from './delivery-bench.ts'
import { startReceiver } from './receiver.ts'
import { startShipping } from './shipping.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

test('F18 413 for more than 200 KB: a batch of 900 KB arrives whole in at most 15 requests, later batches are smaller', async () => {
  const receiver = await startReceiver((response, { json }) => {
    response.writeHead(json.length > 200_000 ? 413 : 204).end()
  })
  const { shipper, problems } = startShipping(emulator, { endpoint: receiver.url, flushIntervalMs: 60_000 })
  const message = 'x'.repeat(850)
  for (let n = 0; n < 1000; n += 1) shipper.push({ Message: `${n} ${message}` })
  await shipper.flush()
  expect(receiver.received[0]?.json.length).toBeGreaterThan(850_000)
  expect(receiver.received.length).toBeLessThanOrEqual(15)
  expect(shipper.stats()).toMatchObject({ delivered: 1000, routes: [{ circuit: 'closed' }] })

  const first = receiver.received.length
  const learnt =
    0.8 * Math.min(...receiver.received.map(({ json }) => json.length).filter((bytes) => bytes > 200_000))
  for (let n = 1000; n < 3000; n += 1) shipper.push({ Message: `${n} ${message}` })
  await shipper.flush()
  for (const { json } of receiver.received.slice(first)) expect(json.length).toBeLessThanOrEqual(learnt)
  const accepted = receiver.received.filter(({ json }) => json.length <= 200_000).flatMap(({ rows }) => rows)
  expect(accepted).toHaveLength(3000)
  expect(new Set(accepted.map(({ Message }) => Message)).size).toBe(3000)
  expect(problems).toEqual([])
})

test('F18 a large body whose connection is reset again and again is halved too', async () => {
  const reset = (rawBytes: number): boolean => rawBytes > 700_000
  const { clock, delivery, sent, settled, tooLarge } = startDelivery(({ rawBytes }) =>
    reset(rawBytes)
      ? {
          kind: 'retry',
          afterMs: undefined,
          error: Object.assign(new Error('socket hang up'), {
            code: 'AZLOGS_NETWORK',
            serviceCode: 'ECONNRESET',
          }) as never,
        }
      : answered(204),
  )
  const rows = Array.from({ length: 100 }, (_, n) => ({ n, noise: randomBytes(7000).toString('base64') }))
  delivery.enqueue(batchOf(rows))
  while (settled.length < 2) await clock.advance(100)
  expect(settled.map(({ settlement }) => settlement.kind)).toEqual(['delivered', 'delivered'])
  expect(sent.length).toBeLessThanOrEqual(4)
  expect(tooLarge).toHaveLength(1)
})

test('F19 one record over the limit is shortened with a mark, and its neighbours arrive once', async () => {
  const { shipper, problems } = startShipping(emulator)
  const noise = randomBytes(2_000_000).toString('base64')
  shipper.push({ Message: 'before' })
  shipper.push({ Message: noise, Level: 'info', Properties: { orderId: 7 } })
  shipper.push({ Message: 'after' })
  await shipper.flush()
  const rows = emulator.rows()
  expect(rows.map(({ Message }) => String(Message).slice(0, 6)).toSorted()).toEqual(
    ['after', 'before', noise.slice(0, 6)].toSorted(),
  )
  const cut = rows.find(({ Level }) => Level === 'info')
  expect(cut?.['Message']).toContain('… [azlogs: cut, 2666668 bytes in all]')
  expect(cut?.['Properties']).toEqual({ orderId: 7, __shortened: ['Message'] })
  expect(shipper.stats()).toMatchObject({ delivered: 3, shortened: 1, quarantined: 0 })
  expect(problems).toEqual([])
  emulator.assertNothingDropped()
})

test('F19 one record that cannot be shortened enough is quarantined as it was pushed, without a loop', async () => {
  const { shipper, problems } = startShipping(emulator)
  const values = Array.from({ length: 60 }, () => randomBytes(40_000).toString('base64'))
  const record = { Message: 'x'.repeat(70_000), Properties: { values } }
  shipper.push({ Message: 'before' })
  shipper.push(record)
  shipper.push({ Message: 'after' })
  await shipper.flush()
  expect(emulator.rows().map(({ Message }) => Message)).toEqual(['before', 'after'])
  expect(emulator.requests()).toHaveLength(2)
  expect(problems).toMatchObject([{ kind: 'quarantined', code: 'AZLOGS_RECORD_TOO_LARGE', recordCount: 1 }])
  expect(JSON.parse(problems[0]?.records?.[0] ?? '')).toEqual(record)
  expect(shipper.stats()).toMatchObject({
    delivered: 2,
    quarantined: 1,
    quarantinedBy: { AZLOGS_RECORD_TOO_LARGE: 1 },
    shortened: 0,
  })
})

test('F20 one poison record of 1,000 costs at most 21 requests, is quarantined alone, and delays no other stream', async () => {
  // In this mode the emulator answers 400 where Azure would drop something in silence, such as an unknown column.
  const strict = await startEmulator({ https: false, mode: 'strict' })
  onTestFinished(() => strict.close())
  const { shipper, problems } = startShipping(strict)
  const other = startShipping(emulator)
  for (let n = 0; n < 1000; n += 1) {
    shipper.push({ Message: `line ${n}`, ...(n === 617 ? { Poison: 'x'.repeat(10_000) } : {}) })
  }
  other.shipper.push({ Message: 'other stream' })
  await Promise.all([shipper.flush(), other.shipper.flush()])
  expect(strict.requests().length).toBeLessThanOrEqual(21)
  const stored = strict.rows().map(({ Message }) => Message)
  expect(stored).toHaveLength(999)
  expect(new Set(stored).size).toBe(999)
  expect(shipper.stats()).toMatchObject({
    delivered: 999,
    quarantined: 1,
    quarantinedBy: { AZLOGS_REJECTED: 1 },
  })
  expect(problems).toMatchObject([{ kind: 'quarantined', code: 'AZLOGS_REJECTED', recordCount: 1 }])
  const [problem] = problems
  expect(problem?.records).toHaveLength(1)
  expect(JSON.parse(problem?.records?.[0] ?? '')).toMatchObject({ Message: 'line 617' })
  expect(problem?.error?.statusCode).toBe(400)
  expect(Buffer.byteLength(problem?.error?.responseBody ?? '')).toBeLessThanOrEqual(2048)
  expect(problem?.error?.responseBody).toContain('Poison')
  expect(Math.abs(Date.parse(problem?.time ?? '') - Date.now())).toBeLessThan(60_000)
  expect(other.shipper.stats()).toMatchObject({ delivered: 1, requests: 1 })
})

test('F20 what is quarantined carries no more than 2 KiB of a long answer', async () => {
  const { shipper, problems } = startShipping(emulator)
  emulator.answerNext({ status: 400, body: 'é'.repeat(50_000) })
  shipper.push({ Message: 'a' })
  await shipper.flush()
  expect(Buffer.byteLength(problems[0]?.error?.responseBody ?? '')).toBeLessThanOrEqual(2048 + 3)
})

test('F20 a table that takes none of a thousand rows costs at most 64 divisions a minute', async () => {
  const { clock, delivery, sent, settled } = startDelivery(() => answered(400))
  for (let batch = 0; batch < 5; batch += 1) {
    delivery.enqueue(batchOf(Array.from({ length: 1000 }, (_, n) => ({ n }))))
  }
  const rows = (): number => settled.reduce((sum, { batch }) => sum + batch.offsets.length, 0)
  while (rows() < 5000) await clock.advance(0)
  expect(sent.length).toBeLessThanOrEqual(5 + 2 * 64)
  expect(clock.now()).toBe(0)
  expect(settled.every(({ settlement }) => settlement.kind === 'quarantined')).toBe(true)
})

test('F20 an unknown stream causes no storm: nothing is divided, and the rows are kept', async () => {
  const { clock, delivery, sent, settled } = startDelivery(() =>
    answered(400, {}, JSON.stringify({ error: { code: 'InvalidStream', message: 'no such stream' } })),
  )
  delivery.enqueue(batchOf(Array.from({ length: 1000 }, (_, n) => ({ n }))))
  await clock.advance(29 * 60_000)
  expect(sent.length).toBeLessThanOrEqual(20)
  expect(settled).toEqual([])
})

test('F20 a refusal of how we ask, such as 415, divides nothing', async () => {
  const { clock, delivery, sent, settled } = startDelivery(() => answered(415))
  delivery.enqueue(batchOf(Array.from({ length: 1000 }, (_, n) => ({ n }))))
  while (settled.length === 0) await clock.advance(0)
  expect(sent).toHaveLength(1)
  expect(settled).toMatchObject([{ settlement: { kind: 'quarantined' } }])
})

test('F30 hostile rows are delivered valid, and push() never throws', async () => {
  const { shipper, problems } = startShipping(emulator)
  const circular: Record<string, unknown> = { Message: 'circular' }
  circular['Properties'] = { self: circular }
  const hostile: unknown[] = [
    circular,
    { Message: 'BigInt', Properties: { n: 12n } },
    {
      Message: 'getter',
      get Properties(): never {
        throw new Error('boom')
      },
    },
    {
      Message: 'toJSON',
      Properties: {
        toJSON() {
          throw new Error('boom')
        },
      },
    },
    { Message: 'x'.repeat(5_000_000) },
    { Message: 'lone surrogates \uD800 \uDC00' },
    JSON.parse('{"__proto__":{"polluted":true},"Message":"__proto__","Level":"__proto__"}'),
    { Message: 'Invalid Date', TimeGenerated: new Date(Number.NaN) },
    {
      Message: 'level',
      Level: {
        toString() {
          throw new Error('boom')
        },
      },
    },
    { Message: 'severity', SeverityNumber: 'high', Level: 'constructor' },
    new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('boom')
        },
      },
    ),
    Object.create(null, { Message: { value: 'no prototype', enumerable: true } }),
  ]
  for (const row of hostile) expect(() => shipper.push(row as object)).not.toThrow()
  await shipper.flush()
  expect(shipper.stats()).toMatchObject({
    accepted: hostile.length,
    delivered: hostile.length,
    quarantined: 0,
  })
  expect(emulator.rows()).toHaveLength(hostile.length)
  expect(Reflect.get({}, 'polluted')).toBeUndefined()
  expect(problems).toEqual([])
})

test('F30 hostile levels are counted exactly when their rows are dropped', () => {
  const { shipper } = startShipping(emulator, { maxBufferBytes: 10_000, flushIntervalMs: 60_000 })
  const levels = ['__proto__', 'constructor', 'toString', '', 5, null, 'info']
  for (let n = 0; n < 700; n += 1)
    shipper.push({ Level: levels[n % levels.length], Message: 'x'.repeat(100) })
  const { accepted, dropped, pending, droppedLevels } = shipper.stats()
  expect([accepted, dropped + pending]).toEqual([700, 700])
  const byLevel = Object.values(droppedLevels['buffer-full']).reduce((sum, count) => sum + count, 0)
  expect(byLevel).toBe(dropped)
})

test.each(['uncompressed', 'compressed'] as const)(
  'F30 60 MiB of repetitive lines: with %s packing no request is over 1,048,576 bytes or 50 MiB of JSON',
  async (packing) => {
    const receiver = await startReceiver()
    const { shipper } = startShipping(emulator, { endpoint: receiver.url, packing })
    const Message = 'the same line again and again, '.repeat(33)
    const count = Math.ceil((60 * 1024 * 1024) / Message.length)
    for (let n = 0; n < count; n += 1) {
      if (!shipper.push({ Message })) await shipper.flush()
    }
    await shipper.flush()
    expect(shipper.stats()).toMatchObject({ delivered: count, dropped: 0, quarantined: 0, splits: 0 })
    expect(Math.max(...receiver.received.map(({ wireBytes }) => wireBytes))).toBeLessThanOrEqual(1_048_576)
    expect(Math.max(...receiver.received.map(({ json }) => json.length))).toBeLessThanOrEqual(
      packing === 'compressed' ? 8 * 1024 * 1024 : 1_000_000,
    )
    expect(receiver.received.reduce((sum, { rows }) => sum + rows.length, 0)).toBe(count)
  },
)

test('F30 rows 31 minutes apart reach an Auxiliary table in two requests', async () => {
  const auxiliary = await startEmulator({ https: false, schema: { ...defaultSchema, plan: 'Auxiliary' } })
  onTestFinished(() => auxiliary.close())
  const { shipper, problems } = startShipping(auxiliary, { plan: 'auxiliary' })
  const now = Date.now()
  for (const minutes of [0, 15, 31]) {
    shipper.push({
      Message: `${minutes}`,
      TimeGenerated: new Date(now - (31 - minutes) * 60_000).toISOString(),
    })
  }
  await shipper.flush()
  expect(auxiliary.requests().map(({ status }) => status)).toEqual([204, 204])
  expect(auxiliary.rows().map(({ Message }) => Message)).toEqual(['0', '15', '31'])
  expect(problems).toEqual([])
})

test('F30 without the plan set, rows too far apart are divided, and the batches after them are not smaller', async () => {
  const auxiliary = await startEmulator({ https: false, schema: { ...defaultSchema, plan: 'Auxiliary' } })
  onTestFinished(() => auxiliary.close())
  const { shipper } = startShipping(auxiliary)
  const now = Date.now()
  for (const minutes of [0, 31]) {
    shipper.push({ Message: 'old', TimeGenerated: new Date(now - minutes * 60_000).toISOString() })
  }
  await shipper.flush()
  expect(shipper.stats()).toMatchObject({ delivered: 2, requests: 3, splits: 1 })
  for (let n = 0; n < 100; n += 1) shipper.push({ Message: `${n}`, TimeGenerated: new Date().toISOString() })
  await shipper.flush()
  expect(shipper.stats()).toMatchObject({ delivered: 102, requests: 4 })
})
