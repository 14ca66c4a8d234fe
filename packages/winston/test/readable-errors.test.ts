import { runInNewContext } from 'node:vm'

import { expect, test } from 'vitest'

import { withReadableErrors } from '../src/readable-errors.ts'

test('what holds no error is returned as it is', () => {
  const value = { a: [1, { b: new Date() }], c: null }
  expect(withReadableErrors(value)).toBe(value)
})

test('an error becomes an object with type, message, stack and its own properties', () => {
  const error = Object.assign(new RangeError('far'), { limit: 3 })
  const value = { list: [1, error], other: { kept: true } }
  const copy = withReadableErrors(value)
  expect(copy).toEqual({
    list: [1, { type: 'RangeError', message: 'far', stack: error.stack, limit: 3 }],
    other: { kept: true },
  })
  expect(copy.other).toBe(value.other)
  expect(value.list[1]).toBe(error)
})

test('an error of another realm is one', () => {
  expect(withReadableErrors({ error: runInNewContext('new TypeError("there")') })).toMatchObject({
    error: { type: 'TypeError', message: 'there' },
  })
})

test('what has a toJSON of its own is left to it', () => {
  const error = Object.assign(new Error('x'), { toJSON: () => ({ own: true }) })
  expect(withReadableErrors({ error }).error).toBe(error)
})

test('a cycle ends', () => {
  const loop: Record<string, unknown> = { error: new Error('x') }
  loop['self'] = loop
  expect(withReadableErrors(loop)).toMatchObject({ error: { message: 'x' } })
})

test('a value with very many objects is not searched to its end', () => {
  const items = Array.from({ length: 5000 }, (_value, index) => (index === 4999 ? new Error('late') : {}))
  expect(withReadableErrors(items)).toBe(items)
})
