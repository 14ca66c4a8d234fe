import { fileURLToPath } from 'node:url'

import { startEmulator } from '@azlogs/emulator'
import type { Row } from '@azlogs/emulator'
import { expect, test } from 'vitest'

import { startApplication } from '../../application.ts'

const script = fileURLToPath(new URL('../app.ts', import.meta.url))
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'

function inOrder(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((a, b) => (String(a['TimeGenerated']) < String(b['TimeGenerated']) ? -1 : 1))
}

test('after SIGTERM every record of the application is in the table', async ({ signal }) => {
  await using emulator = await startEmulator()
  await using application = startApplication(script, { env: { ...emulator.env, PORT: '0' }, signal })
  const [, url] = await application.line(/^listening on (\S+)$/)
  const statuses: number[] = []
  for (const path of ['/greet/Zo%C3%AB', '/stock/lamp', '/stock/desk', '/stock/rug']) {
    const traceparent = `00-${TRACE_ID}-${SPAN_ID}-01`
    const response = await fetch(url + path, { headers: { traceparent } })
    await response.arrayBuffer()
    statuses.push(response.status)
  }
  await application.stop()

  expect(statuses).toEqual([200, 200, 500, 404])
  await application.line(/^logged 6$/)
  const rows = inOrder(emulator.rows())
  expect(rows.map((row) => row['Properties'])).toEqual([
    expect.objectContaining({ sequence: 1, name: 'Zoë' }),
    expect.objectContaining({ sequence: 2, method: 'GET', url: '/greet/Zo%C3%AB', status: 200 }),
    expect.objectContaining({ sequence: 3, status: 200 }),
    expect.objectContaining({ sequence: 4 }),
    expect.objectContaining({ sequence: 5, status: 500 }),
    expect.objectContaining({ sequence: 6, status: 404 }),
  ])
  expect(rows[3]).toMatchObject({
    Level: 'error',
    Logger: 'winston-express',
    Message: 'request failed',
    TraceId: TRACE_ID,
    SpanId: SPAN_ID,
    ErrorType: 'Error',
    ErrorMessage: 'The stock of desk cannot be read',
    ErrorStack: expect.stringContaining('SyntaxError'),
  })
  emulator.assertNothingDropped()
})

test('the secrets of a request and of an error are in no row and not on the console', async ({ signal }) => {
  await using emulator = await startEmulator()
  await using application = startApplication(script, { env: { ...emulator.env, PORT: '0' }, signal })
  const [, url] = await application.line(/^listening on (\S+)$/)
  const statuses: number[] = []
  for (const cardNumber of ['4242424242424242', '5105105105105100']) {
    const response = await fetch(`${url}/orders`, {
      method: 'POST',
      headers: { authorization: 'Bearer of-the-customer', 'content-type': 'application/json' },
      body: JSON.stringify({ item: 'lamp', payment: { cardNumber, securityCode: 'back-of-the-card' } }),
    })
    expect(await response.json()).toEqual(
      response.status === 201 ? { ordered: 'lamp' } : expect.objectContaining({ error: expect.any(String) }),
    )
    statuses.push(response.status)
  }
  await application.stop()

  expect(statuses).toEqual([201, 500])
  await application.line(/^logged 5$/)
  const rows = inOrder(emulator.rows())
  expect(rows.map((row) => row['Message'])).toEqual([
    'order received',
    'POST /orders 201',
    'order received',
    'request failed',
    'POST /orders 500',
  ])
  const payment = { cardNumber: '[redacted]', securityCode: '[redacted]' }
  expect(rows[0]).toMatchObject({
    Properties: { headers: { authorization: '[redacted]' }, order: { item: 'lamp', payment } },
  })
  expect(rows[3]).toMatchObject({
    ErrorMessage: 'The payment was refused',
    ErrorStack: expect.stringMatching(/\n\s+at pay /),
    Properties: {
      error: { request: { method: 'POST', headers: { authorization: '[redacted]' }, body: payment } },
    },
  })
  await application.line(/The payment was refused/)
  for (const secret of [
    'of-the-customer',
    'of-the-shop',
    '4242424242424242',
    '5105105105105100',
    'back-of-the-card',
  ]) {
    expect(JSON.stringify(rows)).not.toContain(secret)
    expect(application.stdout()).not.toContain(secret)
  }
  emulator.assertNothingDropped()
})
