import { expect, test } from 'vitest'

import { wait } from '../src/abortable.ts'
import { createVirtualClock } from './virtual-clock.ts'

test('a wait whose signal has fired already begins no timer', async () => {
  const clock = createVirtualClock()
  await wait(60_000, clock, AbortSignal.abort())
  expect(clock.pendingTimers).toBe(0)
})

test('a wait ends with its time, and with its signal, and leaves neither timer nor listener', async () => {
  const clock = createVirtualClock()
  const ending = new AbortController()
  const waits = [wait(1000, clock, ending.signal), wait(2000, clock, ending.signal)]
  await clock.advance(1000)
  await waits[0]
  expect(clock.pendingTimers).toBe(1)
  ending.abort()
  await waits[1]
  expect(clock.pendingTimers).toBe(0)
})
