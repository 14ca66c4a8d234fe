import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { createStore } from '../src/store.ts'
import type { Store } from '../src/store.ts'
import type { Retention } from '../src/retention.ts'
import type { Table } from '../src/schema.ts'

const columns = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'Text', type: 'string' },
] as const
const tables: readonly Table[] = [
  { name: 'A_CL', plan: 'Analytics', columns },
  { name: 'B_CL', plan: 'Analytics', columns },
]
const time = '2026-11-23T10:00:00Z'

function open(retention: Retention, file = ':memory:'): Store {
  return createStore(tables, file, retention)
}

const texts = (store: Store, table = 'A_CL'): readonly unknown[] =>
  store.rows(table).map((row) => row['Text'])

test('the oldest rows of a table go when there are too many', () => {
  const store = open({ maxRows: 3 })
  store.insert(
    'A_CL',
    ['1', '2'].map((text) => [time, text]),
  )
  store.insert('B_CL', [[time, 'other']])
  expect(store.evicted('A_CL')).toBe(0)
  store.insert(
    'A_CL',
    ['3', '4', '5'].map((text) => [time, text]),
  )
  expect(texts(store)).toEqual(['3', '4', '5'])
  expect(store.count('A_CL')).toBe(3)
  expect(texts(store, 'B_CL')).toEqual(['other'])
  expect([store.evicted('A_CL'), store.evicted('B_CL')]).toEqual([2, 0])
  expect(store.newestId('A_CL')).toBe(5)
  store.close()
})

test('one request may bring more rows than are kept', () => {
  const store = open({ maxRows: 2 })
  store.insert(
    'A_CL',
    ['1', '2', '3', '4', '5'].map((text) => [time, text]),
  )
  expect(texts(store)).toEqual(['4', '5'])
  expect(store.evicted('A_CL')).toBe(3)
  store.clear()
  expect(store.evicted('A_CL')).toBe(0)
  store.insert('A_CL', [[time, '6']])
  expect(texts(store)).toEqual(['6'])
  store.close()
})

test('the oldest rows of all tables go when there are too many bytes', () => {
  const maxBytes = 1_000_000
  const store = open({ maxBytes })
  const text = 'x'.repeat(1000)
  for (let batch = 0; batch < 30; batch += 1) {
    for (const table of ['A_CL', 'B_CL']) {
      store.insert(
        table,
        Array.from({ length: 100 }, (_, index) => [time, `${batch * 100 + index} ${text}`]),
      )
    }
  }
  const kept = store.count('A_CL') + store.count('B_CL')
  expect(kept * text.length).toBeLessThan(maxBytes)
  expect(kept * text.length).toBeGreaterThan(maxBytes / 2)
  expect(store.evicted('A_CL') + store.evicted('B_CL')).toBe(6000 - kept)
  expect(String(texts(store).at(-1))).toMatch(/^2999 /)
  store.close()
})

test('the newest row stays, however large it is', () => {
  const store = open({ maxBytes: 100_000 })
  for (const letter of ['a', 'b']) store.insert('A_CL', [[time, letter.repeat(200_000)]])
  expect(texts(store).map((text) => String(text)[0])).toEqual(['b'])
  store.close()
})

test('a file that holds too much is cut when it is opened', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'azlogs-test-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const file = join(directory, 'rows.db')
  const first = open({}, file)
  first.insert(
    'A_CL',
    ['1', '2', '3'].map((text) => [time, text]),
  )
  first.close()
  const second = open({ maxRows: 1 }, file)
  expect(texts(second)).toEqual(['3'])
  expect(second.evicted('A_CL')).toBe(2)
  second.close()
})

test.for([{ maxRows: 0 }, { maxRows: 1.5 }, { maxBytes: -1 }, { maxBytes: Number.NaN }])(
  '%o is refused',
  (retention) => {
    expect(() => open(retention)).toThrow(/retention\.max(?:Rows|Bytes) must be a positive integer/)
  },
)
