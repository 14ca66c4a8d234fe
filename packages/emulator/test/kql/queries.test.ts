import { expect, test } from 'vitest'

import { compileQuery } from '../../src/kql/index.ts'
import { columnsOf, rowsOf } from './run-query.ts'

const DECLARED = {
  TimeGenerated: 'datetime',
  s: 'string',
  l: 'long',
  r: 'real',
  d: 'dynamic',
  g: 'guid',
} as const

const ROWS = [
  {
    TimeGenerated: '2026-11-20T10:00:00Z',
    s: 'b',
    l: 2,
    r: 1.5,
    d: { k: [1, 2] },
    g: '70fc66f7-8323-4479-8f6d-2c72a57a3aca',
  },
  { TimeGenerated: '2026-11-21T10:00:00Z', s: 'a', l: 1, r: null, d: { k: [3] }, g: '' },
  { TimeGenerated: '2026-11-21T11:00:00Z', s: 'a', l: 3, r: 0.5, d: null, g: null },
]

async function rowsOfT(query: string): Promise<readonly (readonly unknown[])[]> {
  return rowsOf(query, DECLARED, ROWS)
}

function columnsOfT(query: string): readonly string[] {
  return compileQuery(query, new Map([['T', columnsOf(DECLARED)]])).columns.map(({ name }) => name)
}

test.each<readonly [query: string, rows: readonly (readonly unknown[])[]]>([
  ['T | sort by l asc | project l', [[1], [2], [3]]],
  [
    'T | sort by s asc, l desc | project s, l',
    [
      ['a', 3],
      ['a', 1],
      ['b', 2],
    ],
  ],
  ['T | sort by s asc, s desc | project s', [['a'], ['a'], ['b']]],
  ['T | sort by r asc nulls last | project r', [[0.5], [1.5], [null]]],
  ['T | sort by r desc nulls first | project r', [[null], [1.5], [0.5]]],
  ['T | top 1 by l | project l', [[3]]],
  ['T | take 0', []],
  ['T | where isempty(g) | project l', [[1], [3]]],
  ['T | distinct s | sort by s asc', [['a'], ['b']]],
  [
    'T | summarize sum(l) by s | sort by s asc',
    [
      ['a', 4],
      ['b', 2],
    ],
  ],
  [
    'T | summarize count() by bin(TimeGenerated, 1d)',
    [
      ['2026-11-20T00:00:00Z', 1],
      ['2026-11-21T00:00:00Z', 2],
    ],
  ],
  ['T | summarize sum(l) + 1, -max(l)', [[7, -3]]],
  ['T | summarize make_list(l)[0]', [[2]]],
  ['T | summarize make_bag(d).k', [[[3]]]],
  ['T | summarize max(l) in (3, 4), max(l) between (1 .. 2)', [[true, false]]],
  ['T | summarize arg_max(l, s)', [[3, 'a']]],
  ['T | summarize arg_min(l + 0, s, l)', [[1, 'a', 1]]],
  ['T | summarize hi = arg_max(l, s)', [[3, 'a']]],
  ['T | summarize arg_max(r, s)', [[1.5, 'b']]],
  ['T | summarize p = percentile(l, 50), percentile(l + 0, 99.9)', [[2, 3]]],
  ['T | extend x = l, l = l + 1 | project x, l | take 1', [[2, 3]]],
  ['T | project-reorder s, l desc | take 1 | project s', [['b']]],
  ['let f = (x: long, y: long = 10) { x + y }; print f(1), f(1, 2)', [[11, 3]]],
  ['let n = 5; print n * 2', [[10]]],
  ['let U = T | where l > 1; U | count', [[2]]],
  [
    'datatable(a: long, b: string)[1, "x", 2, "y",]',
    [
      [1, 'x'],
      [2, 'y'],
    ],
  ],
  ['datatable(a: string, d: dynamic)["", dynamic(null)]', [['', null]]],
  ['print x = h@"secret\\path"', [['secret\\path']]],
  ['print x = ~~~a"b~~~', [['a"b']]],
  ["print x = 'it''s'", [['its']]],
  ["print x = @'it''s'", [["it's"]]],
  ['datatable(s: string)["a=1;b=x"] | parse s with "a=" a: long ";b=" b | project a, b', [[1, 'x']]],
  ['datatable(s: string)["a=1", "nothing"] | parse-where s with "a=" a: long | project a', [[1]]],
  ['T | where * has "b" | project l', [[2]]],
])('%s', async (query, rows) => {
  expect(await rowsOfT(query)).toEqual(rows)
})

