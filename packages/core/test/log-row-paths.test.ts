import { expect, test } from 'vitest'

import { createRowMapper } from '../src/log-row.ts'
import { createPacker, halve, packAlone, rowText } from '../src/packer.ts'

function rowWith(path: string, properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return createRowMapper({ columns: { Promoted: path } })({
    level: 'info',
    severity: 9,
    message: 'm',
    properties,
  })
}

test.each([
  ['there is nothing at the path', 'a.b', { a: { c: 1 } }],
  ['the path leads through a text', 'a.b', { a: 'text' }],
  ['the path leads through null', 'a.b', { a: null }],
  ['the path leads through an array', 'a.0', { a: [1] }],
  ['the value is undefined', 'a', { a: undefined, b: 1 }],
  ['the name is that of a prototype', 'toString', { b: 1 }],
])('where %s, no column is filled and Properties stay as they are', (_what, path, properties) => {
  const row = rowWith(path, properties)
  expect('Promoted' in row).toBe(false)
  expect(row['Properties']).toBe(properties)
})

test.each([null, false, 0, '', [1], { c: 1 }])('the value %j at a path fills its column', (value) => {
  const row = rowWith('a.b', { a: { b: value, rest: 1 } })
  expect(row).toMatchObject({ Promoted: value, Properties: { a: { rest: 1 } } })
})

test('with the last value gone, the objects on its way and Properties go too', () => {
  const row = rowWith('a.b.c', { a: { b: { c: 1 } } })
  expect(row['Promoted']).toBe(1)
  for (const bare of [row, rowWith('a', {})]) expect(bare).not.toHaveProperty('Properties')
})

test('an error that is null is none', () => {
  const row = createRowMapper()({ level: 'info', severity: 9, message: 'm', error: null })
  for (const column of ['ErrorType', 'ErrorMessage', 'ErrorStack']) expect(row).not.toHaveProperty(column)
})

test('a row alone is an array of one, and may be released like any other', () => {
  const packed = packAlone('{"é":1}')
  packed.release()
  expect(packed.bytes.toString()).toBe('[{"é":1}]')
  expect(rowText(packed, 0)).toBe('{"é":1}')
})

test('a packet that fills half its buffer keeps it until it is released, a smaller one gives it back at once', () => {
  const given: Buffer[] = []
  const packer = createPacker(20, { take: () => Buffer.alloc(20), give: (buffer) => void given.push(buffer) })
  packer.add('{"a":12}')
  const half = packer.seal()
  expect([half?.bytes.length, given.length]).toEqual([10, 0])
  half?.release()
  expect(given).toHaveLength(1)
  packer.add('{"a":1}')
  expect(packer.seal()?.bytes.toString()).toBe('[{"a":1}]')
  expect(given).toHaveLength(2)
})

test('a limit that is lowered holds for the open packet too, and cannot be raised over that of the buffers', () => {
  const packer = createPacker(100)
  packer.limit = 1000
  expect(packer.limit).toBe(100)
  packer.add('{"a":1}')
  packer.limit = 10
  expect(packer.add('{"b":2}').map(({ bytes }) => bytes.toString())).toEqual(['[{"a":1}]'])
  expect(packer.add(Buffer.from('{"c":123456}')).map(({ bytes }) => bytes.toString())).toEqual([
    '[{"b":2}]',
    '[{"c":123456}]',
  ])
  expect([packer.openRows, packer.openBytes, packer.seal()]).toEqual([0, 0, undefined])
})

test('of three rows the first half has two', () => {
  const packed = packAlone('{"a":1},{"b":2},{"c":3}')
  const halves = halve({ ...packed, offsets: [1, 9, 17] })
  expect(halves.map(({ bytes, offsets }) => [bytes.toString(), offsets])).toEqual([
    ['[{"a":1},{"b":2}]', [1, 9]],
    ['[{"c":3}]', [1]],
  ])
  for (const half of halves) half.release()
})
