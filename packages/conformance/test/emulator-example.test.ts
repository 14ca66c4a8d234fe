import { createShipper } from '@azlogs/core'
import { test } from '@azlogs/emulator/vitest'
import { expect } from 'vitest'

test('an order is logged, and Azure would keep all of it', async ({ emulator }) => {
  const { url: endpoint, ruleId, streamName, credential } = emulator
  const shipper = createShipper({ endpoint, ruleId, streamName, credential })
  shipper.push({ Level: 'info', Message: 'order placed', Properties: { orderId: 912, items: ['pen'] } })
  shipper.push({ Level: 'warn', Message: 'stock is low' })
  await shipper.close()

  await expect(emulator).toHaveIngested(
    { Message: 'order placed', Properties: { orderId: 912 } },
    { times: 1 },
  )
  await expect(emulator).toHaveIngested({ Level: 'warn', Message: expect.stringContaining('low') })
  await expect(emulator).not.toHaveIngested({ Level: 'error' })
  emulator.assertNothingDropped()
})
