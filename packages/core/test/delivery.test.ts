import { gunzipSync, gzipSync } from 'node:zlib'

import { expect, test } from 'vitest'

import { createBatch } from '../src/batch.ts'
import type { Batch, Settlement } from '../src/batch.ts'
import { createDelivery } from '../src/delivery.ts'
import type { Delivery } from '../src/delivery.ts'
import { AzlogsError } from '../src/errors.ts'
import type { Outcome } from '../src/outcome.ts'
import { createPacker, packAlone } from '../src/packer.ts'
import type { PackedRows } from '../src/packer.ts'
import { createVirtualClock } from './virtual-clock.ts'
import type { VirtualClock } from './virtual-clock.ts'

interface Bench {
  readonly clock: VirtualClock
  readonly delivery: Delivery
  /** When each request left, and what it carried. */
  readonly sent: { readonly at: number; readonly rows: unknown }[]
  readonly replaced: { readonly batch: Batch; readonly by: readonly Batch[] }[]
  readonly settled: { readonly batch: Batch; readonly settlement: Settlement }[]
}

function start(answer: (attempt: number) => Outcome | Promise<Outcome>, options = {}): Bench {
  const clock = createVirtualClock()
  const sent: Bench['sent'] = []
  const settled: Bench['settled'] = []
  const replaced: Bench['replaced'] = []
  const delivery = createDelivery({
    clock,
    maxConcurrency: 4,
    maxInFlightBytes: Number.POSITIVE_INFINITY,
    maxBatchBytes: 1_000_000,
    retryForMs: 300_000,
    compress: async (bytes) => gzipSync(bytes),
    sends: [
      async (body) => {
        sent.push({ at: clock.now(), rows: JSON.parse(gunzipSync(body).toString()) })
        return answer(sent.length)
      },
    ],
    onSettled: (batch, settlement) => settled.push({ batch, settlement }),
    onReady: () => {},
    onRetry: () => {},
    onReplaced: (batch, by) => replaced.push({ batch, by }),
    onTooLarge: () => {},
    onSent: () => {},
    onCompressed: () => {},
    ...options,
  })
  return { clock, delivery, sent, settled, replaced }
}

function batchOf(...rows: unknown[]): Batch {
  return createBatch(packed(rows), { info: rows.length }, 0)
}

function replayedBatchOf(...rows: unknown[]): Batch {
  return createBatch(packed(rows), { info: rows.length }, 0, { replayed: true })
}

function packed(rows: readonly unknown[]): PackedRows {
  const packer = createPacker(10_000)
  for (const row of rows) packer.add(JSON.stringify(row))
  const sealed = packer.seal()
  if (sealed === undefined) throw new Error('a batch needs a row')
  return sealed
}

const TOO_LARGE = new AzlogsError('AZLOGS_TOO_LARGE', 'too large')

const busy = (afterMs?: number): Outcome => ({
  kind: 'retry',
  afterMs,
  error: new AzlogsError('AZLOGS_THROTTLED', 'busy'),
})

test('waits between attempts stay within full jitter, and the same rows are sent again', async () => {
  const { clock, delivery, sent, settled } = start((attempt) =>
    attempt <= 5 ? busy() : { kind: 'delivered' },
  )
  delivery.enqueue(batchOf({ n: 1 }, { n: 2 }))
  await clock.advance(120_000)
  expect(sent).toHaveLength(6)
  for (const [index, { at, rows }] of sent.entries()) {
    expect(rows).toEqual([{ n: 1 }, { n: 2 }])
    if (index > 0) expect(at - (sent[index - 1]?.at ?? 0)).toBeLessThanOrEqual(1000 * 2 ** (index - 1))
  }
  expect(settled.map(({ settlement }) => settlement.kind)).toEqual(['delivered'])
})

test('a batch that waits for a retry holds no sender', async () => {
  let first = true
  const { clock, delivery, sent } = start(
    () => {
      if (!first) return { kind: 'delivered' }
      first = false
      return busy()
    },
    { maxConcurrency: 1 },
  )
  delivery.enqueue(batchOf('a'))
  delivery.enqueue(batchOf('b'))
  await clock.advance(0)
  expect(sent.map(({ rows }) => rows)).toEqual([['a'], ['b']])
  await clock.advance(1000)
  expect(sent.map(({ rows }) => rows)).toEqual([['a'], ['b'], ['a']])
})

