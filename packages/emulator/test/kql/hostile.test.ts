import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { compileQuery, compileTransform, KqlError } from '../../src/kql/index.ts'
import { columnsOf, rowsOf } from './run-query.ts'
import { CORPUS } from './corpus.ts'

const input = columnsOf({ TimeGenerated: 'datetime', s: 'string', i: 'int', d: 'dynamic', b: 'boolean' })
const tables = new Map([['source', input]])
const row = { TimeGenerated: '2026-11-23T10:00:00Z', s: 'a b', i: 1, d: { a: [1, { b: 'x' }] }, b: true }

async function survives(text: string): Promise<void> {
  try {
    const { run } = compileTransform(text, input)
    run(row)
  } catch (error) {
    expect(error).toBeInstanceOf(KqlError)
  }
  try {
    const result = await compileQuery(text, tables).run([[row]], { deadlineMs: Infinity })
    expect(Array.isArray(result.rows)).toBe(true)
  } catch (error) {
    expect(error).toBeInstanceOf(KqlError)
  }
}

const word = fc.constantFrom(
  ...'source | where extend project summarize by parse with print let = == ! in in~ ( ) [ ] { } , . .. ; : * + - / % and or not has contains matches regex between datetime( dynamic( 1 1.5 1h 0x1 "a" \'b\' @"c" ``` s i d b TimeGenerated count() bin( tostring( null true // \n project-away order asc nulls first datatable( typeof( '.split(
    ' ',
  ),
)

test('no text makes it throw anything but a KqlError', async () => {
  await fc.assert(fc.asyncProperty(fc.string({ maxLength: 200, unit: 'binary' }), survives), {
    numRuns: 1000,
  })
})

test('no sequence of its own words does', async () => {
  const sentence = fc.array(word, { maxLength: 40 }).map((words) => `source | ${words.join(' ')}`)
  await fc.assert(fc.asyncProperty(sentence, survives), { numRuns: 3000 })
})

test('no mutilated query does', async () => {
  const mutilated = fc
    .tuple(fc.constantFrom(...CORPUS), fc.nat(120), fc.nat(10), word)
    .map(([query, at, length, inserted]) => query.slice(0, at) + inserted + query.slice(at + length))
  await fc.assert(fc.asyncProperty(mutilated, survives), { numRuns: 3000 })
})

test('no values of the columns do', () => {
  const texts = CORPUS.filter((query) => query.startsWith('source'))
  const record = fc.record({
    TimeGenerated: fc.oneof(fc.date({ noInvalidDate: true }).map(String), fc.constant(null), fc.string()),
    s: fc.string({ unit: 'binary' }),
    i: fc.oneof(fc.integer(), fc.constant(null)),
    d: fc.jsonValue(),
    b: fc.oneof(fc.boolean(), fc.constant(null)),
  })
  fc.assert(
    fc.property(fc.constantFrom(...texts), record, (text, values) => {
      try {
        compileTransform(text, input).run(values)
      } catch (error) {
        expect(error).toBeInstanceOf(KqlError)
      }
    }),
    { numRuns: 3000 },
  )
})

test.for([
  ['parentheses', `print ${'('.repeat(20_000)}1`],
  ['brackets', `print d${'[0'.repeat(20_000)}`],
  ['members', `source | project d${'.a'.repeat(20_000)}`],
  ['minus signs', `print ${'-'.repeat(20_000)}1`],
  ['additions', `print ${'1+'.repeat(20_000)}1`],
  ['conjunctions', `source | where ${'b and '.repeat(10_000)}b`],
  ['nested calls', `print ${'tostring('.repeat(5000)}1${')'.repeat(5000)}`],
  ['nested arrays', `print dynamic(${'['.repeat(20_000)}`],
  ['operators', `source${' | extend i = i + 1'.repeat(5000)}`],
  [
    'assignments',
    `source | extend ${Array.from({ length: 5000 }, (_, index) => `c${index} = 1`).join(', ')}`,
  ],
  [
    'functions of functions',
    doubling((index) => `let f${index} = (x: long) { f${index - 1}(f${index - 1}(x)) };`),
  ],
  [
    'tables of tables',
    `let t0 = source | where b;${Array.from({ length: 50 }, (_, index) => `let t${index + 1} = t${index} | where i in (t${index});`).join('')} t50`,
  ],
] as const)('%s without end are refused at once', async ([, text]) => {
  const error: unknown = await rowsOf(text.replaceAll('source', 'T'), {
    i: 'int',
    b: 'boolean',
    d: 'dynamic',
  }).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(KqlError)
  expect(['LimitExceeded', 'Syntax', 'Semantic', 'UnsupportedLocally']).toContain((error as KqlError).code)
})

function doubling(step: (index: number) => string): string {
  const steps = Array.from({ length: 40 }, (_, index) => step(index + 1)).join('')
  return `let f0 = (x: long) { x + 1 };${steps} print f40(1)`
}

test('values that double with every operator end at a bound', async () => {
  const text = `print a = strrep("x", 1024)${' | extend a = strcat(a, a)'.repeat(30)}`
  await expect(rowsOf(text)).rejects.toMatchObject({ code: 'LimitExceeded' })
  const bag = `print a = dynamic([1, 2])${' | extend a = pack_array(a, a)'.repeat(40)}`
  await expect(rowsOf(bag)).rejects.toMatchObject({ code: 'LimitExceeded' })
  const replaced = `print a = strrep("x", 1024) | extend a = replace_string(a, "x", a) | extend a = replace_string(a, "x", a)`
  await expect(rowsOf(replaced)).rejects.toMatchObject({ code: 'LimitExceeded' })
})

test('a regular expression that hangs others is matched in linear time', async () => {
  const text = `print strrep("a", 1000) | extend b = print_0 matches regex "^(a+)+$", c = strcat(print_0, "!") matches regex "^(a+)+$"`
  const [values] = await rowsOf(text)
  expect(values?.slice(1)).toEqual([true, false])
})

test('a regular expression that is too much for a long text is refused', async () => {
  const text = `print a = strrep("ab", 1024) | extend a = strrep(a, 64) | where a matches regex "(?:(?:a|b|ab){0,300}c){1,3}"`
  await expect(rowsOf(text)).rejects.toMatchObject({ code: 'LimitExceeded' })
})

test('no name reaches a prototype', async () => {
  const [values] = await rowsOf(
    'print a = parse_json(\'{"__proto__": {"x": 1}, "constructor": 2}\') | extend b = a.__proto__.x, c = a.constructor, e = a.toString, f = bag_pack("__proto__", 5)',
  )
  expect(values?.slice(1, 4)).toEqual([1, 2, null])
  expect(JSON.stringify(values?.[4])).toBe('{"__proto__":5}')
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  await expect(rowsOf('print toString()')).rejects.toThrow('there is no function')
  await expect(rowsOf('print __proto__()')).rejects.toThrow('there is no function')
})
