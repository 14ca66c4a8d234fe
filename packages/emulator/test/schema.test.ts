import { expect, test } from 'vitest'

import { defaultSchema } from '../src/lock-file.ts'
import { readSchema } from '../src/read-schema.ts'

const lockFile = {
  version: 1,
  table: 'Orders_CL',
  stream: 'Custom-Orders_CL',
  plan: 'Auxiliary',
  transformKql: 'source',
  hash: 'sha256:0',
  columns: [
    { name: 'TimeGenerated', type: 'datetime', from: ['time', 'timestamp'] },
    { name: 'Amount', type: 'real', seen: 0.41 },
    { name: 'Rest', type: 'dynamic', rest: true },
  ],
}

test('a lock file is read as it is', () => {
  const columns = [
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'Amount', type: 'real' },
    { name: 'Rest', type: 'dynamic' },
  ]
  const table = { name: 'Orders_CL', plan: 'Auxiliary', columns }
  expect(readSchema(lockFile)).toEqual({
    rules: [
      {
        name: 'azlogs',
        ruleId: 'dcr-0123456789abcdef0123456789abcdef',
        streams: [{ name: 'Custom-Orders_CL', columns, flows: [{ table, transformKql: 'source' }] }],
      },
    ],
    tables: [table],
    warnings: [],
  })
})

test('several tables are read in their order', () => {
  expect(readSchema([lockFile, defaultSchema]).tables.map((table) => table.name)).toEqual([
    'Orders_CL',
    'AppLogs_CL',
  ])
})

test('every problem is listed in one error', () => {
  const broken = {
    table: 'my table',
    stream: 'Orders_CL',
    plan: 'Premium',
    columns: [
      { name: 'Amount', type: 'money' },
      { name: '1st', type: 'int' },
      { name: 'Twice', type: 'int' },
      { name: 'Twice', type: 'int' },
    ],
  }
  const read = () => readSchema(broken)
  expect(read).toThrow(TypeError)
  for (const part of ['"my table"', '"Orders_CL"', 'Premium', 'money', '"1st"', 'Twice', 'TimeGenerated']) {
    expect(read).toThrow(part)
  }
})

test.each([null, 'schema', [], [42], {}, { ...lockFile, columns: null }, { ...lockFile, columns: [null] }])(
  '%j is no schema',
  (input) => {
    expect(() => readSchema(input)).toThrow(TypeError)
  },
)

test('a table or a stream that is declared twice is a mistake', () => {
  expect(() => readSchema([lockFile, lockFile])).toThrow(
    /table "Orders_CL" .* twice[^]*stream "Custom-Orders_CL" .* twice/,
  )
})
