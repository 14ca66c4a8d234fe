import { expect, test } from 'vitest'

import { readTime } from '../src/time.ts'

const MOMENT = 1_764_000_000_123

test.each([
  ['seconds', MOMENT / 1000],
  ['milliseconds', MOMENT],
  ['microseconds', MOMENT * 1000],
  ['nanoseconds', MOMENT * 1_000_000],
])('a number of %s is known by its size', (_unit, value) => {
  expect(readTime(value)).toBeCloseTo(MOMENT, 2)
  expect(readTime(String(value))).toBeCloseTo(MOMENT, 2)
})

test('an ISO date keeps what is finer than a millisecond', () => {
  expect(readTime('2025-11-24T16:00:00.123456789Z')).toBeCloseTo(
    Date.UTC(2025, 10, 24, 16, 0, 0, 123) + 0.456789,
    3,
  )
  expect(readTime('2025-11-24T16:00:00.5Z')).toBe(Date.UTC(2025, 10, 24, 16, 0, 0, 500))
  expect(readTime('2025-11-24T17:00:00+01:00')).toBe(Date.UTC(2025, 10, 24, 16))
})

test.each([1e11, 1e14, 1e17])('%d is the first number of the next unit', (value) => {
  expect(readTime(value)).toBe(1e11)
})

const NO_TIMES = [
  undefined,
  null,
  '',
  'soon',
  0,
  -1,
  Number.NaN,
  Infinity,
  {},
  [],
  ['2025-11-24T16:00:00Z'],
  true,
]

test.each(NO_TIMES)('%j is no time', (value) => {
  expect(readTime(value)).toBeUndefined()
})

test('dates of a century are read back as they were written', () => {
  for (let year = 2001; year <= 2100; year++) {
    const date = new Date(
      Date.UTC(year, year % 12, 1 + (year % 28), year % 24, year % 60, 59, 7 * (year % 100)),
    )
    expect(readTime(date.toISOString())).toBe(date.getTime())
    expect(readTime(date.getTime())).toBe(date.getTime())
  }
})
