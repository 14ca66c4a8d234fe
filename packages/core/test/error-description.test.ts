import { expect, test } from 'vitest'

import { describeError } from '../src/index.ts'

test('causes follow in the stack, however many', () => {
  const error = new Error('outer', { cause: new RangeError('middle', { cause: 'a plain string' }) })
  const { type, message, stack } = describeError(error)
  expect({ type, message }).toEqual({ type: 'Error', message: 'outer' })
  expect(stack).toMatch(
    /^Error: outer\n[^]*\ncaused by: RangeError: middle\n[^]*\ncaused by: a plain string$/,
  )
})

test('an AggregateError tells each of its errors', () => {
  const { type, stack } = describeError(new AggregateError([new Error('one'), 'two'], 'both failed'))
  expect(type).toBe('AggregateError')
  expect(stack).toMatch(
    /AggregateError: both failed\n[^]*\nerror 1 of 2: Error: one\n[^]*\nerror 2 of 2: two$/,
  )
})

test('a subclass without a name of its own goes by its constructor', () => {
  class PaymentError extends Error {}
  expect(describeError(new PaymentError('declined')).type).toBe('PaymentError')
})

test('an object made by a serializer is as good as the error, and its causes are told once', () => {
  const cause = { type: 'RangeError', message: 'inner', stack: 'RangeError: inner\n    at b' }
  const stack = `Error: outer\n    at a\ncaused by: ${cause.stack}`
  expect(describeError({ type: 'Error', message: 'outer: inner', stack, cause, code: 'E' })).toEqual({
    type: 'Error',
    message: 'outer: inner',
    stack,
    details: { code: 'E' },
  })
})

test.each([
  ['text', { type: 'string', message: 'text' }],
  [5, { type: 'number', message: '5' }],
  [Symbol('s'), { type: 'symbol', message: 'Symbol(s)' }],
])('a thrown %s is described too', (thrown, expected) => {
  expect(describeError(thrown)).toMatchObject(expected)
})

test('circular causes end, and getters that throw are passed over', () => {
  const inner: Error & { cause?: unknown } = new Error('inner')
  const outer = new Error('outer', { cause: inner })
  inner.cause = outer
  expect(describeError(outer).stack).toContain('caused by: [Circular]')
  const hostile = {
    get message(): string {
      throw new Error('no')
    },
    stack: 'Hostile: at x',
  }
  expect(describeError(hostile)).toMatchObject({ message: undefined, stack: 'Hostile: at x' })
})

test('what a serializer leaves undefined is no detail', () => {
  // As Bunyan's serializer makes it.
  const serialized = {
    message: 'outer',
    name: 'Error',
    stack: 'Error: outer',
    code: undefined,
    signal: undefined,
  }
  expect(describeError(serialized).details).toBeUndefined()
  expect(describeError({ ...serialized, code: 'E' }).details).toEqual({ code: 'E' })
})

test('causes without a stack go by their type, and without one say that they are objects', () => {
  const failed = new AggregateError([{ type: 'Refusal' }, {}], 'both failed')
  expect(describeError(failed).stack).toMatch(
    /\nerror 1 of 2: Refusal\nerror 2 of 2: an object without a stack$/,
  )
})

test('an object that tells nothing has no stack', () => {
  expect(describeError({ code: 'E' })).toEqual({
    type: undefined,
    message: undefined,
    stack: undefined,
    details: { code: 'E' },
  })
})