test('Retry-After closes the gate for batches that came later too', async () => {
  const { clock, delivery, sent } = start((attempt) => (attempt === 1 ? busy(10_000) : { kind: 'delivered' }))
  delivery.enqueue(batchOf('a'))
  await clock.advance(1)
  delivery.enqueue(batchOf('b'))
  await clock.advance(9_990)
  expect(sent).toHaveLength(1)
  await clock.advance(20_000)
  expect(sent.map(({ rows }) => String(rows)).toSorted((a, b) => a.localeCompare(b))).toEqual(['a', 'a', 'b'])
  expect(Math.min(...sent.slice(1).map(({ at }) => at))).toBeGreaterThanOrEqual(10_000)
})

test('a batch is given up when retryForMs is over, not before', async () => {
  const { clock, delivery, settled } = start(() => busy(), { retryForMs: 60_000 })
  delivery.enqueue(batchOf('a'))
  // A wait is 30 s at most, and one that would end after the limit is not begun.
  await clock.advance(29_000)
  expect(settled).toHaveLength(0)
  await clock.advance(60_000)
  expect(settled.map(({ settlement }) => settlement)).toMatchObject([
    { kind: 'dropped', reason: 'retries-exhausted' },
  ])
  expect(clock.pendingTimers).toBe(0)
})

test('hurry() sends waiting batches now, but not before the gate opens', async () => {
  const { clock, delivery, sent } = start((attempt) => (attempt === 1 ? busy(5000) : busy()))
  delivery.enqueue(batchOf('a'))
  await clock.advance(10)
  delivery.hurry(60_000)
  await clock.advance(4_900)
  expect(sent).toHaveLength(1)
  await clock.advance(1_000)
  expect(sent.length).toBeGreaterThan(3)
})

test('abort() settles every batch once, wherever it is', async () => {
  let release: (outcome: Outcome) => void = () => {}
  const { clock, delivery, settled } = start(
    (attempt) =>
      attempt === 1
        ? busy()
        : new Promise((resolve) => {
            release = resolve
          }),
    { maxConcurrency: 1 },
  )
  for (const name of ['waiting', 'in flight', 'queued']) delivery.enqueue(batchOf(name))
  await clock.advance(0)
  const aborted = delivery.abort()
  release({ kind: 'aborted', error: new AzlogsError('AZLOGS_ABORTED', 'aborted') })
  await aborted
  expect(settled).toHaveLength(3)
  expect(new Set(settled.map(({ batch }) => batch)).size).toBe(3)
  expect(delivery.inFlight).toBe(0)
  expect(clock.pendingTimers).toBe(0)
})

test('takeOldest() gives a waiting batch first, then queued ones, never one in flight', async () => {
  const { clock, delivery } = start((attempt) => (attempt === 1 ? busy(60_000) : { kind: 'delivered' }), {
    maxConcurrency: 1,
  })
  const [a, b] = [batchOf('a'), batchOf('b')]
  delivery.enqueue(a)
  await clock.advance(0)
  delivery.enqueue(b)
  await clock.advance(0)
  expect(delivery.takeOldest()).toBe(a)
  expect(delivery.takeOldest()).toBe(b)
  expect(delivery.takeOldest()).toBeUndefined()
})

test('due() asks for the open batch when a request could leave, and not while the gate is closed', async () => {
  const asked: number[] = []
  const { clock, delivery } = start((attempt) => (attempt === 1 ? busy(10_000) : { kind: 'delivered' }), {
    onReady: () => asked.push(clock.now()),
  })
  delivery.due()
  expect(asked).toEqual([0])
  delivery.enqueue(batchOf('a'))
  await clock.advance(1)
  delivery.due()
  await clock.advance(60_000)
  expect(asked).toHaveLength(2)
  expect(asked[1]).toBeGreaterThanOrEqual(10_000)
})

