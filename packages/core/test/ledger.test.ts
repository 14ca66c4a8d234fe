import { expect, test } from 'vitest'

import { createBatch } from '../src/batch.ts'
import type { Batch } from '../src/batch.ts'
import { AzlogsError } from '../src/errors.ts'
import { createLedger } from '../src/ledger.ts'
import { packAlone } from '../src/packer.ts'

function batchOf(level = 'info', whole?: Batch): Batch {
  return createBatch(packAlone(JSON.stringify({ Level: level })), { [level]: 1 }, 0, { whole })
}

test('each batch is in the books until it is settled, once', () => {
  const ledger = createLedger()
  const [a, b] = [batchOf(), batchOf()]
  ledger.add(a)
  ledger.add(b)
  expect([ledger.unsettledRows, ledger.unsettledBytes]).toEqual([2, a.rawBytes + b.rawBytes])
  expect(ledger.settle(a, { kind: 'delivered', wireBytes: 10 })).toBe(true)
  expect(ledger.settle(a, { kind: 'dropped', reason: 'deadline', error: undefined })).toBe(false)
  expect(ledger.counters).toMatchObject({ delivered: 1, deliveredBytes: a.rawBytes, deliveredWireBytes: 10 })
  expect([ledger.unsettledRows, ledger.dropped]).toEqual([1, 0])
})

test('who waits for a batch waits for those that take its place', async () => {
  const ledger = createLedger()
  const [whole, first, second] = [batchOf(), batchOf(), batchOf()]
  ledger.add(whole)
  let done = false
  const waiting = ledger.wait().then(() => (done = true))
  ledger.replace(whole, [first, second])
  ledger.settle(first, { kind: 'delivered', wireBytes: 1 })
  await Promise.resolve()
  expect(done).toBe(false)
  ledger.settle(second, { kind: 'delivered', wireBytes: 1 })
  await waiting
  expect(ledger.counters).toMatchObject({ splits: 1, delivered: 2 })
})

test('what is dropped is counted by reason and level, what is quarantined by code, what is shortened on delivery', () => {
  const ledger = createLedger()
  const [dropped, refused, cut] = [batchOf('warn'), batchOf(), batchOf('info', batchOf())]
  for (const batch of [dropped, refused, cut]) ledger.add(batch)
  ledger.settle(dropped, { kind: 'dropped', reason: 'retries-exhausted', error: undefined })
  ledger.drop({ info: 3 }, 'buffer-full')
  ledger.settle(refused, {
    kind: 'quarantined',
    error: new AzlogsError('AZLOGS_REJECTED', 'no'),
    records: [],
  })
  expect(ledger.counters.shortened).toBe(0)
  ledger.settle(cut, { kind: 'delivered', wireBytes: 1 })
  expect(ledger.counters).toMatchObject({
    shortened: 1,
    quarantined: 1,
    quarantinedBy: { AZLOGS_REJECTED: 1 },
    droppedLevels: { 'retries-exhausted': { warn: 1 }, 'buffer-full': { info: 3 } },
  })
  expect(ledger.dropped).toBe(4)
})

test('who waits does not wait for what came later, nor for the parts of it', async () => {
  const ledger = createLedger()
  const [first, later, part] = [batchOf(), batchOf(), batchOf()]
  await ledger.wait()
  ledger.add(first)
  const waiting = ledger.wait()
  ledger.add(later)
  ledger.replace(later, [part])
  ledger.settle(first, { kind: 'delivered', wireBytes: 1 })
  await waiting
  expect(ledger.unsettledRows).toBe(1)
})

test('a batch that the end of the process has settled is neither divided nor brought back', () => {
  const ledger = createLedger()
  const [batch, stub, part] = [batchOf(), batchOf(), batchOf()]
  for (const one of [batch, stub]) {
    ledger.add(one)
    ledger.settle(one, { kind: 'dropped', reason: 'deadline', error: undefined })
  }
  ledger.replace(batch, [part, part])
  ledger.replayed(stub, [part], 0)
  expect(ledger.unsettledRows).toBe(0)
  expect(ledger.counters).toMatchObject({ splits: 0, accepted: 0, quarantined: 0 })
  expect(ledger.dropped).toBe(2)
})

test('rows that a file has lost are dropped, and who waits for all of them waits no longer', async () => {
  const ledger = createLedger()
  const stub = createBatch({ ...packAlone('{},{},{}'), offsets: [1, 4, 7] }, { info: 3 }, 0)
  const part = batchOf()
  ledger.add(stub)
  ledger.evicted(stub)
  const waiting = ledger.wait()
  // Of three rows one is back, and one is damaged.
  ledger.replayed(stub, [part], 1)
  expect(ledger.counters).toMatchObject({
    quarantined: 1,
    quarantinedBy: { AZLOGS_SPOOL_DAMAGED: 1 },
    droppedLevels: { 'spool-lost': { unknown: 1 } },
  })
  ledger.settle(part, { kind: 'delivered', wireBytes: 1 })
  await waiting

  const nothing = batchOf()
  ledger.add(nothing)
  const again = ledger.wait()
  ledger.replayed(nothing, [], 0)
  await again
  expect(ledger.unsettledRows).toBe(0)
})
