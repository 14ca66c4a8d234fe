import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { encodeRow } from '../src/encode.ts'

function repaired(row: unknown): unknown {
  const encoded = encodeRow(row)
  expect(encoded.repaired).toBe(true)
  return JSON.parse(encoded.json)
}

function raise(message: string): never {
  throw new Error(message)
}

test('what JSON takes is written as JSON.stringify writes it, and not marked', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.anything({ withBigInt: false, withDate: true })),
      (row) => {
        const json = JSON.stringify(row)
        expect(encodeRow(row)).toEqual({ json, repaired: false })
      },
    ),
  )
})

test('nothing makes it throw, and what comes out is always one JSON object', () => {
  const anything = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withMap: true,
    withNullPrototype: true,
    withSet: true,
  })
  fc.assert(
    fc.property(anything, (row) => {
      const value: unknown = JSON.parse(encodeRow(row).json)
      expect(typeof value === 'object' && value !== null && !Array.isArray(value)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

test('a BigInt becomes its digits', () => {
  expect(repaired({ a: 1, n: 12345678901234567890n, list: [1n] })).toEqual({
    a: 1,
    n: '12345678901234567890',
    list: ['1'],
  })
})

test('a cycle is cut where it closes; what is only there twice is kept twice', () => {
  const shared = { x: 1 }
  const row: Record<string, unknown> = { first: shared, second: shared, list: [] }
  row['self'] = row
  ;(row['list'] as unknown[]).push(row['list'])
  expect(repaired(row)).toEqual({
    first: { x: 1 },
    second: { x: 1 },
    list: ['[Circular]'],
    self: '[Circular]',
  })
})

test('a getter that throws costs its own property only', () => {
  expect(
    repaired({
      before: 1,
      get broken() {
        return raise('no')
      },
      after: 2,
    }),
  ).toEqual({
    before: 1,
    broken: '[Throws: no]',
    after: 2,
  })
})

test('a toJSON that throws costs its own object only', () => {
  expect(repaired({ before: 1, inner: { toJSON: () => raise('no') } })).toEqual({
    before: 1,
    inner: '[Throws: no]',
  })
  expect(repaired({ toJSON: () => raise('no') })).toEqual({ Message: '[Throws: no]' })
})

test('what toJSON gives is written, also beside what JSON refuses', () => {
  expect(repaired({ n: 1n, at: new Date(0), inner: { toJSON: () => ({ m: 2n }) } })).toEqual({
    n: '1',
    at: '1970-01-01T00:00:00.000Z',
    inner: { m: '2' },
  })
})

test.each<[unknown, unknown]>([
  ['text', 'text'],
  [7, 7],
  [7n, '7'],
  [null, null],
  [
    [1, 2n],
    [1, '2'],
  ],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [() => 1, '[function]'],
  [Symbol('s'), '[symbol]'],
])('a row that is no object becomes a message', (row, message) => {
  expect(repaired(row)).toEqual({ Message: message })
})

test('a value that throws whatever is done to it is marked', () => {
  const hostile = new Proxy({}, { get: () => raise('get'), ownKeys: () => raise('keys') })
  expect(repaired({ ok: 1, hostile })).toEqual({ ok: 1, hostile: '[Throws: get]' })
  const angry = {
    get broken() {
      throw { toString: () => raise('even this') }
    },
  }
  expect(encodeRow({ ok: 1, angry }).repaired).toBe(true)
})

test('what JSON refuses is not followed without end', () => {
  let deep: Record<string, unknown> = { n: 1n }
  for (let level = 0; level < 10_000; level += 1) deep = { deep }
  expect(encodeRow(deep).json.length).toBeLessThan(1000)
  const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, { index }]))
  expect(encodeRow({ n: 1n, wide }).repaired).toBe(true)
})

test('lone surrogates come out as JSON that is UTF-8', () => {
  const { json, repaired } = encodeRow({ text: 'a\uD800b' })
  expect(repaired).toBe(false)
  expect(JSON.parse(Buffer.from(json).toString())).toEqual({ text: 'a\uD800b' })
})

test('a toJSON that gives its own object again is a cycle', () => {
  const again = {
    toJSON(): object {
      return again
    },
  }
  expect(repaired({ n: 1n, again })).toEqual({ n: '1', again: '[Circular]' })
})

test('lists beyond the bound on depth are told as lists', () => {
  let list: unknown[] = [1n]
  for (let depth = 0; depth < 20; depth += 1) list = [list]
  expect(encodeRow({ list }).json).toMatch(/^\{"list":\[{7}"\[Array\]"\]{7}\}$/)
})
