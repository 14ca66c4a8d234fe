import { expect, test } from 'vitest'

import { createRowFitter, schemaProblems } from '../src/row-schema.ts'
import type { ColumnType } from '../src/row-schema.ts'

function fit(value: unknown, type: ColumnType): unknown {
  return createRowFitter({ columns: [{ name: 'C', type }] })({ C: value }).row['C']
}

test.each<[unknown, ColumnType, unknown]>([
  ['text', 'string', 'text'],
  [5, 'string', '5'],
  [12n, 'string', '12'],
  [{ a: 1 }, 'string', '{"a":1}'],
  [new Date(0), 'string', '1970-01-01T00:00:00.000Z'],
  ['6f9619ff-8b86-d011-b42d-00c04fc964ff', 'guid', '6f9619ff-8b86-d011-b42d-00c04fc964ff'],
  [42, 'int', 42],
  ['42', 'int', 42],
  [2 ** 31, 'int', undefined],
  [1.5, 'int', undefined],
  ['4 2', 'int', undefined],
  [true, 'int', undefined],
  [2 ** 31, 'long', 2 ** 31],
  [9007199254740993n, 'long', '9007199254740993'],
  ['9223372036854775807', 'long', '9223372036854775807'],
  ['9223372036854775808', 'long', undefined],
  [12n, 'long', 12],
  [1.5, 'real', 1.5],
  ['1.5e3', 'real', 1500],
  [Number.NaN, 'real', undefined],
  ['', 'real', undefined],
  [true, 'boolean', true],
  ['false', 'boolean', false],
  ['yes', 'boolean', undefined],
  [1, 'boolean', undefined],
  ['2026-11-22T10:00:00.1234567Z', 'datetime', '2026-11-22T10:00:00.1234567Z'],
  [new Date(0), 'datetime', '1970-01-01T00:00:00.000Z'],
  [new Date(Number.NaN), 'datetime', undefined],
  [1_700_000_000_000, 'datetime', '2023-11-14T22:13:20.000Z'],
  [5, 'datetime', undefined],
  ['22.11.2026', 'datetime', undefined],
  [{ a: [1] }, 'dynamic', { a: [1] }],
])('%o as %s is %o', (value, type, expected) => {
  expect(fit(value, type)).toEqual(expected)
})

test('what has no column and what does not fit its column stays in Properties', () => {
  const fitter = createRowFitter({
    columns: [
      { name: 'Status', type: 'int' },
      { name: 'Properties', type: 'dynamic' },
    ],
  })
  expect(fitter({ Status: 'teapot', Extra: 1, Nothing: null, Properties: { kept: true } })).toEqual({
    row: { Properties: { kept: true, Extra: 1, __raw: { Status: 'teapot' } } },
    lost: [],
  })
})

test('without a Properties column the names of what is lost are told', () => {
  const fitter = createRowFitter({ columns: [{ name: 'Status', type: 'int' }] })
  expect(fitter({ Status: 'teapot', Extra: 1 })).toEqual({ row: {}, lost: ['Status', 'Extra'] })
})

test.each([
  [undefined, /schema has no columns/],
  [{ columns: [{ type: 'int' }] }, /columns\[0\] has no name/],
  [{ columns: [{ name: 'A', type: 'number' }] }, /\(A\) has the type "number"/],
])('schema %j is refused', (schema, problem) => {
  expect(schemaProblems(schema).join()).toMatch(problem)
})
