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
  const [, logged] = await application.line(/^logged (\d+)$/)
  const rows = inOrder(emulator.rows())
  // Fastify logs where it listens, each request as it comes and as it goes, and each error.
  expect(rows.map((row) => row['Message'])).toEqual([
    expect.stringMatching(/^Server listening at /),
    'incoming request',
    'greeting',
    'request completed',
    'incoming request',
    'request completed',
    'incoming request',
    'The stock of desk cannot be read',
    'request completed',
    'incoming request',
    'request completed',
  ])
  expect(rows.map((row) => Reflect.get(Object(row['Properties']), 'sequence'))).toEqual(
    Array.from({ length: Number(logged) }, (_, index) => index + 1),
  )
  expect(rows[2]).toMatchObject({ Logger: 'pino-fastify', TraceId: TRACE_ID, SpanId: SPAN_ID })
  expect(rows[2]).toMatchObject({ Properties: { greeted: 'Zoë', reqId: 'req-1' } })
  expect(rows[3]).toMatchObject({ Properties: { res: { statusCode: 200 } } })
  expect(rows[7]).toMatchObject({
    Level: 'error',
    ErrorType: 'Error',
    ErrorMessage: expect.stringContaining('The stock of desk cannot be read'),
    ErrorStack: expect.stringContaining('SyntaxError'),
  })
  emulator.assertNothingDropped()
})

test('each target gets the records of its level, and none of them a secret', async ({ signal }) => {
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
    await response.arrayBuffer()
    statuses.push(response.status)
  }
  await application.stop()

  expect(statuses).toEqual([201, 500])
  await application.line(/^logged 8$/)
  const rows = inOrder(emulator.rows())
  expect(rows.map((row) => row['Message'])).toEqual([
    expect.stringMatching(/^Server listening at /),
    'incoming request',
    'order received',
    'request completed',
    'incoming request',
    'order received',
    'The payment was refused',
    'request completed',
  ])
  const payment = { cardNumber: '[redacted]', securityCode: '[redacted]' }
  expect(rows[2]).toMatchObject({
    Properties: { headers: { authorization: '[redacted]' }, order: { item: 'lamp', payment } },
  })
  expect(rows[6]).toMatchObject({
    Level: 'error',
    Properties: { error: { request: { headers: { authorization: '[redacted]' }, body: '[redacted]' } } },
  })
  // On stdout there are only warnings and errors, as pino writes them.
  const shown = application
    .stdout()
    .split('\n')
    .filter((line) => line.startsWith('{'))
  expect(shown.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ level: 50, msg: 'The payment was refused' }),
  ])
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
