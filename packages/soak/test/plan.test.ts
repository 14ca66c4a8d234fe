import { expect, test } from 'vitest'

import { planOf } from '../src/plan.ts'
import { SLOTS } from '../src/slots.ts'

const MINUTES = Array.from({ length: 200 }, (_, minute) => minute)

test('the same seed draws the same plan, another seed another one', () => {
  const plan = (seed: number): unknown => MINUTES.map((minute) => planOf(seed, minute, SLOTS))
  expect(plan(7)).toEqual(plan(7))
  expect(plan(7)).not.toEqual(plan(8))
})

test('what befalls an application does not depend on which others there are', () => {
  const kills = (slots: typeof SLOTS): unknown =>
    MINUTES.flatMap((minute) => planOf(7, minute, slots)).filter(
      (event) => event.kind === 'kill' && event.slot === 'core-wal',
    )
  expect(kills(SLOTS.filter(({ name }) => name === 'core-wal'))).toEqual(kills(SLOTS))
})

test('everything happens within its minute, in order, and only what is mortal dies', () => {
  const mortal = new Set(SLOTS.filter((slot) => slot.mortal).map(({ name }) => name))
  for (const minute of MINUTES) {
    const plan = planOf(7, minute, SLOTS)
    expect(plan).toEqual(plan.toSorted((one, other) => one.at - other.at))
    for (const event of plan) {
      if (event.kind === 'kill') expect(mortal).toContain(event.slot)
      else expect(event.until).toBeGreaterThan(event.at)
      expect('until' in event ? event.until : event.at).toBeLessThanOrEqual(1)
    }
  }
})

test('in the long run every way to die and outages come up', () => {
  const events = MINUTES.flatMap((minute) => planOf(7, minute, SLOTS))
  const ways = new Set(events.flatMap((event) => (event.kind === 'kill' ? [event.way] : [])))
  expect(ways).toEqual(new Set(['SIGKILL', 'SIGTERM', 'exit', 'throw', 'end']))
  expect(events.some(({ kind }) => kind === 'down')).toBe(true)
})
