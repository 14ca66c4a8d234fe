import { test } from '@azlogs/emulator/vitest'
import { expect } from 'vitest'

import { createOrderService } from '../orders.ts'

// The application finds the emulator as it would find Azure: by its environment.
test.beforeAll(({ emulator }) => void Object.assign(process.env, emulator.env))

test('an order is logged once, and Azure would keep all of it', async ({ emulator }) => {
  const orders = createOrderService()
  orders.place({ id: 912, item: 'lamp', amountEur: 41.5 })
  await orders.close()

  await expect(emulator).toHaveIngested(
    {
      Level: 'info',
      Message: 'order placed',
      Logger: 'orders',
      Properties: { order: { id: 912, amountEur: 41.5 } },
    },
    { times: 1 },
  )
  await expect(emulator).not.toHaveIngested({ Level: 'warn' })
  emulator.assertNothingDropped()
})

test('an order that comes twice is a warning', async ({ emulator }) => {
  const orders = createOrderService()
  orders.place({ id: 912, item: 'lamp', amountEur: 41.5 })
  orders.place({ id: 912, item: 'lamp', amountEur: 41.5 })
  await orders.close()

  await expect(emulator).toHaveIngested({ Level: 'warn', Message: /twice/ }, { times: 1 })
  expect(emulator.rows()).toHaveLength(2)
  emulator.assertNothingDropped()
})

test('a record survives that the service is busy, and then that its answer is lost', async ({ emulator }) => {
  emulator.answerNext({ status: 503 }, { reset: 'after' })
  const orders = createOrderService()
  orders.place({ id: 913, item: 'desk', amountEur: 320 })
  await orders.close()

  expect(emulator.requests().map(({ status, outcome }) => status ?? outcome)).toEqual([503, 'reset', 204])
  // The request whose answer was lost was made again: the row is there twice, with the same RecordId.
  const ids = emulator.rows().map((row) => row['RecordId'])
  expect(ids).toHaveLength(2)
  expect(new Set(ids).size).toBe(1)
  emulator.assertNothingDropped()
})
