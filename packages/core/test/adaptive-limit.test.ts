import { expect, test } from 'vitest'

import { createAdaptiveLimit } from '../src/adaptive-limit.ts'
import type { AdaptiveLimit } from '../src/adaptive-limit.ts'
import { createVirtualClock } from './virtual-clock.ts'
import type { VirtualClock } from './virtual-clock.ts'

function start(max = 8): { readonly limit: AdaptiveLimit; readonly clock: VirtualClock } {
  const clock = createVirtualClock()
  return { limit: createAdaptiveLimit(max, clock), clock }
}

/** As many requests as the limit allows, one round trip long. */
async function round(
  { limit, clock }: { readonly limit: AdaptiveLimit; readonly clock: VirtualClock },
  result: 'success' | 'pressure' | 'neutral' = 'success',
  roundTripMs = 100,
  inFlight = limit.current,
): Promise<void> {
  for (let started = 1; started <= inFlight; started += 1) limit.started(started)
  await clock.advance(roundTripMs)
  for (let started = 1; started <= inFlight; started += 1) limit.finished(result, roundTripMs)
}

test('it starts with one request and grows by one a round trip while it is reached, up to the ceiling', async () => {
  const subject = start(4)
  expect(subject.limit.current).toBe(1)
  const seen: number[] = []
  for (let turn = 0; turn < 12; turn += 1) {
    await round(subject)
    seen.push(subject.limit.current)
  }
  expect(Math.max(...seen)).toBe(4)
  for (const [index, current] of seen.entries()) {
    expect(current - (seen[index - 1] ?? 1)).toBeLessThanOrEqual(1)
    expect(current).toBeGreaterThanOrEqual(seen[index - 1] ?? 1)
  }
})

test('it does not grow while it is not reached', async () => {
  const subject = start()
  for (let turn = 0; turn < 5; turn += 1) await round(subject)
  const { current } = subject.limit
  for (let turn = 0; turn < 10; turn += 1) await round(subject, 'success', 100, 1)
  expect(subject.limit.current).toBe(current)
})

test('pressure brings it down to one and never below', async () => {
  const subject = start()
  for (let turn = 0; turn < 20; turn += 1) await round(subject)
  expect(subject.limit.current).toBe(8)
  const seen: number[] = []
  for (let turn = 0; turn < 10; turn += 1) {
    await round(subject, 'pressure')
    seen.push(subject.limit.current)
  }
  expect(seen).toEqual([...seen].toSorted((a, b) => b - a))
  expect(seen.at(-1)).toBe(1)
})

test('latency that rises brings it down', async () => {
  const subject = start()
  for (let turn = 0; turn < 20; turn += 1) await round(subject)
  await round(subject, 'success', 500)
  expect(subject.limit.current).toBe(7)
})

test('answers that say nothing about load leave it alone', async () => {
  const subject = start()
  for (let turn = 0; turn < 5; turn += 1) await round(subject)
  // The first of them ends the window of the last success.
  await round(subject, 'neutral')
  const { current } = subject.limit
  for (let turn = 0; turn < 5; turn += 1) await round(subject, 'neutral')
  expect(subject.limit.current).toBe(current)
})

test('pressure before anything succeeded keeps it at one', async () => {
  const subject = start()
  for (let turn = 0; turn < 3; turn += 1) await round(subject, 'pressure')
  expect(subject.limit.current).toBe(1)
})
