import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { checkPattern, matches, matchingColumns, showValue } from '../src/row-match.ts'

const ROW = {
  TimeGenerated: '2026-11-23T10:00:00.1234567Z',
  Message: 'order placed',
  ProcessId: 7,
  TraceId: '',
  Duration: null,
  Properties: { order: { id: 912, lines: [{ sku: 'a' }, { sku: 'b' }] }, tags: ['x'] },
}

test.each([
  ['no column', {}],
  ['a primitive', { Message: 'order placed', ProcessId: 7 }],
  ['an empty column', { Duration: null, TraceId: '' }],
  ['a part of an object, in depth', { Properties: { order: { id: 912 } } }],
  ['an array, element by element', { Properties: { order: { lines: [{}, { sku: 'b' }] } } }],
  ['a regular expression', { Message: /placed$/ }],
  ['the same regular expression used twice', { Message: /order/g }],
  ['a date of the same millisecond', { TimeGenerated: new Date('2026-11-23T10:00:00.123Z') }],
  ['a function', { ProcessId: (value: unknown) => typeof value === 'number' && value > 6 }],
  ['asymmetric matchers', { Message: expect.stringContaining('placed'), ProcessId: expect.any(Number) }],
  ['asymmetric matchers in depth', { Properties: { order: expect.objectContaining({ id: 912 }) } }],
  ['an object without a prototype', { Properties: Object.assign(Object.create(null), { tags: ['x'] }) }],
])('a row is matched by %s', (_name, pattern) => {
  expect(matches(pattern, ROW)).toBe(true)
  expect(matches(pattern, ROW)).toBe(true)
})

test.each([
  ['another value', { Message: 'order' }],
  ['another type', { ProcessId: '7' }],
  ['a column that is not there', { message: 'order placed' }],
  ['a method that every object inherits', { toString: (value: unknown) => typeof value === 'function' }],
  ['null instead of an empty text', { TraceId: null }],
  ['a shorter array', { Properties: { tags: [] } }],
  ['an array for an object', { Properties: [] }],
  ['an object for an array', { Properties: { tags: {} } }],
  ['an object for null', { Duration: {} }],
  ['a regular expression against a number', { ProcessId: /7/ }],
  ['another date', { TimeGenerated: new Date('2026-11-23T10:00:00.124Z') }],
  ['a date against null', { Duration: new Date(0) }],
  ['an asymmetric matcher that says no', { Message: expect.stringContaining('refused') }],
  ['a function that says no', { ProcessId: () => 0 }],
])('a row is not matched by %s', (_name, pattern) => {
  expect(matches(pattern, ROW)).toBe(false)
})

const jsonObject = fc.dictionary(
  fc.string().filter((name) => name !== '__proto__'),
  fc.jsonValue(),
)

test('every part of a JSON object matches it, and every changed member does not', () => {
  fc.assert(
    fc.property(jsonObject, fc.array(fc.boolean()), (row, kept) => {
      const part = Object.fromEntries(Object.entries(row).filter((_entry, index) => kept[index] === true))
      expect(matches(part, structuredClone(row))).toBe(true)
      expect(matchingColumns(part, row)).toBe(Object.keys(part).length)
      for (const name of Object.keys(part)) {
        expect(matches({ ...part, [name]: Symbol('other') }, row)).toBe(false)
      }
    }),
  )
})

test('a pattern that no row can match is a mistake and says where', () => {
  expect(() => checkPattern({ Message: undefined })).toThrow('Message is undefined')
  expect(() => checkPattern({ Properties: { list: [{ id: undefined }] } })).toThrow('Properties.list.0.id is')
  for (const pattern of [undefined, null, 'order placed', 3, ['a'], /a/, new Date()]) {
    expect(() => checkPattern(pattern)).toThrow('an object of columns')
  }
  expect(() => checkPattern({ Duration: null, Message: expect.anything() })).not.toThrow()
})

test('values are shown on one line, matchers by their names', () => {
  expect(
    showValue({ Message: expect.stringContaining('x'), Properties: { list: [expect.any(Number)] } }),
  ).toBe("{ Message: StringContaining('x'), Properties: { list: [ Any<Number> ] } }")
  expect(showValue('x'.repeat(1_000)).length).toBeLessThan(300)
  expect(showValue({ text: 'two\nlines' })).not.toContain('\n')
})
