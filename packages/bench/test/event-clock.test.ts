import { setImmediate as turn } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { createEventClock } from '../src/fleet/event-clock.ts'
import { createSeededRandom } from '../src/load/seeded-random.ts'

test('events run in the order of their time, those of one instant in the order they were scheduled', async () => {
  const clock = createEventClock()
  const random = createSeededRandom(7)
  const ran: { readonly at: number; readonly order: number }[] = []
  const delays = Array.from({ length: 1000 }, () => Math.floor(random() * 100))
  for (const [order, delay] of delays.entries())
    clock.after(delay, () => ran.push({ at: clock.now(), order }))
  await clock.runUntil(1000)
  const expected = delays.map((at, order) => ({ at, order })).sort((a, b) => a.at - b.at || a.order - b.order)
  expect(ran).toEqual(expected)
  expect(clock.now()).toBe(1000)
})

test('a cancelled event does not run, and one after the end waits', async () => {
  const clock = createEventClock()
  const ran: string[] = []
  clock.after(10, () => ran.push('cancelled'))()
  clock.after(101, () => ran.push('late'))
  await clock.runUntil(100)
  expect(ran).toEqual([])
  await clock.runUntil(101)
  expect(ran).toEqual(['late'])
})

test('what an event sets off has settled before time goes on', async () => {
  const clock = createEventClock()
  const seen: number[] = []
  clock.after(10, () => {
    void (async () => {
      await turn()
      await Promise.resolve()
      await clock.sleep(5)
      seen.push(clock.now())
    })()
  })
  clock.after(30, () => seen.push(clock.now()))
  await clock.runUntil(100)
  expect(seen).toEqual([15, 30])
})
