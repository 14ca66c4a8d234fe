import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createTimestamps } from '../src/timestamp.ts'

const MS = Date.UTC(2026, 10, 22, 12, 0, 0, 123)

test('the record’s own time, with seven decimals', () => {
  expect(createTimestamps().next(MS)).toBe('2026-11-22T12:00:00.1230000Z')
})

test('records of one millisecond differ in their ticks, in order', () => {
  const times = createTimestamps()
  expect([times.next(MS), times.next(MS), times.next(MS)]).toEqual([
    '2026-11-22T12:00:00.1230000Z',
    '2026-11-22T12:00:00.1230001Z',
    '2026-11-22T12:00:00.1230002Z',
  ])
})

test('fractions of a millisecond are kept', () => {
  expect(createTimestamps().next(MS + 0.5)).toBe('2026-11-22T12:00:00.1235000Z')
})

test('ten thousand records of one millisecond run on into the next', () => {
  const times = createTimestamps()
  for (let count = 0; count < 10_000; count += 1) times.next(MS)
  expect(times.next(MS)).toBe('2026-11-22T12:00:00.1240000Z')
})

test('a small step back does not reorder; another time altogether is believed', () => {
  const times = createTimestamps()
  times.next(MS)
  expect(times.next(MS - 500)).toBe('2026-11-22T12:00:00.1230001Z')
  expect(times.next(MS - 86_400_000)).toBe('2026-11-21T12:00:00.1230000Z')
})

test('a time that is none becomes now', () => {
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, 1e300]) {
    expect(createTimestamps().next(wrong).slice(0, 4)).toBe(String(new Date().getUTCFullYear()))
  }
})

test('within jitter, times only ever grow, and stay within it of what was asked for', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1500, noNaN: true }), { minLength: 2, maxLength: 200 }),
      (offsets) => {
        const times = createTimestamps()
        let last = ''
        for (const offset of offsets) {
          const next = times.next(MS + offset)
          expect(next > last).toBe(true)
          expect(Math.abs(Date.parse(next) - (MS + offset))).toBeLessThanOrEqual(1502)
          last = next
        }
      },
    ),
  )
})