test('rows that are due are not forgotten for the batches of a spool, and leave before them', async () => {
  const { clock, delivery, sent } = start(
    (attempt) => (attempt === 1 ? busy(10_000) : { kind: 'delivered' }),
    {
      maxConcurrency: 1,
      onReady: () => delivery.enqueue(batchOf('due')),
    },
  )
  delivery.enqueue(batchOf('first'))
  await clock.advance(1)
  delivery.due()
  for (let n = 0; n < 3; n += 1) delivery.enqueue(replayedBatchOf(`old ${n}`))
  await clock.advance(60_000)
  expect(sent.map(({ rows }) => rows)).toEqual([
    ['first'],
    ['first'],
    ['due'],
    ['old 0'],
    ['old 1'],
    ['old 2'],
  ])
})

test('after a 429 requests are spaced, also when it named no time', async () => {
  const throttled = new AzlogsError('AZLOGS_THROTTLED', 'busy', { statusCode: 429 })
  const { clock, delivery, sent } = start((attempt) =>
    attempt === 31 ? { kind: 'retry', afterMs: undefined, error: throttled } : { kind: 'delivered' },
  )
  for (let n = 0; n < 30; n += 1) {
    delivery.enqueue(batchOf(n))
    await clock.advance(2000)
  }
  for (let n = 0; n < 30; n += 1) delivery.enqueue(batchOf(n))
  await clock.advance(1)
  // Those that were under way at the 429 still arrive.
  const unpaced = sent.length
  expect(unpaced).toBeLessThan(41)
  await clock.advance(10_000)
  expect(sent.length).toBeGreaterThan(unpaced)
  expect(sent.length).toBeLessThan(55)
  await clock.advance(120_000)
  expect(sent).toHaveLength(61)
})

test('takeOldest() leaves what does not suit where it is', async () => {
  const { clock, delivery } = start((attempt) => (attempt <= 2 ? busy() : { kind: 'delivered' }), {
    maxConcurrency: 2,
    random: () => 0.999,
  })
  const [a, b] = [batchOf('a'), batchOf('b')]
  delivery.enqueue(a)
  delivery.enqueue(b)
  await clock.advance(0)
  expect(delivery.takeOldest((batch) => batch === b)).toBe(b)
  expect(delivery.takeOldest()).toBe(a)
})

test('a record over what a request may carry uncompressed is shortened before it is compressed', async () => {
  const compressed: number[] = []
  const { clock, delivery, sent, replaced } = start(() => ({ kind: 'delivered' }), {
    compress: async (bytes: Uint8Array) => {
      compressed.push(bytes.length)
      return gzipSync(bytes)
    },
  })
  const row = JSON.stringify({ Message: 'x'.repeat(60 * 1024 * 1024), n: 1 })
  delivery.enqueue(createBatch(packAlone(row), { info: 1 }, 0))
  while (sent.length === 0) await clock.advance(0)
  expect(replaced).toHaveLength(1)
  expect(sent).toMatchObject([{ rows: [{ n: 1, Message: expect.stringMatching(/^x+…/) }] }])
  expect(Math.max(...compressed)).toBeLessThan(2_000_000)
})

test('a batch that is divided while everything ends is dropped part by part', async () => {
  const { clock, delivery, settled, sent } = start(() => ({ kind: 'too-large', error: TOO_LARGE }), {
    onTooLarge: () => void delivery.abort(),
  })
  delivery.enqueue(batchOf('a', 'b'))
  while (settled.length < 2) await clock.advance(0)
  expect(settled.map(({ batch, settlement }) => [batch.records, settlement.kind])).toEqual([
    [1, 'dropped'],
    [1, 'dropped'],
  ])
  expect(sent).toHaveLength(1)
})

test('a single row that the service calls too wide is quarantined', async () => {
  const { clock, delivery, settled } = start(() => ({ kind: 'too-wide', error: TOO_LARGE }))
  delivery.enqueue(batchOf('a'))
  while (settled.length === 0) await clock.advance(0)
  expect(settled).toMatchObject([{ settlement: { kind: 'quarantined', records: ['"a"'] } }])
})
