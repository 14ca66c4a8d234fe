import { gunzipSync, gzipSync } from 'node:zlib'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Batch } from '../src/batch.ts'
import { createBatching } from '../src/batching.ts'
import type { Batching, BatchingOptions } from '../src/batching.ts'
import { logLine, noisyLine } from './log-lines.ts'
import { createVirtualClock } from './virtual-clock.ts'
import type { VirtualClock } from './virtual-clock.ts'

interface Subject {
  readonly batching: Batching
  readonly clock: VirtualClock
  readonly sealed: Batch[]
  readonly push: (row: object) => void
}

function start(options: Partial<BatchingOptions> = {}): Subject {
  const clock = createVirtualClock()
  const sealed: Batch[] = []
  const batching: Batching = createBatching({
    maxBatchBytes: 1_000_000,
    maxBufferBytes: 64 * 1024 * 1024,
    flushIntervalMs: 5000,
    packing: 'uncompressed',
    plan: 'analytics',
    gzipLevel: 3,
    clock,
    onSealed: (batch) => sealed.push(batch),
    onAdded: () => {},
    onDue: () => batching.seal(),
    ...options,
  })
  return { batching, clock, sealed, push: (row) => batching.add(batching.encode(row)) }
}

function rowsOf(batch: Batch): readonly Record<string, unknown>[] {
  return JSON.parse(batch.packed?.bytes.toString() ?? '[]') as Record<string, unknown>[]
}

test('a batch is sealed when its first row is flushIntervalMs old', async () => {
  const { clock, sealed, push } = start()
  push({ n: 1 })
  await clock.advance(4000)
  push({ n: 2 })
  await clock.advance(999)
  expect(sealed).toEqual([])
  await clock.advance(1)
  expect(sealed.map(rowsOf)).toEqual([[{ n: 1 }, { n: 2 }]])
  expect(sealed[0]?.openedAt).toBe(0)
})

test('each batch knows its levels, also around a row that is too large to share one', () => {
  const { batching, sealed, push } = start({ maxBatchBytes: 1000 })
  push({ Level: 'info', n: 1 })
  push({ Level: 'info', n: 2 })
  push({ Level: 'error', text: 'x'.repeat(2000) })
  push({ Level: 'warn', n: 3 })
  batching.seal()
  expect(sealed.map(({ levels }) => ({ ...levels }))).toEqual([{ info: 2 }, { error: 1 }, { warn: 1 }])
  expect(sealed.map((batch) => rowsOf(batch).length)).toEqual([2, 1, 1])
})

test('after a batch that was too large the next ones are smaller, for ten minutes', async () => {
  const { batching, clock, sealed, push } = start({ maxBatchBytes: 100_000, flushIntervalMs: 3_600_000 })
  batching.tooLarge(50_000)
  for (let n = 0; n < 400; n += 1) push(logLine(n))
  expect(sealed.length).toBeGreaterThan(1)
  for (const { rawBytes } of sealed) expect(rawBytes).toBeLessThanOrEqual(40_000)
  await clock.advance(600_000)
  batching.seal()
  sealed.length = 0
  for (let n = 0; n < 800; n += 1) push(logLine(n))
  expect(Math.max(...sealed.map(({ rawBytes }) => rawBytes))).toBeGreaterThan(90_000)
})

test('on log lines, compressed packing makes a sixth of the batches or less', () => {
  const plain = start()
  const compressed = start({ packing: 'compressed' })
  for (const { push, sealed, batching } of [plain, compressed]) {
    let seen = 0
    for (let n = 0; n < 200_000; n += 1) {
      push(logLine(n))
      // Nothing is compressed while a burst is being packed.
      if (n % 40_000 !== 0) continue
      for (const batch of sealed.slice(seen))
        batching.compressed(batch.rawBytes, gzipSync(rawOf(batch), { level: 3 }).length)
      seen = sealed.length
    }
    batching.seal()
  }
  expect(compressed.sealed.length * 6).toBeLessThanOrEqual(plain.sealed.length)
  for (const batch of compressed.sealed) {
    expect(batch.rawBytes).toBeLessThanOrEqual(8 * 1024 * 1024)
    expect(gzipSync(rawOf(batch), { level: 3 }).length).toBeLessThanOrEqual(1_048_576)
  }
})

function rawOf(batch: Batch): Buffer {
  return batch.packed?.bytes ?? gunzipSync(batch.body ?? Buffer.alloc(0))
}

test('rows of an Auxiliary table have six decimals, and a batch spans less than thirty minutes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 90 * 60_000 }), { minLength: 1, maxLength: 50 }), (offsets) => {
      const { batching, sealed, push } = start({ plan: 'auxiliary' })
      const since = Date.UTC(2026, 10, 22)
      for (const offset of offsets) push({ TimeGenerated: new Date(since + offset).toISOString() })
      batching.seal()
      const times = sealed.map((batch) => rowsOf(batch).map((row) => String(row['TimeGenerated'])))
      expect(times.flat()).toHaveLength(offsets.length)
      for (const batch of times) {
        for (const time of batch) expect(time).toMatch(/\.\d{6}Z$/)
        const ms = batch.map((time) => Date.parse(time))
        expect(Math.max(...ms) - Math.min(...ms)).toBeLessThan(30 * 60_000)
      }
    }),
  )
})

test('text that hardly compresses among log lines makes smaller batches, not larger bodies', () => {
  const { batching, sealed, push } = start({ packing: 'compressed' })
  let seen = 0
  for (let n = 0; n < 12_000; n += 1) {
    push(n % 3 === 0 ? noisyLine(n, 2000) : logLine(n))
    for (const batch of sealed.slice(seen))
      batching.compressed(batch.rawBytes, gzipSync(rawOf(batch), { level: 3 }).length)
    seen = sealed.length
  }
  const bodies = sealed.map((batch) => gzipSync(rawOf(batch), { level: 3 }).length)
  expect(bodies.length).toBeGreaterThan(3)
  expect(Math.max(...bodies)).toBeLessThanOrEqual(1_048_576)
})
