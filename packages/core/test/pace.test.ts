import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createPace } from '../src/pace.ts'
import type { Pace } from '../src/pace.ts'
import { createVirtualClock } from './virtual-clock.ts'
import type { VirtualClock } from './virtual-clock.ts'

const FULL = 1_000_000

interface Subject {
  readonly clock: VirtualClock
  readonly pace: Pace
}

function start(): Subject {
  const clock = createVirtualClock()
  return { clock, pace: createPace(clock, FULL) }
}

/** Sends as fast as the pace allows, for a time; the service takes at most so many requests in any minute of the clock. */
async function saturate(
  { clock, pace }: Subject,
  forMs: number,
  quota: number,
  rawBytes = 1,
): Promise<{ taken: number; throttled: number }> {
  const end = clock.now() + forMs
  const counts = { taken: 0, throttled: 0 }
  let minute = -1
  let used = 0
  while (clock.now() < end) {
    await clock.advance(Math.max(10, pace.waitMs()))
    const departure = pace.departed(rawBytes)
    const now = Math.floor(clock.now() / 60_000)
    if (now !== minute) used = 0
    minute = now
    used += 1
    if (used <= quota) {
      counts.taken += 1
      pace.answered(departure, 'taken')
    } else {
      counts.throttled += 1
      pace.answered(departure, 'throttled')
      await clock.advance(60_000 - (clock.now() % 60_000))
    }
  }
  return counts
}

test('nothing is held back before the first 429', () => {
  const { pace } = start()
  for (let n = 0; n < 10_000; n += 1) {
    expect(pace.waitMs()).toBe(0)
    pace.answered(pace.departed(FULL), 'taken')
  }
})

/** A minute in which the service took a dozen small requests, and a 429 at its end. */
async function throttledMinute({ clock, pace }: Subject): Promise<void> {
  for (let n = 0; n < 12; n += 1) {
    pace.answered(pace.departed(1), 'taken')
    await clock.advance(5000)
  }
  pace.answered(pace.departed(1), 'throttled')
}

/** How long the request after one of this size has to wait, once what was late has been made up for. */
function spacingAfter(pace: Pace, rawBytes: number): number {
  pace.departed(1)
  const before = pace.waitMs()
  pace.departed(rawBytes)
  return pace.waitMs() - before
}

test('after a 429 the rate is about what was taken in the last minute', async () => {
  const subject = start()
  await throttledMinute(subject)
  expect(spacingAfter(subject.pace, 1)).toBeGreaterThan(4000)
  expect(spacingAfter(subject.pace, 1)).toBeLessThan(6000)
})

test('a 429 in the first minute changes nothing: it does not tell what the share is', () => {
  const { pace } = start()
  for (let n = 0; n < 12; n += 1) pace.answered(pace.departed(1), 'taken')
  pace.answered(pace.departed(1), 'throttled')
  pace.departed(1)
  expect(pace.waitMs()).toBe(0)
})

test('a full batch waits six times as long as the smallest', async () => {
  const waits: number[] = []
  for (const rawBytes of [1, FULL / 6, FULL / 2, FULL]) {
    const subject = start()
    await throttledMinute(subject)
    waits.push(spacingAfter(subject.pace, rawBytes))
  }
  const [least = 0] = waits
  expect(waits.map((wait) => Math.round((wait / least) * 10) / 10)).toEqual([1, 1, 3, 6])
})

test('requests that were under way together lower the rate once', async () => {
  const spacings: number[] = []
  for (const count of [1, 4]) {
    const { clock, pace } = start()
    for (let n = 0; n < 100; n += 1) {
      pace.answered(pace.departed(1), 'taken')
      await clock.advance(1000)
    }
    const departures = Array.from({ length: count }, () => pace.departed(1))
    await clock.advance(100)
    for (const departure of departures) pace.answered(departure, 'throttled')
    spacings.push(spacingAfter(pace, 1))
  }
  expect(spacings[0]).toBeGreaterThan(100)
  expect(spacings[1]).toBe(spacings[0])
})

test('a single shipper finds the rate that the service takes: 95 % of it and more, with few requests in vain', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 30, max: 600 }), async (quota) => {
      const subject = start()
      await saturate(subject, 5 * 60_000, quota)
      const { taken, throttled } = await saturate(subject, 10 * 60_000, quota)
      expect(taken).toBeGreaterThan(quota * 10 * 0.9)
      expect(throttled).toBeLessThan(taken * 0.05)
    }),
    { numRuns: 10 },
  )
})

test('an outage does not lower the rate', async () => {
  const [steady, interrupted] = await Promise.all(
    [0, 30 * 60_000].map(async (outageMs) => {
      const { clock, pace } = start()
      for (let n = 0; n < 100; n += 1) {
        pace.answered(pace.departed(1), 'taken')
        await clock.advance(1000)
      }
      await clock.advance(outageMs)
      pace.answered(pace.departed(1), 'throttled')
      pace.departed(1)
      pace.departed(1)
      const before = pace.waitMs()
      pace.departed(1)
      return pace.waitMs() - before
    }),
  )
  expect((interrupted ?? 0) / (steady ?? 1)).toBeGreaterThan(0.9)
  expect((interrupted ?? 0) / (steady ?? 1)).toBeLessThan(2)
})

test('when the limit has gone, the old rate is back within a minute and a half', async () => {
  const subject = start()
  await saturate(subject, 60_000, 60)
  const { taken } = await saturate(subject, 90_000, Number.POSITIVE_INFINITY)
  const before = subject.clock.now()
  let sent = 0
  while (subject.clock.now() - before < 1000) {
    await subject.clock.advance(Math.max(10, subject.pace.waitMs()))
    subject.pace.answered(subject.pace.departed(1), 'taken')
    sent += 1
  }
  expect(taken).toBeGreaterThan(60)
  expect(sent).toBeGreaterThan(5)
})
