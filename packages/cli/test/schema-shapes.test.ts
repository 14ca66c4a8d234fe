import { expect, test } from 'vitest'

import { columnData, columnLines } from '../src/init/show-columns.ts'
import { lockOf } from '../src/schema/lock-of-proposal.ts'
import { createSchemaInference } from '../src/schema/proposal.ts'
import type { Proposal, ProposedColumn } from '../src/schema/proposal.ts'

function proposalOf(rows: readonly Readonly<Record<string, unknown>>[]): Proposal {
  const inference = createSchemaInference()
  for (const row of rows) inference.add({ TimeGenerated: '2026-01-01T00:00:00Z', ...row })
  return inference.propose()
}

function columnsOf(...properties: readonly object[]): readonly ProposedColumn[] {
  return proposalOf(properties.map((Properties) => ({ Properties }))).columns.filter(
    ({ path }) => path !== undefined,
  )
}

test('a column that the application fills itself keeps its name, where Azure takes it', () => {
  const { columns } = proposalOf([{ OrderId: 5, TenantId: 'x', 'a b': 1 }])
  const own = columns.filter(({ direct }) => direct === true)
  expect(own.map(({ path, name }) => [path, name])).toEqual([
    ['OrderId', 'OrderId'],
    ['TenantId', 'AppTenantId'],
    ['a b', 'AB'],
  ])
  expect(lockOf(own, { table: 'AppLogs_CL' }).columns[0]).toEqual({ name: 'OrderId', type: 'long', seen: 1 })
})

test('of no rows there are the columns of every row, seen in none', () => {
  const { rows, columns } = proposalOf([])
  expect(rows).toBe(0)
  expect(new Set(columns.map(({ seen }) => seen))).toEqual(new Set([0]))
})

test('an object that holds nothing but null has no column', () => {
  expect(columnsOf({ order: { id: null } })).toEqual([])
})

test('of an object the members that are null count for nothing', () => {
  expect(columnsOf({ order: { id: 1, note: null } }).map(({ path }) => path)).toEqual(['order.id'])
})

test.each([
  ['a key with a dot in it', { order: { 'a.b': 1 } }],
  ['an object inside that has one', { order: { inner: { 'a.b': 1 } } }],
])('%s keeps an object whole', (_what, row) => {
  expect(columnsOf(row)).toMatchObject([{ path: 'order', type: 'dynamic' }])
})

test('a member that is sometimes an object and sometimes not keeps its object whole', () => {
  expect(columnsOf({ order: { a: { b: 1 } } }, { order: { a: 1 } })).toMatchObject([
    { path: 'order', type: 'dynamic' },
  ])
})

test('objects inside objects have an end', () => {
  let deep: object = { end: 1 }
  for (let depth = 0; depth < 50; depth += 1) deep = { deep }
  expect(columnsOf({ order: deep })).toMatchObject([{ path: 'order', type: 'dynamic' }])
})

test('very many keys are cut off, and that is said', () => {
  const row = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, 1]))
  expect(proposalOf([{ Properties: row }]).warnings).toEqual([
    expect.stringMatching(/^more than \d+ keys: those seen first are shown/),
  ])
})

test('on the screen a rare column is below a percent, a large integer has its digits, and a secret is hidden', () => {
  const rare: ProposedColumn = {
    name: 'Id',
    type: 'string',
    path: 'id',
    promoted: false,
    seen: 0.001,
    sample: 12345678901234567890n,
    reason: 'rare',
    warnings: ['odd'],
  }
  expect(columnLines([rare, { ...rare, path: 'apiKey', sample: { deep: 1n } }])).toEqual(
    [
      '   column             type    seen  sample                why',
      '-  Properties.id      string  <1%   "12345678901234567890"  rare',
      '-  Properties.apiKey  string  <1%   ***                   rare',
      '! id: odd',
      '! apiKey: odd',
    ].map((line) => expect.stringContaining(line.slice(0, 30)) as unknown),
  )
  expect(columnData(rare)).toMatchObject({ sample: '12345678901234567890' })
  expect(columnData({ ...rare, path: 'apiKey' })).toMatchObject({ sample: '***' })
  expect(columnData({ ...rare, sample: 'text' })).toMatchObject({ sample: 'text' })
  expect(columnData({ ...rare, name: 'RecordId' })).not.toHaveProperty('sample')
})
