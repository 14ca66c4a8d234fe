import { expect, test } from 'vitest'

import { failureOf } from '../src/query-refusals.ts'
import { createQueryRunner, QueryQueueFull } from '../src/query-runner.ts'
import { createStore } from '../src/store.ts'

const tables = [
  {
    name: 'T_CL',
    plan: 'Analytics',
    columns: [
      { name: 'TimeGenerated', type: 'datetime' },
      { name: 'Id', type: 'guid' },
    ],
  },
] as const

test('five queries run at a time, two hundred wait, and one more is turned away with a time to come back', async () => {
  const store = createStore(tables, ':memory:')
  const { run } = createQueryRunner({ tables, store })
  const results = await Promise.allSettled(Array.from({ length: 207 }, () => run('T_CL | count')))
  const refused = results.filter((result) => result.status === 'rejected')
  expect(refused.map(({ reason }): unknown => reason)).toEqual([
    expect.any(QueryQueueFull),
    expect.any(QueryQueueFull),
  ])
  expect(results.slice(0, 205).every(({ status }) => status === 'fulfilled')).toBe(true)
  expect(failureOf(refused[0]?.reason, '')).toMatchObject({ status: 429, headers: { 'Retry-After': '1' } })
  // All turns have been given back.
  expect((await run('T_CL | count')).rows).toEqual([[0]])
  store.close()
})

test('a column of guids is queried as one of strings, and a row without a time is in no interval', async () => {
  const store = createStore(tables, ':memory:')
  const id = '70fc66f7-8323-4479-8f6d-2c72a57a3aca'
  store.insert('T_CL', [
    ['2026-11-23T10:00:00Z', id],
    [null, null],
  ])
  const { run } = createQueryRunner({ tables, store })
  expect((await run('T_CL | project Id, isempty(Id)')).rows).toEqual([
    [id, false],
    ['', true],
  ])
  const interval = { startMs: 0, endMs: Date.parse('2026-12-01T00:00:00Z') }
  expect((await run('T_CL | count', { interval })).rows).toEqual([[1]])
  store.close()
})
