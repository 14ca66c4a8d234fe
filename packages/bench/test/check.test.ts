import { gzipSync } from 'node:zlib'

import { expect, test } from 'vitest'

import { recordOf } from '../src/load/records.ts'
import { rowOf } from '../src/load/rows.ts'
import { check } from '../src/receiver/check.ts'
import type { Checked } from '../src/receiver/check.ts'
import { serviceOf } from '../src/receiver/services.ts'
import type { Upload } from '../src/receiver/services.ts'

const AZURE = serviceOf('/dataCollectionRules/dcr-1/streams/Custom-Bench_CL')
const COUNT = 100

function bodyOf(records: readonly unknown[]): Upload {
  return { service: AZURE, gzipped: true, body: gzipSync(JSON.stringify(records)) }
}

function rows(...numbers: readonly number[]): readonly object[] {
  return numbers.map(rowOf)
}

function checkRows(...bodies: readonly (readonly unknown[])[]): Checked {
  return check(bodies.map(bodyOf), { load: 'rows', count: COUNT })
}

const ALL = rows(...Array.from({ length: COUNT }, (_row, number) => number))

test('rows that came as they were made are all there, in whatever order and bodies', () => {
  const { requests, records, missing, repeated, damaged, others } = checkRows(
    ALL.slice(60).toReversed(),
    ALL.slice(0, 60),
  )
  expect({ requests, records, missing, repeated, damaged, others }).toEqual({
    requests: 2,
    records: COUNT,
    missing: 0,
    repeated: 0,
    damaged: 0,
    others: 0,
  })
})

test('a row that did not come is missing', () => {
  expect(checkRows(ALL.toSpliced(41, 1))).toMatchObject({ missing: 1, repeated: 0, damaged: 0 })
})

test('a row that came twice is repeated', () => {
  expect(checkRows(ALL, rows(41))).toMatchObject({ missing: 0, repeated: 1, damaged: 0 })
})

test.each([
  ['a column that says something else', { ...rowOf(41), Message: 'request handled in 0 ms, or so' }],
  ['a column too many', { ...rowOf(41), Colour: 'red' }],
  ['a nested value that says something else', { ...rowOf(41), Properties: { path: '/cart' } }],
  ['the number of another', { ...rowOf(41), Number: 42.5 }],
  ['no object', 'row 41'],
])('a row with %s is damaged, and does not count as having come', (_damage, row) => {
  expect(checkRows(ALL.with(41, row as object))).toMatchObject({ missing: 1, damaged: 1 })
})

test('a row that nobody sent is damaged', () => {
  expect(checkRows([...ALL, rowOf(COUNT)])).toMatchObject({ missing: 0, damaged: 1 })
})

test('a body that cannot be read is damaged, and the others are still read', () => {
  const torn = { service: AZURE, gzipped: true, body: gzipSync('[{"Number":1}]').subarray(0, 20) }
  const checked = check([torn, bodyOf(ALL)], { load: 'rows', count: COUNT })
  expect(checked).toMatchObject({ requests: 2, missing: 0, damaged: 1 })
})

test.each(['beside the message', 'Properties', 'fields'])('a record has its fields %s', (place) => {
  const { message, fields } = recordOf(0)
  const record =
    place === 'beside the message' ? { msg: message, ...fields } : { Message: message, [place]: fields }
  expect(check([bodyOf([record])], { load: 'records', count: 1 })).toMatchObject({ missing: 0, damaged: 0 })
})

test.each([
  ['another message', { Message: 'something else', Properties: recordOf(0).fields }],
  ['a field less', { Message: recordOf(0).message, Properties: { sequence: 0 } }],
])('a record with %s is damaged', (_damage, record) => {
  expect(check([bodyOf([record])], { load: 'records', count: 1 })).toMatchObject({ missing: 1, damaged: 1 })
})

test('what has no number may come beside the load only where that is expected', () => {
  const bodies = [bodyOf([...ALL, { Message: 'incoming request' }])]
  expect(check(bodies, { load: 'rows', count: COUNT })).toMatchObject({ damaged: 1, others: 0 })
  expect(check(bodies, { load: 'rows', count: COUNT, othersMayCome: true })).toMatchObject({
    missing: 0,
    damaged: 0,
    others: 1,
  })
})

test('a damaged row is none of the others', () => {
  const bodies = [bodyOf(ALL.with(3, { ...rowOf(3), Message: '' }))]
  expect(check(bodies, { load: 'rows', count: COUNT, othersMayCome: true })).toMatchObject({
    damaged: 1,
    others: 0,
  })
})
