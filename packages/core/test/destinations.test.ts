import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { expect, onTestFinished, test } from 'vitest'

import { answered, batchOf, passing, startDelivery } from './delivery-bench.ts'
import { startShipping } from './shipping.ts'
import type { Shipping } from './shipping.ts'

async function startEmulators(count: number): Promise<readonly Emulator[]> {
  const emulators = await Promise.all(Array.from({ length: count }, () => startEmulator({ https: false })))
  onTestFinished(async () => {
    await Promise.all(emulators.map((emulator) => emulator.close()))
  })
  return emulators
}

function startWith(emulators: readonly Emulator[], options = {}): Shipping {
  const [first] = emulators
  if (first === undefined) throw new Error('there must be an emulator')
  return startShipping(first, {
    destinations: emulators.map(({ url }) => ({ endpoint: url })),
    maxBatchBytes: 1000,
    ...options,
  })
}

const stored = (emulators: readonly Emulator[]): readonly unknown[] =>
  emulators.flatMap((emulator) => emulator.rows().map(({ Message }) => Message))

test('batches are shared evenly among destinations that have room, and each record arrives once', async () => {
  const emulators = await startEmulators(3)
  const { shipper } = startWith(emulators)
  for (let n = 0; n < 600; n += 1) {
    shipper.push({ Message: `line ${n}` })
    if (n % 10 === 9) await shipper.flush()
  }
  const all = stored(emulators)
  expect([all.length, new Set(all).size]).toEqual([600, 600])
  const bytes = shipper.stats().routes.map(({ wireBytes }) => wireBytes)
  expect(bytes).toHaveLength(3)
  expect(Math.min(...bytes)).toBeGreaterThan(Math.max(...bytes) * 0.9)
})

test('a burst goes to whoever has room, and each record arrives once', async () => {
  const emulators = await startEmulators(3)
  const { shipper } = startWith(emulators)
  for (let n = 0; n < 3000; n += 1) shipper.push({ Message: `line ${n}` })
  await shipper.flush()
  const all = stored(emulators)
  expect([all.length, new Set(all).size]).toEqual([3000, 3000])
  for (const emulator of emulators) expect(emulator.rows().length).toBeGreaterThan(0)
})

test.each([
  ['throttled', { status: 429, headers: { 'retry-after': '600' } }],
  ['refusing', { status: 403 }],
  ['broken', { reset: 'before' as const }],
])('one destination that is %s does not hold the other, and loses nothing', async (_how, answer) => {
  const emulators = await startEmulators(2)
  const { shipper } = startWith(emulators)
  emulators[0]?.answerNext({ ...answer, times: 10_000 })
  for (let n = 0; n < 300; n += 1) shipper.push({ Message: `line ${n}` })
  expect(await shipper.flush({ timeoutMs: 8000 })).toMatchObject({ complete: true })
  expect(emulators[1]?.rows()).toHaveLength(300)
  expect(new Set(stored(emulators)).size).toBe(300)
  expect(shipper.stats()).toMatchObject({ delivered: 300, dropped: 0, quarantined: 0 })
  expect(shipper.stats().routes[1]?.circuit).toBe('closed')
  // Nobody hammers the one that is out of order.
  expect(emulators[0]?.requests().length).toBeLessThan(15)
})

test('a Retry-After holds for its own destination only, and the least used one has its turn when it is open again', async () => {
  const { clock, delivery, sent, settled } = startDelivery(
    async ({ to, at }, virtual) => {
      await passing(virtual, 10)
      return to === 0 && at < 1000 ? answered(429, { 'retry-after': '5' }) : answered(204)
    },
    { destinations: 2 },
  )
  for (let n = 0; n < 100; n += 1) {
    delivery.enqueue(batchOf([{ n }]))
    await clock.advance(100)
  }
  expect(settled).toHaveLength(100)
  const held = sent.filter(({ at }) => at > 100 && at < 5000)
  expect(held.length).toBeGreaterThan(40)
  expect(held.every(({ to }) => to === 1)).toBe(true)
  expect(sent.filter(({ to, at }) => to === 0 && at > 7000).length).toBeGreaterThan(10)
})

test('each destination has its own stream and rule, and what it leaves out is the shipper’s', async () => {
  const [one] = await startEmulators(1)
  if (one === undefined) throw new Error('there must be an emulator')
  const other = await startEmulator({ https: false, ruleId: 'dcr-fedcba9876543210fedcba9876543210' })
  onTestFinished(() => other.close())
  const { shipper } = startShipping(one, {
    destinations: [{}, { endpoint: other.url, ruleId: other.ruleId }],
    maxBatchBytes: 1000,
  })
  for (let n = 0; n < 100; n += 1) shipper.push({ Message: `line ${n}` })
  await shipper.flush()
  expect(one.rows().length).toBeGreaterThan(0)
  expect(other.rows().length).toBeGreaterThan(0)
  expect(stored([one, other])).toHaveLength(100)
})
