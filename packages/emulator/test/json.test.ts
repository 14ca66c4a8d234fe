import { expect, test } from 'vitest'

import { bigIntegerText, parseJson } from '../src/json.ts'

test('an integer above 2^53 keeps its digits, on its own and inside a value that is written back', () => {
  const text = '[{"id":9223372036854775807,"nested":{"id":-9007199254740993}}]'
  const [row] = parseJson(text) as [{ id: unknown; nested: unknown }]
  expect(bigIntegerText(row.id)).toBe('9223372036854775807')
  expect(JSON.stringify(row.nested)).toBe('{"id":-9007199254740993}')
})

test('other numbers and long digits in text are what JSON.parse makes of them', () => {
  const text = '{"safe":9007199254740991,"real":0.12345678901234567,"text":"12345678901234567890"}'
  expect(parseJson(text)).toEqual(JSON.parse(text))
  expect(bigIntegerText(12)).toBeUndefined()
  expect(bigIntegerText({})).toBeUndefined()
})
