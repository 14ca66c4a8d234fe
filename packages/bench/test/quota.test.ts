import { expect, test } from 'vitest'

import { createFixedWindow, createTokenBucket } from '../src/fleet/quota.ts'

const LIMITS = { requests: 60, rawBytes: 6000, wireBytes: 6000 }
const SMALL = { requests: 1, rawBytes: 1, wireBytes: 1 }

test('a fixed window takes its quota, names its end, and begins anew', () => {
  const quota = createFixedWindow(LIMITS)
  for (let n = 0; n < 60; n += 1) expect(quota.take(SMALL, 1000)).toBe(0)
  expect(quota.take(SMALL, 20_000)).toBe(40_000)
  expect(quota.take(SMALL, 60_000)).toBe(0)
})

test('a token bucket takes a minute’s worth at once and then one request for each that has dripped in', () => {
  const quota = createTokenBucket(LIMITS)
  for (let n = 0; n < 60; n += 1) expect(quota.take(SMALL, 0)).toBe(0)
  expect(quota.take(SMALL, 0)).toBeCloseTo(1000)
  expect(quota.take(SMALL, 1000)).toBe(0)
  expect(quota.take(SMALL, 1500)).toBeCloseTo(500)
  for (let n = 0; n < 60; n += 1) expect(quota.take(SMALL, 3_600_000)).toBe(0)
  expect(quota.take(SMALL, 3_600_000)).toBeGreaterThan(0)
})

test.each([
  ['raw', { requests: 1, rawBytes: 4000, wireBytes: 1 }],
  ['wire', { requests: 1, rawBytes: 1, wireBytes: 4000 }],
])('%s bytes have a limit of their own', (_kind, usage) => {
  for (const quota of [createFixedWindow(LIMITS), createTokenBucket(LIMITS)]) {
    expect(quota.take(usage, 0)).toBe(0)
    expect(quota.take(usage, 0)).toBeGreaterThan(0)
    expect(quota.take(SMALL, 0)).toBe(0)
  }
})
