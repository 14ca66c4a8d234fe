import { expect, test, vi } from 'vitest'

import { createServerClock } from '../src/server-clock.ts'

const NOW = Date.UTC(2026, 10, 22, 10)

function serverTime(offsetMs: number): string {
  return new Date(NOW + offsetMs).toUTCString()
}

test('the difference is this clock minus the service’s, and unknown before its first answer', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
  const clock = createServerClock()
  expect(clock.differenceMs).toBeUndefined()
  expect(clock.observe(serverTime(-90_000))).toBe(false)
  expect(clock.differenceMs).toBe(90_000)
  expect(clock.observe('garbage')).toBe(false)
  expect(clock.differenceMs).toBe(90_000)
  vi.useRealTimers()
})

test('beyond five minutes it warns once, and again after the clock had been right', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
  const clock = createServerClock()
  const offsets = [-299_000, -301_000, -400_000, 0, 301_000]
  expect(offsets.map((offset) => clock.observe(serverTime(offset)))).toEqual([
    false,
    true,
    false,
    false,
    true,
  ])
  vi.useRealTimers()
})
