import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createJsonTextScanner } from '../src/json-text-scanner.ts'

interface Found {
  readonly text: string | undefined
  readonly byteOffset: number
  readonly line: number | undefined
}

interface Scan {
  readonly found: readonly Found[]
  readonly error: unknown
}

function cut(text: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const ends = [...new Set(cuts.map((at) => at % (text.length + 1)))].sort((a, b) => a - b)
  return [...ends, text.length].map((end, index) => text.subarray(index === 0 ? 0 : ends[index - 1], end))
}

function scan(text: string | Buffer, cuts: readonly number[] = [], maxBytes = 1_000_000): Scan {
  const found: Found[] = []
  const scanner = createJsonTextScanner(
    { record: (bytes, byteOffset, line) => found.push({ text: bytes?.toString(), byteOffset, line }) },
    maxBytes,
  )
  try {
    for (const chunk of cut(Buffer.from(text as string), cuts)) scanner.push(chunk)
    scanner.end()
    return { found, error: undefined }
  } catch (error) {
    return { found, error }
  }
}

function texts(text: string | Buffer, cuts?: readonly number[]): readonly (string | undefined)[] {
  return scan(text, cuts).found.map((record) => record.text)
}

const cuts = fc.array(fc.nat({ max: 500 }), { maxLength: 20 })
const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 3 })

test('an array is cut into its elements as JSON.parse sees them, wherever the chunks end', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.nat({ max: 3 }), cuts, (values, indent, cuts) => {
      const text = JSON.stringify(values, undefined, indent)
      const { found, error } = scan(text, cuts)
      expect(error).toBeUndefined()
      expect(found.map((element) => JSON.parse(element.text ?? ''))).toEqual(JSON.parse(text))
    }),
    { numRuns: 1000 },
  )
})

test('an element keeps its own bytes, without the white space around it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(space, fc.json(), space), { minLength: 1 }), cuts, (elements, cuts) => {
      const text = `[${elements.map((parts) => parts.join('')).join(',')}]`
      expect(texts(text, cuts)).toEqual(elements.map(([, json]) => json.trim()))
    }),
  )
})

test('every element is told with the offset of its first byte', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), space, cuts, (values, before, cuts) => {
      const text = Buffer.from(`\uFEFF${before}${JSON.stringify(values, undefined, 1)}`)
      for (const { text: element = '', byteOffset } of scan(text, cuts).found) {
        expect(text.toString('utf8', byteOffset, byteOffset + Buffer.byteLength(element))).toBe(element)
      }
    }),
  )
})

test('lines are cut into records with their line numbers and offsets, wherever the chunks end', () => {
  const line = fc.oneof(
    fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value)),
    fc.constant(''),
    fc.constant('  '),
  )
  fc.assert(
    fc.property(
      fc.array(line),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      cuts,
      (lines, ending, last, cuts) => {
        const text = Buffer.from(lines.join(ending) + (last ? ending : ''))
        const { found, error } = scan(text, cuts)
        expect(error).toBeUndefined()
        const expected = lines
          .map((content, index) => ({ text: content, line: index + 1 }))
          .filter(({ text }) => text.trim() !== '')
        expect(found.map(({ text, line }) => ({ text, line }))).toEqual(expected)
        for (const { text: record = '', byteOffset } of found) {
          expect(text.toString('utf8', byteOffset, byteOffset + Buffer.byteLength(record))).toBe(record)
        }
      },
    ),
  )
})

test('a malformed element does not take its neighbours along', () => {
  expect(texts('[{"a":1},{bad},{"b":"]"},nul,{"c":[1 2]},"x",-1.5e3]')).toEqual([
    '{"a":1}',
    '{bad}',
    '{"b":"]"}',
    'nul',
    '{"c":[1 2]}',
    '"x"',
    '-1.5e3',
  ])
})

test('an empty place between commas is an element of its own', () => {
  expect(texts('[,{"a":1},,{"b":2},]')).toEqual(['', '{"a":1}', '', '{"b":2}', ''])
})

test('an array without elements has none', () => {
  expect(scan(' [ \n ] ')).toEqual({ found: [], error: undefined })
})

test('a text of nothing, of a byte order mark or of white space has no records', () => {
  for (const text of ['', '\uFEFF', ' \r\n\n', '\uFEFF \n'])
    expect(scan(text)).toEqual({ found: [], error: undefined })
})

test.each([
  ['[{"a":1},{"b"', 13, 1, /ends inside/],
  ['[{"a":1},', 9, 1, /ends inside/],
  ['[{"a":1} {"b":2}]', 9, 1, /no comma/],
  ['[{"a":1}{"b":2}]', 8, 1, /no comma/],
  ['[{"a":1}]\n[{"b":2}]', 10, 1, /more after its end/],
])('%s is broken at byte %i', (text, byteOffset, index, what) => {
  const { found, error } = scan(text)
  expect(found).toHaveLength(1)
  expect(error).toMatchObject({
    code: 'AZLOGS_MALFORMED',
    position: { byteOffset, index },
    message: expect.stringMatching(what),
  })
})

test('UTF-16 is refused by its byte order mark', () => {
  const { found, error } = scan(Buffer.from('\uFEFF{"a":1}\n', 'utf16le'))
  expect(found).toEqual([])
  expect(error).toMatchObject({ code: 'AZLOGS_MALFORMED', message: expect.stringContaining('UTF-16') })
})

test('a record over the limit is told without its bytes, and the next one is read', () => {
  const long = JSON.stringify({ text: 'x'.repeat(100) })
  fc.assert(
    fc.property(cuts, (cuts) => {
      expect(scan(`[{"a":1},${long},{"b":2}]`, cuts, 50).found.map(({ text }) => text)).toEqual([
        '{"a":1}',
        undefined,
        '{"b":2}',
      ])
      expect(scan(`{"a":1}\n${long}\n{"b":2}`, cuts, 50).found).toEqual([
        { text: '{"a":1}', byteOffset: 0, line: 1 },
        { text: undefined, byteOffset: 8, line: 2 },
        { text: '{"b":2}', byteOffset: 9 + long.length, line: 3 },
      ])
    }),
  )
})

test('UTF-16 is refused in the other byte order too', () => {
  const { found, error } = scan(Buffer.from('\uFEFF{"a":1}\n', 'utf16le').swap16())
  expect(found).toEqual([])
  expect(error).toMatchObject({ code: 'AZLOGS_MALFORMED', message: expect.stringContaining('UTF-16') })
})
