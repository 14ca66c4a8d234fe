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
