import { expect, test } from 'vitest'

import { flawOf } from '../src/record-flaw.ts'

test.each([
  '{}',
  '{"a":1}',
  ' {"a" : [1, {"b": null}]}\r\n',
  `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`,
  '{"a":1,"a":2}',
])('%j is a record', (json) => {
  expect(flawOf(Buffer.from(json))).toBeUndefined()
})

test.each([
  ['', 'there is nothing between two commas'],
  ['[{"a":1}]', 'it is no JSON object'],
  ['"{}"', 'it is no JSON object'],
  ['null', 'it is no JSON object'],
  ['1', 'it is no JSON object'],
])('%j is no record: %s', (json, flaw) => {
  expect(flawOf(Buffer.from(json))).toBe(flaw)
})

test('what is no JSON is told with what the parser says', () => {
  expect(flawOf(Buffer.from('{"a":1}}'))).toMatch(/^it is no JSON \(Unexpected .*position 7/)
  expect(flawOf(Buffer.from(' '))).toMatch(/^it is no JSON \(Unexpected end/)
})

test('bytes that are no UTF-8 are told as such, also within a text', () => {
  expect(flawOf(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toBe('it is no UTF-8')
})
