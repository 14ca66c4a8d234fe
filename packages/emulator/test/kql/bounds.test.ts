import { expect, test } from 'vitest'

import { compileQuery, KqlError } from '../../src/kql/index.ts'
import { columnsOf, rowsOf, valueOf } from './run-query.ts'

// Where a query ends that asks for too much, and what it is told that asks for nonsense.

async function errorOf(query: string, declared: Parameters<typeof columnsOf>[0] = {}): Promise<KqlError> {
  try {
    await rowsOf(query, declared, [{ s: 'a'.repeat(20_000), d: [1] }])
  } catch (error) {
    if (error instanceof KqlError) return error
    throw error
  }
  return expect.fail(`${query} is not refused`)
}

test.each<[query: string, code: KqlError['code'], said: RegExp]>([
  [
    `print x = "a" matches regex "${'a{1000}'.repeat(11)}"`,
    'LimitExceeded',
    /regular expression is too large/,
  ],
  ['print x = 1 matches regex "a"', 'Semantic', /matches regex/],
  ['T | project x = extract_all("(a)", s)', 'LimitExceeded', /10000 matches/],
  ['print x = strrep(strrep("x", 1024), 1024, "yy")', 'LimitExceeded', /over 1 MB/],
  ['print x = case(true, 1, 2, 3)', 'Semantic', /pairs of a predicate and a result/],
  ['print x = nosuch(1)', 'Semantic', /nosuch/],
  ['print x = typeof(string)', 'Semantic', /typeof\(\) can stand only as an argument/],
  ['let f = (a: long) { a }; print x = f', 'Semantic', /f is a function, not a value/],
  ['T | summarize x = nosuch(s)', 'Semantic', /nosuch/],
  ['T | summarize x = percentile(s, "a")', 'Semantic', /percentile\(\) does not take/],
])('%s', async (query, code, said) => {
  const error = await errorOf(query, { s: 'string', d: 'dynamic' })
  expect(error.message).toMatch(said)
  expect(error.code).toBe(code)
})

test('a name that is nowhere is told with the first twenty of those that are there', async () => {
  const declared = Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`c${n}`, 'string' as const]))
  expect((await errorOf('T | project nope', declared)).message).toMatch(/; there is: c0, .*, c19, …$/)
})

test('more columns than a table may have are too many', async () => {
  const list = Array.from({ length: 501 }, (_, n) => `c${n} = 1`).join(', ')
  expect(await errorOf(`T | project ${list}`)).toMatchObject({ code: 'LimitExceeded' })
})

test('patterns that are made anew for each row are not kept for ever, and go on matching', async () => {
  const rows = Array.from({ length: 500 }, (_, n) => ({ s: `text ${n} end` }))
  const query = 'T | where s matches regex replace_string(strcat("^", s, "$"), "text", "te.t") | count'
  expect(await rowsOf(query, { s: 'string' }, rows)).toEqual([[500]])
})

test('a result is cut after 500,000 rows, and a sort of more is refused', async () => {
  const tables = new Map([['T', columnsOf({ n: 'long' })]])
  function* pages(): Generator<readonly { readonly n: number }[]> {
    const page = Array.from({ length: 1000 }, (_, n) => ({ n }))
    for (let count = 0; count < 501; count += 1) yield page
  }
  const forever = { deadlineMs: Infinity }
  const { rows, isTruncated } = await compileQuery('T', tables).run(pages(), forever)
  expect(rows).toHaveLength(500_000)
  expect(isTruncated).toBe(true)
  await expect(compileQuery('T | sort by n', tables).run(pages(), forever)).rejects.toMatchObject({
    code: 'LimitExceeded',
    message: expect.stringContaining('more than 500000 rows'),
  })
})

test('top keeps the first few of many rows, in both directions', async () => {
  const rows = Array.from({ length: 5000 }, (_, n) => ({ n: (n * 7919) % 5000 }))
  expect(await rowsOf('T | top 3 by n', { n: 'long' }, rows)).toEqual([[4999], [4998], [4997]])
  expect(await rowsOf('T | top 3 by n asc', { n: 'long' }, rows)).toEqual([[0], [1], [2]])
})

test.each<[expression: string, value: unknown]>([
  // Impossible days and times, and fractions that are none.
  ['todatetime("2026-02-30T10:00:00Z")', null],
  ['todatetime("2026-11-22T10:00:00,5Z")', null],
  ['todatetime("2026-11-22T10:00:00.xZ")', null],
  ['todatetime("2026-11-22 10:00:00+01:30")', '2026-11-22T08:30:00Z'],
  ['1h * real(+inf)', null],
  ['1h / 0', null],
  ['endofyear(datetime(9999-06-01), 10)', null],
  ['startofyear(datetime(9999-06-01), 10)', null],
  ['make_timespan(1, 2, real(nan))', null],
  ['dynamic(-5)', -5],
  ['dynamic([-1.5, null, datetime(2026-01-01)])', [-1.5, null, '2026-01-01T00:00:00.0000000Z']],
  ['dynamic(9007199254740993)', 9007199254740993n],
])('%s is %o', async (expression, value) => {
  expect(await valueOf(expression)).toEqual(value)
})
