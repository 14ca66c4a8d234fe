import { expect, test } from 'vitest'

import { createBudget } from '../src/budget.ts'
import { createVirtualClock } from './virtual-clock.ts'

test('it gives so many in any period, and gives again as the period moves on', async () => {
  const clock = createVirtualClock()
  const budget = createBudget(3, 1000, clock)
  expect([budget.take(), budget.take()]).toEqual([true, true])
  await clock.advance(500)
  expect([budget.take(), budget.take()]).toEqual([true, false])
  await clock.advance(500)
  expect([budget.take(), budget.take(), budget.take()]).toEqual([true, true, false])
})
