import { expect, test } from 'vitest'

import { rowsOf } from './run-query.ts'

const PAGE_PARSE = 'learn.microsoft.com/kusto/query/parse-operator'

test(`parse takes a trace apart (${PAGE_PARSE})`, async () => {
  const trace = (number: number, time: string): string =>
    `"Event: NotifySliceRelease (resourceName=PipelineScheduler, totalSlices=27, sliceNumber=${number}, lockTime=02/17/2016 ${time}, releaseTime=02/17/2016 ${time}, previousLockTime=02/17/2016 08:39:01)"`
  const query = `datatable(EventText: string)[${trace(23, '08:40:01')}, ${trace(15, '08:40:00')}]
    | parse EventText with * "resourceName=" resourceName ", totalSlices=" totalSlices: long * "sliceNumber=" sliceNumber: long * "lockTime=" lockTime ", releaseTime=" releaseTime: date "," * "previousLockTime=" previousLockTime: date ")" *
    | project resourceName, totalSlices, sliceNumber, lockTime, releaseTime, previousLockTime`
  const previous = '2016-02-17T08:39:01Z'
  expect(await rowsOf(query)).toEqual([
    ['PipelineScheduler', 27, 23, '02/17/2016 08:40:01', '2016-02-17T08:40:01Z', previous],
    ['PipelineScheduler', 27, 15, '02/17/2016 08:40:00', '2016-02-17T08:40:00Z', previous],
  ])
})

test(`parse kind=relaxed keeps what fits, kind=simple nothing (${PAGE_PARSE})`, async () => {
  const query = (
    kind: string,
  ): string => `datatable(s: string)["totalSlices=nonValidLongValue, sliceNumber=20)"]
    | parse kind=${kind} s with "totalSlices=" totalSlices: long ", sliceNumber=" sliceNumber: long ")" *
    | project totalSlices, sliceNumber`
  expect(await rowsOf(query('relaxed'))).toEqual([[null, 20]])
  expect(await rowsOf(query('simple'))).toEqual([[null, null]])
})

test(`parse kind=regex is greedy, and the flag U makes it lazy (${PAGE_PARSE})`, async () => {
  const query = (
    flags: string,
  ): string => `datatable(s: string)["(resourceName=a, totalSlices=27, sliceNumber=23"]
    | parse kind=regex ${flags} s with * "resourceName=" resourceName ',' * | project resourceName`
  expect(await rowsOf(query(''))).toEqual([['a, totalSlices=27']])
  expect(await rowsOf(query('flags=U'))).toEqual([['a']])
})

test('groups in a pattern of parse kind=regex are no columns', async () => {
  const query = `datatable(s: string)["a1b2"] | parse kind=regex s with @"(?P<x>a)(\\d)" y:string "(b)" z:long | project y, z`
  expect(await rowsOf(query)).toEqual([['', 2]])
})

test(`parse splits an address (${PAGE_PARSE})`, async () => {
  const query = `datatable(Contacts: string)["Event: LeadContact (email=john@contosohotel.com, Website=https:contosohotel.com)"]
    | parse Contacts with * "email=" alias: string "@" domain: string ", Website=https:" WebsiteDomain: string ")"
    | project alias, domain, WebsiteDomain`
  expect(await rowsOf(query)).toEqual([['john', 'contosohotel.com', 'contosohotel.com']])
})

test('a row whose predicate is null is left out', async () => {
  expect(await rowsOf('datatable(v: int)[5, int(null)] | where v > 3')).toEqual([[5]])
  expect(await rowsOf('datatable(v: int)[5, int(null)] | where v != 5')).toEqual([[null]])
})

test('expressions of one extend see the row as it was before', async () => {
  expect(await rowsOf('datatable(a: int, b: int)[1, 2] | extend a = b, b = a')).toEqual([[2, 1]])
})

test('summarize groups in the order of arrival and ignores nulls', async () => {
  const query = `datatable(k: string, v: int)["x", 1, "y", 2, "x", int(null), "x", 4]
    | summarize count(), sum(v), avg(v), min(v), max(v), dcount(v), make_list(v) by k`
  expect(await rowsOf(query)).toEqual([
    ['x', 3, 5, 2.5, 1, 4, 2, [1, 4]],
    ['y', 1, 2, 2, 2, 2, 1, [2]],
  ])
})

