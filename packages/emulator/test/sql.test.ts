import { afterAll, beforeAll, expect, test } from 'vitest'

import { createStore } from '../src/store.ts'
import type { Store } from '../src/store.ts'

let store: Store

beforeAll(() => {
  const columns = [
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'Count', type: 'long' },
    { name: 'Properties', type: 'dynamic' },
  ] as const
  store = createStore([{ name: 'T_CL', plan: 'Analytics', columns }], ':memory:')
  const time = '2026-11-23T10:00:00Z'
  store.insert(
    'T_CL',
    Array.from({ length: 20_000 }, (_, index) => [time, index, `{"k":${index % 2}}`]),
  )
  store.insert('T_CL', [[time, 9007199254740993n, null]])
})
afterAll(() => store.close())

test('a statement reads, with parameters, and names its columns', () => {
  const statement =
    "SELECT Count AS n, json_extract(Properties, '$.k') AS k FROM T_CL WHERE Count < ? ORDER BY Count"
  expect(store.sql(statement, [2])).toEqual({
    columns: ['n', 'k'],
    rows: [
      [0, 0],
      [1, 1],
    ],
    isTruncated: false,
  })
})

test('integers beyond 2^53 keep their digits', () => {
  expect(store.sql('SELECT max(Count) FROM T_CL').rows).toEqual([[9007199254740993n]])
})

test('WITH, VALUES, EXPLAIN and comments are taken', () => {
  expect(store.sql('-- a\n/* b */ WITH a AS (SELECT 1 AS x) SELECT x FROM a').rows).toEqual([[1]])
  expect(store.sql('VALUES (1), (2)').rows).toEqual([[1], [2]])
  expect(store.sql('EXPLAIN QUERY PLAN SELECT * FROM T_CL').rows.length).toBeGreaterThan(0)
})

test('of more than 100,000 rows the first are given, and that there are more', () => {
  const sixTimes = Array.from({ length: 6 }, () => 'SELECT Count FROM T_CL').join(' UNION ALL ')
  const { rows, isTruncated } = store.sql(sixTimes)
  expect(rows).toHaveLength(100_000)
  expect(isTruncated).toBe(true)
})

test.for([
  'SELECT count(*) FROM T_CL a JOIN T_CL b ON a.Count = b.Count',
  "SELECT count(*) FROM T_CL, json_each('[' || T_CL.Count || ']')",
  'SELECT * FROM (SELECT Count % 10 AS k, count(*) AS n FROM T_CL GROUP BY k) ORDER BY n LIMIT 1',
  'SELECT count(*) FROM T_CL a WHERE EXISTS (SELECT 1 FROM T_CL b WHERE b.rowid = a.rowid)',
] as const)('%s is not taken for a runaway', (statement) => {
  expect(store.sql(statement).rows).toHaveLength(1)
})

test.for([
  ['SELECT (SELECT count(*) FROM T_CL b WHERE b.Count < a.Count) FROM T_CL a', /combinations of rows/],
  ['DELETE FROM T_CL', /can only read/],
  ['INSERT INTO T_CL VALUES (1, 2, 3)', /can only read/],
  ['PRAGMA query_only = OFF', /can only read/],
  ["ATTACH DATABASE 'x.db' AS x", /can only read/],
  ['WITH a AS (SELECT 1) DELETE FROM T_CL', /readonly/],
  ['WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c', /recursion/],
  ['SELECT hex(zeroblob(1000000000))', /zeroblob/],
  ['SELECT count(*) FROM T_CL a, T_CL b, T_CL c', /combinations of rows/],
  ['SELECT count(*) FROM T_CL a JOIN T_CL b ON a.Count < b.Count', /combinations of rows/],
  ['SELECT nope FROM T_CL', /no such column/],
  ['SELECT', /incomplete input/],
  [`SELECT '${'x'.repeat(100_000)}'`, /at most/],
] as const)('%s is refused', ([statement, reason]) => {
  expect(() => store.sql(statement)).toThrow(reason)
  expect(() => store.sql(statement)).toThrow(TypeError)
  expect(store.count('T_CL')).toBe(20_001)
})

test('after a refusal the store still takes rows', () => {
  expect(() => store.sql('SELECT nope')).toThrow(TypeError)
  store.insert('T_CL', [['2026-11-23T10:00:00Z', 1, null]])
  expect(store.sql('SELECT count(*) FROM T_CL').rows).toEqual([[20_002]])
})

test('a recursion that is written without its word is refused, too', () => {
  const statement = 'WITH c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c'
  expect(() => store.sql(statement)).toThrow('recursion')
})
