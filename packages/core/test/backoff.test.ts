import { expect, test } from 'vitest'

import { backoffMs } from '../src/backoff.ts'

test.each([
  [0, 1000],
  [1, 2000],
  [4, 16_000],
  [5, 30_000],
  [50, 30_000],
  [5000, 30_000],
])('after attempt %i the wait is spread from nothing to %i ms', (attempt, ceiling) => {
  expect(backoffMs(attempt, undefined, () => 0)).toBe(0)
  expect(backoffMs(attempt, undefined, () => 0.5)).toBe(ceiling / 2)
  expect(backoffMs(attempt, undefined, () => 1)).toBe(ceiling)
})

test.each([
  [0, 1000],
  [250, 1000],
  [5000, 1000],
  [60_000, 12_000],
])('a wait of %i ms that the service named is kept, and up to %i ms more', (hintMs, jitter) => {
  for (const attempt of [0, 9]) {
    expect(backoffMs(attempt, hintMs, () => 0)).toBe(hintMs)
    expect(backoffMs(attempt, hintMs, () => 1)).toBe(hintMs + jitter)
  }
})

test('the range can be set', () => {
  const range = { baseMs: 10, capMs: 15 }
  expect(backoffMs(0, undefined, () => 1, range)).toBe(10)
  expect(backoffMs(1, undefined, () => 1, range)).toBe(15)
  expect(backoffMs(0, 20, () => 1, range)).toBe(30)
})

test('two clients do not wait for the same time', () => {
  const waits = new Set(Array.from({ length: 100 }, () => backoffMs(3, undefined)))
  expect(waits.size).toBeGreaterThan(90)
})
