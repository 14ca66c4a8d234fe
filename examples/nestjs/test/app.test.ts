import { fileURLToPath } from 'node:url'

import { startEmulator } from '@azlogs/emulator'
import type { Row } from '@azlogs/emulator'
import { beforeAll, expect, test } from 'vitest'

import { startApplication } from '../../application.ts'
import { compile } from '../../compile.ts'

const directory = fileURLToPath(new URL('..', import.meta.url))
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'

beforeAll(() => compile(directory), 60_000)

/** The rows of an application that was asked four things and then ended by SIGTERM, in the order of logging. */
async function rowsOf(name: 'pino' | 'winston', signal: AbortSignal): Promise<readonly Row[]> {
  await using emulator = await startEmulator()
  const env = { ...emulator.env, PORT: '0' }
  await using application = startApplication(`${directory}/dist/${name}.js`, { env, signal })
  const [, url] = await application.line(/^listening on (\S+)$/)
  const statuses: number[] = []
  for (const path of ['/greet/Zo%C3%AB', '/stock/lamp', '/stock/desk', '/stock/rug']) {
    const headers = { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01`, authorization: 'Bearer s3cret' }
    const response = await fetch(url + path, { headers })
    await response.arrayBuffer()
    statuses.push(response.status)
  }
  await application.stop()

  expect(statuses).toEqual([200, 200, 503, 404])
  const [, logged] = await application.line(/^logged (\d+)$/)
  const rows = emulator
    .rows()
    .toSorted((a, b) => (String(a['TimeGenerated']) < String(b['TimeGenerated']) ? -1 : 1))
  expect(rows.map((row) => propertiesOf(row)['sequence'])).toEqual(
    Array.from({ length: Number(logged) }, (_, index) => index + 1),
  )
  expect(JSON.stringify(rows)).not.toContain('s3cret')
  emulator.assertNothingDropped()
  return rows
}

function propertiesOf(row: Row): Readonly<Record<string, unknown>> {
  return Object(row['Properties']) as Readonly<Record<string, unknown>>
}

const unreadableStock = {
  Level: 'error',
  Message: 'The stock of desk cannot be read',
  TraceId: TRACE_ID,
  SpanId: SPAN_ID,
  ErrorType: 'UnreadableStock',
  ErrorStack: expect.stringContaining('caused by: SyntaxError'),
  Properties: { context: 'UnreadableStockFilter', error: { item: 'desk' } },
}

test('nestjs-pino: after SIGTERM every record of the application is in the table', async ({ signal }) => {
  const rows = await rowsOf('pino', signal)

  expect(rows[0]).toMatchObject({ Logger: 'nestjs-pino', Message: 'Starting Nest application...' })
  const ofRequests = rows.filter((row) => row['TraceId'] === TRACE_ID)
  expect(ofRequests.map((row) => [row['Message'], propertiesOf(row)['req']])).toEqual([
    ['greeting', { id: 1, method: 'GET', url: '/greet/Zo%C3%AB' }],
    ['request completed', { id: 1, method: 'GET', url: '/greet/Zo%C3%AB' }],
    ['request completed', { id: 2, method: 'GET', url: '/stock/lamp' }],
    ['The stock of desk cannot be read', { id: 3, method: 'GET', url: '/stock/desk' }],
    ['request errored', { id: 3, method: 'GET', url: '/stock/desk' }],
    ['request errored', { id: 4, method: 'GET', url: '/stock/rug' }],
  ])
  expect(ofRequests[0]).toMatchObject({ Properties: { context: 'ShopController', greeted: 'Zoë' } })
  expect(ofRequests[3]).toMatchObject(unreadableStock)
  expect(ofRequests[4]).toMatchObject({
    ErrorType: 'UnreadableStock',
    Properties: { res: { statusCode: 503 } },
  })
})

test('nest-winston: after SIGTERM every record of the application is in the table', async ({ signal }) => {
  const rows = await rowsOf('winston', signal)

  expect(rows[0]).toMatchObject({ Logger: 'nestjs-winston', Message: 'Starting Nest application...' })
  const ofRequests = rows.filter((row) => row['TraceId'] === TRACE_ID)
  expect(ofRequests.map((row) => row['Message'])).toEqual([
    'greeting',
    'GET /greet/Zo%C3%AB 200',
    'GET /stock/lamp 200',
    'The stock of desk cannot be read',
    'GET /stock/desk 503',
    'GET /stock/rug 404',
  ])
  const requestIds = ofRequests.map((row) => propertiesOf(row)['requestId'])
  expect(new Set(requestIds).size).toBe(4)
  expect(requestIds[1]).toBe(requestIds[0])
  expect(requestIds[4]).toBe(requestIds[3])
  expect(ofRequests[0]).toMatchObject({ Properties: { context: 'ShopController', greeted: 'Zoë' } })
  expect(ofRequests[3]).toMatchObject(unreadableStock)
  expect(propertiesOf(ofRequests[3] ?? {})).not.toHaveProperty('stack')
})
