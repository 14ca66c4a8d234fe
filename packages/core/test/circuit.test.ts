import { expect, test } from 'vitest'

import { createCircuit } from '../src/circuit.ts'
import type { Circuit, Health } from '../src/circuit.ts'
import { createVirtualClock } from './virtual-clock.ts'
import type { VirtualClock } from './virtual-clock.ts'

const HEALTHY: Health = { kind: 'healthy' }
const DENIED: Health = { kind: 'denied' }
const busy = (attempt = 0, afterMs?: number): Health => ({ kind: 'busy', attempt, afterMs })

/** A circuit whose random waits are as long as they can be. */
function start(): { readonly circuit: Circuit; readonly clock: VirtualClock } {
  const clock = createVirtualClock()
  return { circuit: createCircuit(clock, () => 0.999_999), clock }
}

function answer(circuit: Circuit, health: Health): void {
  circuit.answered(circuit.departed(), health)
}

test('five failures in a row open it, four and a success do not', () => {
  const { circuit } = start()
  for (let failure = 0; failure < 4; failure += 1) answer(circuit, busy())
  answer(circuit, HEALTHY)
  for (let failure = 0; failure < 4; failure += 1) answer(circuit, busy())
  expect(circuit.state).toBe('closed')
  answer(circuit, busy())
  expect(circuit.state).toBe('open')
  expect(circuit.waitMs()).toBeCloseTo(1000, -1)
})

test('after the wait one request probes while the rest waits, and its success lets all through', async () => {
  const { circuit, clock } = start()
  answer(circuit, DENIED)
  expect(circuit.waitMs()).toBeCloseTo(30_000, -2)
  await clock.advance(30_000)
  expect(circuit.state).toBe('half-open')
  expect(circuit.waitMs()).toBe(0)
  const probe = circuit.departed()
  expect(probe.probe).toBe(true)
  expect(circuit.waitMs()).toBe(Number.POSITIVE_INFINITY)
  circuit.answered(probe, HEALTHY)
  expect(circuit.waitMs()).toBe(0)
  expect(circuit.departed().probe).toBe(false)
})

test('a service that nobody answers for is tried again within 8 s, one that is busy within 30', () => {
  for (const [unreachable, longestMs] of [
    [true, 8000],
    [false, 30_000],
  ] as const) {
    const { circuit } = start()
    for (let failure = 0; failure < 5; failure += 1) {
      circuit.answered(circuit.departed(), { kind: 'busy', attempt: 9, afterMs: undefined, unreachable })
    }
    expect(circuit.waitMs()).toBeCloseTo(longestMs, -2)
  }
})

test('refusals are waited out longer and longer, up to five minutes', async () => {
  const { circuit, clock } = start()
  const waits: number[] = []
  for (let refusal = 0; refusal < 6; refusal += 1) {
    answer(circuit, DENIED)
    waits.push(Math.round(circuit.waitMs() / 1000))
    await clock.advance(circuit.waitMs())
  }
  expect(waits).toEqual([30, 60, 120, 240, 300, 300])
})

test('Retry-After opens it at once, for as long as the service said and a jitter on top', async () => {
  const { circuit, clock } = start()
  answer(circuit, busy(0, 30_000))
  expect(circuit.waitMs()).toBeGreaterThanOrEqual(30_000)
  expect(circuit.waitMs()).toBeLessThanOrEqual(36_000)
  await clock.advance(29_999)
  expect(circuit.waitMs()).toBeGreaterThan(0)
})

test('an answer to a request that left before it opened does not close it', () => {
  const { circuit } = start()
  const early = circuit.departed()
  answer(circuit, busy(0, 10_000))
  circuit.answered(early, HEALTHY)
  expect(circuit.state).toBe('open')
})

test('a Retry-After that arrives while a probe is out outlives the success of the probe', async () => {
  const { circuit, clock } = start()
  const slow = circuit.departed()
  answer(circuit, busy(0, 1000))
  await clock.advance(2000)
  const probe = circuit.departed()
  circuit.answered(slow, busy(0, 60_000))
  circuit.answered(probe, HEALTHY)
  expect(circuit.waitMs()).toBeGreaterThanOrEqual(60_000)
})

test('a probe that was ended lets another one go', async () => {
  const { circuit, clock } = start()
  answer(circuit, DENIED)
  await clock.advance(30_000)
  answer(circuit, { kind: 'unknown' })
  expect(circuit.waitMs()).toBe(0)
})

test('a hurry cuts waits of our own making to a quarter of a second, and none of the service', async () => {
  const { circuit, clock } = start()
  answer(circuit, DENIED)
  circuit.hurry(10_000)
  expect(circuit.waitMs()).toBe(0)
  answer(circuit, DENIED)
  expect(circuit.waitMs()).toBe(250)
  await clock.advance(250)
  answer(circuit, busy(0, 5000))
  circuit.hurry(10_000)
  expect(circuit.waitMs()).toBe(5000)
})

test('requests that were under way when one was refused make the wait no longer', () => {
  const { circuit } = start()
  const departures = [circuit.departed(), circuit.departed(), circuit.departed()]
  for (const departure of departures) circuit.answered(departure, DENIED)
  expect(circuit.waitMs()).toBeCloseTo(30_000, -2)
})
