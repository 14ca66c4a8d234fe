import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { isJsonObject, skipValue } from '../src/json-scan.ts'

/** What JSON.parse takes, and in one piece without white space around it. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return !/^\s|\s$/.test(text)
  } catch {
    return false
  }
}

test('a value ends where JSON.parse says that it does', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom('', ',', '}', ' x', '\n{}'), (json, after) => {
      const compact = JSON.stringify(JSON.parse(json))
      expect(skipValue(compact + after, 0)).toBe(compact.length)
    }),
  )
})

test('white space may stand between the tokens', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(1, '\t', '\r\n'), (json, indent) => {
      const spaced = JSON.stringify(JSON.parse(json), undefined, indent)
      expect(skipValue(spaced, 0)).toBe(spaced.length)
    }),
  )
  expect(skipValue('{ "a" : [ 1 , 2 ] , "b" : { } , "c" : [ ] } ', 0)).toBe(43)
  expect(skipValue('{\u00a0"a":1}', 0)).toBe(-1)
})

test('what JSON.parse refuses is no value', () => {
  const alphabet = fc.constantFrom(...'{}[]",:0123456789-+.eEtrufalsn\\/bx \t'.split(''))
  fc.assert(
    fc.property(fc.string({ unit: alphabet, maxLength: 12 }), (text) => {
      if (skipValue(text, 0) === text.length) expect(isJson(text)).toBe(true)
    }),
    { numRuns: 20_000 },
  )
})

test('any character in any place of a value counts as it does for JSON.parse', () => {
  const codes = [...Array.from({ length: 0x180 }, (_, code) => code), 0x2028, 0xd800, 0xfeff, 0xffff]
  const places = [
    String.raw`"?" "\?" "\u?000" "\u000?" "\u00?0" "\u0000?" "a?`,
    '? ?1 1? 1?1 0? -? -0? 1.? 1.5? 1e? 1e?5 1e+? 1?5e1 tru? null?',
    '[?] [1?2] [?1] [1?] [[]? {?} {?:1} {"a"?1} {"a":?} {"a":1?"b":2} {"a":1?',
    '{?"a":1} {"a"?:1} {"a":?1} {"a":1?} {"a":1,?"b":2}',
  ].flatMap((line) => line.split(' '))
  const wrong: string[] = []
  for (const place of places) {
    for (const code of codes) {
      const text = place.replace('?', () => String.fromCharCode(code))
      if ((skipValue(text, 0) === text.length) !== isJson(text)) wrong.push(text)
    }
  }
  expect(wrong).toEqual([])
})

test.each([
  '"\u0001"',
  '"\\x"',
  '"\\u12g4"',
  '"open',
  '01',
  '-',
  '1.',
  '.5',
  '1e',
  '1e+',
  'tru',
  '[1,]',
  '{"a":1,}',
  '{"a"}',
  "{'a':1}",
  '{a:1}',
  '',
])('%j is no value', (text) => {
  expect(skipValue(text, 0)).toBe(-1)
})

test('what is nested very deeply is left to a parser', () => {
  expect(skipValue('['.repeat(60) + ']'.repeat(60), 0)).toBe(120)
  expect(skipValue('['.repeat(70) + ']'.repeat(70), 0)).toBe(-1)
  expect(skipValue('{"a":'.repeat(70) + '1' + '}'.repeat(70), 0)).toBe(-1)
  expect(skipValue('[{"a":'.repeat(35) + '1' + '}]'.repeat(35), 0)).toBe(-1)
  expect(skipValue(`[${'[[]],{"a":{}},'.repeat(100)}1]`, 0)).toBe(1403)
})

test('bytes that count as an object are what a parser takes for one', () => {
  const json = fc
    .dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue())
    .map((value) => JSON.stringify(value))
  fc.assert(
    fc.property(json, fc.nat(), fc.option(fc.nat({ max: 255 })), (text, at, byte) => {
      const bytes = Buffer.from(text)
      if (byte !== null) bytes[at % bytes.length] = byte
      const found = isJsonObject(bytes)
      if (byte === null) expect(found).toBe(true)
      if (found) expect(parsed(bytes)).toEqual(expect.any(Object))
    }),
    { numRuns: 5000 },
  )
})

test.each(['', '[]', '1', '"{}"', '{}{}', '{} ', ' {}'])('%j is not an object alone', (text) => {
  expect(isJsonObject(Buffer.from(text))).toBe(false)
})

test('an object that is no UTF-8 is none', () => {
  expect(isJsonObject(Buffer.from('{"a":"\u00ff"}'))).toBe(true)
  expect(isJsonObject(Buffer.from('{"a":"\u00ff"}', 'latin1'))).toBe(false)
})

function parsed(bytes: Buffer): unknown {
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
}
