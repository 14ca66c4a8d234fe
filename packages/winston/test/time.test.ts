import { expect, test } from 'vitest'

import { timeOf } from '../src/time.ts'

test.each([
  ['2026-11-22T10:11:12.345Z', Date.UTC(2026, 10, 22, 10, 11, 12, 345)],
  ['2026-11-22T10:11:12+02:00', Date.UTC(2026, 10, 22, 8, 11, 12)],
  // Local time, as format.timestamp({ format: 'YYYY-MM-DD HH:mm:ss' }) writes it.
  ['2026-11-22 10:11:12', new Date(2026, 10, 22, 10, 11, 12).getTime()],
  [new Date(1_700_000_000_000), 1_700_000_000_000],
  [1_700_000_000_000, 1_700_000_000_000],
  [100_000_000_000, 100_000_000_000],
  [8.64e15, 8.64e15],
])('%o is a time', (timestamp, timeMs) => {
  expect(timeOf(timestamp)).toBe(timeMs)
})

test.each([
  '05/11/2026 10:00',
  '10:11:12',
  '2026-11-22',
  '2026-11-22 10:1',
  'at 2026-11-22 10:11:12',
  ['2026-11-22T10:11:12Z'],
  '2026-13-45T10:11:12Z',
  'yesterday',
  '',
  1_700_000_000,
  8.64e15 + 1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  new Date(Number.NaN),
  undefined,
  null,
  {},
])('%o is none', (timestamp) => {
  expect(timeOf(timestamp)).toBeUndefined()
})
