import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { MAX_RETRY_AFTER_MS, retryAfterMs } from '../src/retry-after.ts'

const NOW = Date.UTC(2026, 10, 22, 12)
const HOUR_MS = 3_600_000

function wait(headers: Readonly<Record<string, string>>, now = NOW): number | undefined {
  return retryAfterMs((name) => headers[name], now)
}

test.each([
  [{ 'retry-after': '5' }, 5000],
  [{ 'retry-after': ' 5 ' }, 5000],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '1.5' }, 1500],
  [{ 'retry-after-ms': '250' }, 250],
  [{ 'x-ms-retry-after-ms': '250' }, 250],
  [{ 'retry-after-ms': '250', 'x-ms-retry-after-ms': '300', 'retry-after': '5' }, 250],
  [{ 'retry-after-ms': 'abc', 'retry-after': '5' }, 5000],
  [{ 'retry-after': '999999999' }, MAX_RETRY_AFTER_MS],
  [{ 'retry-after-ms': '999999999' }, MAX_RETRY_AFTER_MS],
])('%j is a wait of %i ms', (headers, expected) => {
  expect(wait(headers)).toBe(expected)
})

test.each([
  '-1',
  'abc',
  '',
  ' ',
  'Infinity',
  '0x10',
  '1e3',
  '5.5.2001',
  '2026-11-22T12:00:05Z',
  'Sun, 99 Nov 2026 12:00:05 GMT',
])('Retry-After: %s names no wait', (value) => {
  expect(wait({ 'retry-after': value })).toBeUndefined()
})

test('no header names no wait', () => {
  expect(wait({})).toBeUndefined()
})

test.each([
  'Sun, 22 Nov 2026 12:00:10 GMT',
  'Sunday, 22-Nov-26 12:00:10 GMT',
  'Sun Nov 22 12:00:10 2026 GMT',
])('a date is a wait until then: %s', (date) => {
  expect(wait({ 'retry-after': date })).toBe(10_000)
})

test('a date is measured by the clock of the server that sent it', () => {
  for (const skew of [-HOUR_MS, 0, HOUR_MS]) {
    const headers = { 'retry-after': 'Sun, 22 Nov 2026 12:00:10 GMT', date: 'Sun, 22 Nov 2026 12:00:00 GMT' }
    expect(wait(headers, NOW + skew)).toBe(10_000)
  }
})

test('a date in the past is no wait, one in a far future the longest', () => {
  expect(wait({ 'retry-after': 'Sun, 22 Nov 2026 11:00:00 GMT' })).toBe(0)
  expect(wait({ 'retry-after': 'Mon, 22 Nov 2027 12:00:00 GMT' })).toBe(MAX_RETRY_AFTER_MS)
})

test('whatever the headers say, the wait is none or between nothing and the longest', () => {
  const header = fc.oneof(fc.string(), fc.integer().map(String), fc.double().map(String))
  const headers = fc.record(
    { 'retry-after': header, 'retry-after-ms': header, 'x-ms-retry-after-ms': header, date: header },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(headers, fc.nat(), (headers, now) => {
      const ms = retryAfterMs((name) => Reflect.get(headers, name) as string | undefined, now)
      if (ms === undefined) return
      expect(ms).toBeGreaterThanOrEqual(0)
      expect(ms).toBeLessThanOrEqual(MAX_RETRY_AFTER_MS)
    }),
  )
})
