import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { readSchema } from '../src/read-schema.ts'
import { createStore } from '../src/store.ts'
import type { Store } from '../src/store.ts'
import { finish, spawnNode } from './run-node.ts'

const time = '2026-11-22T12:00:00.1234567Z'
let directory: string
let file: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azlogs-test-'))
  file = join(directory, 'rows.db')
})
afterEach(() => rm(directory, { recursive: true }))

function openStore(database: string, columns: Readonly<Record<string, string>>): Store {
  const declared = Object.entries({ TimeGenerated: 'datetime', ...columns })
  const schema = {
    table: 'T_CL',
    stream: 'Custom-T_CL',
    columns: declared.map(([name, type]) => ({ name, type })),
  }
  return createStore(readSchema(schema).tables, database)
}

test('values come back in the types of their columns', () => {
  const store = openStore(':memory:', {
    Text: 'string',
    Digits: 'string',
    Int: 'int',
    Long: 'long',
    Huge: 'long',
    Real: 'real',
    Yes: 'boolean',
    Dynamic: 'dynamic',
  })
  store.insert('T_CL', [
    [time, 'text', '007', 1, 2, 9223372036854775807n, 1.5, 1, '{"a":["1"]}'],
    [time, '', '', null, null, null, null, null, null],
    [time, '', '', 0, 0, -9223372036854775808n, 3, 0, '"12"'],
  ])
  expect(store.rows('T_CL')).toStrictEqual([
    {
      TimeGenerated: time,
      Text: 'text',
      Digits: '007',
      Int: 1,
      Long: 2,
      Huge: 9223372036854775807n,
      Real: 1.5,
      Yes: true,
      Dynamic: { a: ['1'] },
    },
    {
      TimeGenerated: time,
      Text: '',
      Digits: '',
      Int: null,
      Long: null,
      Huge: null,
      Real: null,
      Yes: null,
      Dynamic: null,
    },
    {
      TimeGenerated: time,
      Text: '',
      Digits: '',
      Int: 0,
      Long: 0,
      Huge: -9223372036854775808n,
      Real: 3,
      Yes: false,
      Dynamic: '12',
    },
  ])
  store.close()
})

test('columns that differ by case only are two columns', () => {
  const store = openStore(':memory:', { level: 'string', Level: 'int' })
  store.insert('T_CL', [[time, 'info', 9]])
  expect(store.rows('T_CL')).toStrictEqual([{ TimeGenerated: time, level: 'info', Level: 9 }])
  store.close()
})

test('a row that cannot be stored takes its whole request back', () => {
  const store = openStore(':memory:', {})
  expect(() => store.insert('T_CL', [[time], [time, 'one value too many']])).toThrow()
  expect(store.rows('T_CL')).toEqual([])
  expect(store.count('T_CL')).toBe(0)
  store.insert('T_CL', [[time]])
  expect(store.count('T_CL')).toBe(1)
  store.close()
})

test('a file keeps rows in their order, and takes new columns', () => {
  const first = openStore(file, { Text: 'string' })
  first.insert('T_CL', [
    [time, 'b'],
    [time, 'a'],
  ])
  first.close()
  const second = openStore(file, { Text: 'string', Added: 'string', Number: 'int' })
  expect(second.count('T_CL')).toBe(2)
  second.insert('T_CL', [[time, 'c', 'new', 1]])
  expect(second.rows('T_CL')).toStrictEqual([
    { TimeGenerated: time, Text: 'b', Added: '', Number: null },
    { TimeGenerated: time, Text: 'a', Added: '', Number: null },
    { TimeGenerated: time, Text: 'c', Added: 'new', Number: 1 },
  ])
  second.clear()
  expect(second.count('T_CL')).toBe(0)
  second.close()
})

test('a file whose column has another type is refused', () => {
  openStore(file, { Value: 'string' }).close()
  expect(() => openStore(file, { Value: 'dynamic' })).toThrow(/T_CL.Value as TEXT_string.*TEXT_dynamic/)
  openStore(file, { Value: 'string' }).close()
})

test('a table that is not in the schema is named, with those that are', () => {
  const store = openStore(':memory:', {})
  expect(() => store.rows('Other_CL')).toThrow(/"Other_CL".*T_CL/)
  store.close()
})

test('loading SQLite warns of nothing, and leaves other warnings alone', async () => {
  const child = spawnNode(new URL('fixtures/warnings.ts', import.meta.url), [])
  const { code, stderr } = await finish(child)
  expect(code).toBe(0)
  expect(stderr).not.toContain('SQLite')
  expect(stderr).toContain('MyWarning: still heard')
})

test('a part of the columns can be read, or none of them', () => {
  const store = openStore(':memory:', { Text: 'string', Count: 'long' })
  store.insert('T_CL', [
    [time, 'a', 1],
    [time, 'b', 2],
  ])
  expect(store.rowsAfter('T_CL', 0, 10, ['Count', 'nope'])).toEqual([
    { id: 1, row: { Count: 1 } },
    { id: 2, row: { Count: 2 } },
  ])
  expect(store.rowsAfter('T_CL', 1, 10, [])).toEqual([{ id: 2, row: {} }])
  expect(store.rowsAfter('T_CL', 0, 1)).toEqual([
    { id: 1, row: { TimeGenerated: time, Text: 'a', Count: 1 } },
  ])
  store.close()
})