test.each<readonly [query: string, names: readonly string[]]>([
  ['T | project-away l, r*', ['TimeGenerated', 's', 'd', 'g']],
  ['T | project-keep *e*', ['TimeGenerated']],
  ['T | project-keep T*e*d', ['TimeGenerated']],
  ['T | project-reorder * desc', ['TimeGenerated', 's', 'r', 'l', 'g', 'd']],
  ['T | project-reorder * asc', ['d', 'g', 'l', 'r', 's', 'TimeGenerated']],
  ["T | project-rename text = s | project-keep ['text']", ['text']],
  ['T | summarize count(), dcount(s), make_list(l)', ['count_', 'dcount_s', 'list_l']],
  ['T | summarize arg_max(l, *)', ['l', 'TimeGenerated', 's', 'r', 'd', 'g']],
  ['T | summarize arg_max(l + 1, s), take_any(*)', ['max_', 's', 'TimeGenerated', 's1', 'l', 'r', 'd', 'g']],
  ['T | summarize arg_min(l + 1, s)', ['min_', 's']],
  ['T | summarize percentile(l, 99.9), percentile(l + 1, 5)', ['percentile_l_99_9', 'percentile__5']],
  ['print 1, a = 2, "x"', ['print_0', 'a', 'print_2']],
  ['T | project d.k, l + 1', ['d_k', 'Column1']],
])('%s has the columns %j', (query, names) => {
  expect(columnsOfT(query)).toEqual(names)
})

test('render says how the rows are to be shown, and changes nothing', () => {
  const tables = new Map([['T', columnsOf(DECLARED)]])
  expect(compileQuery('T | render timechart with (title="x", ycolumns=l, r)', tables).columns).toHaveLength(6)
})

test.each<readonly [query: string, code: string]>([
  ['let f = (x: decimal) { x }; print f(1)', 'UnsupportedLocally'],
  ['let f = (x: nosuch) { x }; print f(1)', 'Syntax'],
  ['let f = (t: (a: int)) { 1 }; print f(1)', 'UnsupportedLocally'],
  ['let f = (x: long) { x }; print f(1, 2)', 'Semantic'],
  ['let f = (x: long) { x }; print f()', 'Semantic'],
  ['let f = () { 1 }; print f', 'Semantic'],
  ['let U = T; print U', 'Semantic'],
  ['let n = 1; let n = 2; print n', 'Semantic'],
  ['(T | take 1)', 'UnsupportedLocally'],
  ['print 1 ¤ 2', 'Syntax'],
  ['print 5zz', 'Syntax'],
  ['print 0x1h', 'Syntax'],
  ['print "unclosed', 'Syntax'],
  ["print @'unclosed", 'Syntax'],
  ['print ```unclosed', 'Syntax'],
  ['print "a\\q"', 'Syntax'],
  ['print "a\\', 'Syntax'],
  ['print 99999999999999999999', 'Syntax'],
  ['print bool(x)', 'Syntax'],
  ['print int(x)', 'Syntax'],
  ['print int(4294967296)', 'Syntax'],
  ['print long(99999999999999999999)', 'Syntax'],
  ['print real(x)', 'Syntax'],
  ['print guid(x)', 'Syntax'],
  ['print decimal(1)', 'UnsupportedLocally'],
  ['print dynamic([x])', 'Syntax'],
  ['print dynamic({a: 1})', 'Syntax'],
  ['print dynamic([1', 'Syntax'],
  ['print typeof(nosuch)', 'UnsupportedLocally'],
  ['T | project [1]', 'Syntax'],
  ['T | project a = l, a = r', 'Semantic'],
  ['T | project-rename s = l', 'Semantic'],
  ['T | project-rename x = nosuch', 'Semantic'],
  ['T | project-rename x = l, x = r', 'Semantic'],
  ['T | project-away nosuch*', 'Semantic'],
  ['T | project-keep a*b*c', 'Semantic'],
  ['T | where S == "a"', 'Semantic'],
  ['T | where nosuch == "a"', 'Semantic'],
  ['T | where * == "a"', 'UnsupportedLocally'],
  ['T | where nosuch(l)', 'Semantic'],
  ['T | where l has "a"', 'Semantic'],
  ['T | where l in ("a")', 'Semantic'],
  ['T | where l has_any ("a")', 'Semantic'],
  ['T | where s has_any (1)', 'Semantic'],
  ['T | where extract("a", "b", s) == ""', 'Semantic'],
  ['T | where isnotempty(extract_all(s, s))', 'Semantic'],
  ['T | where isnotempty(extract_all("a", s))', 'Semantic'],
  ['T | where case(true, 1) == 1', 'Semantic'],
  ['T | where max_of(d, d) == 1', 'Semantic'],
  ['T | where datetime_part("nosuch", TimeGenerated) == 1', 'Semantic'],
  ['T | where rand(-1) == 0', 'Semantic'],
  ['T | parse kind=odd s with "a"', 'Syntax'],
  ['T | parse s with', 'Syntax'],
  ['T | parse s with "a" x "b" x', 'Semantic'],
  ['T | render timechart with (title="x"', 'Syntax'],
  ['T | take -1', 'Semantic'],
  ['T | take 1.5', 'Semantic'],
  ['T | mv-expand d', 'UnsupportedLocally'],
  ['datatable(a: string)[1]', 'Semantic'],
  [`print ${'('.repeat(2000)}1${')'.repeat(2000)}`, 'LimitExceeded'],
  [`print "${'x'.repeat(2_000_000)}"`, 'LimitExceeded'],
])('%#: refused, and it is said why', async (query, code) => {
  await expect(rowsOfT(query)).rejects.toMatchObject({ name: 'KqlError', code })
})

test.each([`print extract("${'(a|b)'.repeat(3000)}", 0, "ab")`])(
  '%#: what grows without bound is stopped',
  async (query) => {
    await expect(rowsOfT(query)).rejects.toMatchObject({ name: 'KqlError' })
  },
)
