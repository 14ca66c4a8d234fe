import { fileURLToPath } from 'node:url'

import { test } from '@azlogs/emulator/vitest'
import { expect } from 'vitest'

import { startApplication } from '../../application.ts'

test('the records of LogTape, Bunyan and the console are rows of one table', async ({ emulator, signal }) => {
  const script = fileURLToPath(new URL('../app.ts', import.meta.url))
  await using application = startApplication(script, { env: emulator.env, signal })
  await application.exited()

  await application.line(/^logged 9$/)
  const order = { Level: 'info', SeverityNumber: 9 }
  const stock = { SeverityNumber: 13 }
  const payment = {
    Level: 'error',
    SeverityNumber: 17,
    ErrorType: 'Error',
    ErrorMessage: 'The payment was refused',
    ErrorStack: expect.stringMatching(/\n\s+at [^]+caused by: TypeError: no such card/),
  }
  const logtape = { Logger: 'shop.orders' }
  const bunyan = { Logger: 'shop', ProcessId: expect.any(Number), HostName: expect.any(String) }
  expect(emulator.rows()).toEqual(
    [
      {
        ...order,
        ...logtape,
        Message: "order 912 placed by { name: 'Zoë' }",
        Properties: { orderId: 912, customer: { name: 'Zoë' } },
      },
      {
        ...stock,
        ...logtape,
        Level: 'warning',
        Message: 'only 3 lamps are left',
        Properties: { left: 3, item: 'lamp' },
      },
      { ...payment, ...logtape, Message: 'payment failed', Properties: { orderId: 913 } },
      { ...order, ...bunyan, Message: 'order 912 placed', Properties: { orderId: 912 } },
      {
        ...stock,
        ...bunyan,
        Level: 'warn',
        Message: 'stock is low',
        Properties: { component: 'stock', item: 'lamp', left: 3 },
      },
      { ...payment, ...bunyan, Message: 'payment failed' },
      { ...order, Logger: 'console', Message: 'order 912 placed' },
      { ...stock, Logger: 'console', Level: 'warn', Message: "stock is low: { item: 'lamp', left: 3 }" },
      { ...payment, Logger: 'console', Message: expect.stringMatching(/^payment failed Error: The payment/) },
    ].map((row) => expect.objectContaining(row)),
  )
  // The console still says it.
  expect(application.stdout()).toContain('order 912 placed')
  expect(application.stderr()).toContain('stock is low')
  emulator.assertNothingDropped()
})