test('summarize over no rows gives the defaults, and with keys no row', async () => {
  const aggregates = 'count(), countif(v > 1), sum(v), avg(v), max(v), dcount(v), make_list(v), make_set(v)'
  expect(await rowsOf(`datatable(v: int)[] | summarize ${aggregates}`)).toEqual([
    [0, 0, 0, null, null, 0, [], []],
  ])
  expect(await rowsOf(`datatable(v: int)[] | summarize ${aggregates} by v`)).toEqual([])
})

test('aggregates combine in one expression', async () => {
  const query =
    'datatable(v: int)[1, 2, 3, 4] | summarize share = 100.0 * countif(v > 1) / count(), r = round(avg(v), 1)'
  expect(await rowsOf(query)).toEqual([[75, 2.5]])
})

test('percentiles take the nearest rank', async () => {
  const query = 'datatable(v: int)[15, 20, 35, 40, 50] | summarize percentiles(v, 5, 30, 40, 50, 100)'
  expect(await rowsOf(query)).toEqual([[15, 20, 20, 35, 50]])
})

test('arg_max brings the rest of its row, take_any any value that is there', async () => {
  const query = `datatable(k: string, t: datetime, s: string)["x", datetime(2020-01-01), "a", "x", datetime(2020-01-02), "b"]
    | summarize arg_max(t, *), n = count() by k`
  expect(await rowsOf(query)).toEqual([['x', '2020-01-02T00:00:00Z', 'b', 2]])
  expect(await rowsOf('datatable(s: string)["", "b"] | summarize take_any(s)')).toEqual([['b']])
})

test('nulls are sorted last when descending and first when ascending', async () => {
  const table = 'datatable(v: int)[3, 1, int(null), 2]'
  expect(await rowsOf(`${table} | sort by v`)).toEqual([[3], [2], [1], [null]])
  expect(await rowsOf(`${table} | sort by v asc`)).toEqual([[null], [1], [2], [3]])
  expect(await rowsOf(`${table} | sort by v asc nulls last`)).toEqual([[1], [2], [3], [null]])
  expect(await rowsOf(`${table} | top 2 by v`)).toEqual([[3], [2]])
})

test('count, distinct, take and bin go together', async () => {
  const rows = Array.from({ length: 100 }, (_, index) => ({
    TimeGenerated: `2026-11-23T10:00:${String(index % 60).padStart(2, '0')}Z`,
    Level: index % 3 === 0 ? 'error' : 'info',
  }))
  const columns = { TimeGenerated: 'datetime', Level: 'string' } as const
  expect(await rowsOf('T | count', columns, rows)).toEqual([[100]])
  expect(await rowsOf('T | distinct Level', columns, rows)).toEqual([['error'], ['info']])
  expect(await rowsOf('T | take 3 | count', columns, rows)).toEqual([[3]])
  expect(await rowsOf('T | summarize count() by bin(TimeGenerated, 30s)', columns, rows)).toEqual([
    ['2026-11-23T10:00:00Z', 60],
    ['2026-11-23T10:00:30Z', 40],
  ])
})

test('«*» searches every column', async () => {
  const columns = { a: 'string', n: 'int', d: 'dynamic' } as const
  const rows = [
    { a: 'time out', n: 1, d: {} },
    { a: '', n: 404, d: {} },
    { a: '', n: 2, d: { path: '/time' } },
  ]
  expect(await rowsOf('T | where * has "time" | count', columns, rows)).toEqual([[2]])
  expect(await rowsOf('T | where * has "404" | project n', columns, rows)).toEqual([[404]])
})

test('let names values, functions, lists and tables', async () => {
  const query = `let least = 2;
    let mark = (text: string, sign: string = "!") { strcat(text, sign) };
    let names = datatable(name: string)["b", "c"];
    let Chosen = datatable(name: string, n: int)["a", 1, "b", 2, "c", 3] | where name in (names);
    Chosen | where n >= least | project x = mark(name), y = mark(name, "?")`
  expect(await rowsOf(query)).toEqual([
    ['b!', 'b?'],
    ['c!', 'c?'],
  ])
})

test('values come out as they went in', async () => {
  const columns = {
    t: 'datetime',
    l: 'long',
    d: 'dynamic',
    b: 'boolean',
    g: 'guid',
    s: 'string',
    r: 'real',
  } as const
  const row = {
    t: '2026-11-23T10:00:00.1234567Z',
    l: 9007199254740993n,
    d: { list: [1, 'two', null] },
    b: true,
    g: 'text of a guid column',
    s: '',
    r: 0.1,
  }
  expect(await rowsOf('T', columns, [row])).toEqual([Object.values(row)])
})
