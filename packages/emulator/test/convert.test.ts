import { expect, test } from 'vitest'

import { convert, cut, FIELD_LIMIT_BYTES } from '../src/convert.ts'
import type { StoredValue } from '../src/convert.ts'
import { parseJson } from '../src/json.ts'
import type { ColumnType } from '../src/schema.ts'

const rules: readonly (readonly [ColumnType, json: string, StoredValue, effect: string])[] = [
  ['string', '"text"', 'text', 'kept'],
  ['string', '12.5', '12.5', 'coerced'],
  ['string', '12345678901234567890', '12345678901234567890', 'coerced'],
  ['string', 'true', 'true', 'coerced'],
  ['string', '{"a":[1]}', '{"a":[1]}', 'coerced'],
  ['string', 'null', '', 'kept'],
  ['guid', '"not even a guid"', 'not even a guid', 'kept'],
  ['guid', 'null', '', 'kept'],
  ['int', '2147483647', 2147483647, 'kept'],
  ['int', '2147483648', null, 'nulled'],
  ['int', '-2147483648', -2147483648, 'kept'],
  ['int', '1.5', null, 'nulled'],
  ['int', '1.0', 1, 'kept'],
  ['int', '"42"', 42, 'coerced'],
  ['int', '"42 items"', null, 'nulled'],
  ['int', '""', null, 'nulled'],
  ['int', 'true', null, 'nulled'],
  ['int', '{}', null, 'nulled'],
  ['int', 'null', null, 'kept'],
  ['long', '9007199254740991', 9007199254740991, 'kept'],
  ['long', '9223372036854775807', 9223372036854775807n, 'kept'],
  ['long', '9223372036854775808', null, 'nulled'],
  ['long', '"-9223372036854775808"', -9223372036854775808n, 'coerced'],
  ['long', '"+7"', 7n, 'coerced'],
  ['long', '1e17', 100000000000000000n, 'kept'],
  ['long', '0.5', null, 'nulled'],
  ['long', '"x"', null, 'nulled'],
  ['long', '[]', null, 'nulled'],
  ['real', '0.1', 0.1, 'kept'],
  ['real', '3', 3, 'kept'],
  ['real', '"-1.5e3"', -1500, 'coerced'],
  ['real', '"1e999"', null, 'nulled'],
  ['real', '12345678901234567890', 1.2345678901234567e19, 'kept'],
  ['real', '"NaN"', null, 'nulled'],
  ['real', 'false', null, 'nulled'],
  ['boolean', 'true', 1, 'kept'],
  ['boolean', 'false', 0, 'kept'],
  ['boolean', '"True"', 1, 'coerced'],
  ['boolean', '"false"', 0, 'coerced'],
  ['boolean', '1', null, 'nulled'],
  ['boolean', '"yes"', null, 'nulled'],
  ['datetime', '"2026-11-22T10:20:30.1234567Z"', '2026-11-22T10:20:30.1234567Z', 'kept'],
  ['datetime', '"tomorrow"', null, 'nulled'],
  ['datetime', '1732270830000', null, 'nulled'],
  ['dynamic', '{"a":[1,null]}', '{"a":[1,null]}', 'kept'],
  ['dynamic', '"text"', '"text"', 'kept'],
  ['dynamic', 'false', 'false', 'kept'],
  ['dynamic', '{"id":9223372036854775807}', '{"id":9223372036854775807}', 'kept'],
  ['dynamic', 'null', null, 'kept'],
]

test.each(rules)('%s column, %s: stored as %s, %s', (type, json, value, effect) => {
  expect(convert(type, parseJson(json))).toEqual({ value, effect })
})

test('a string of exactly 64 KB is kept and one byte more is cut', () => {
  const whole = 'x'.repeat(FIELD_LIMIT_BYTES)
  expect(cut('string', whole)).toBeUndefined()
  expect(cut('string', `${whole}y`)).toBe(whole)
})

test('the cut counts UTF-8 bytes and never leaves half a character', () => {
  expect(cut('string', `a${'€'.repeat(30_000)}`)).toBe(
    `a${'€'.repeat(Math.floor((FIELD_LIMIT_BYTES - 1) / 3))}`,
  )
  const emoji = cut('string', `abc${'😀'.repeat(20_000)}`) as string
  expect(Buffer.byteLength(emoji)).toBe(FIELD_LIMIT_BYTES - 1)
  expect(emoji.endsWith('😀')).toBe(true)
})

test('a dynamic that is cut becomes the text that is left', () => {
  const text = cut('dynamic', JSON.stringify({ text: 'x'.repeat(FIELD_LIMIT_BYTES) })) as string
  expect(JSON.parse(text)).toBe(`{"text":"${'x'.repeat(FIELD_LIMIT_BYTES - 9)}`)
})
