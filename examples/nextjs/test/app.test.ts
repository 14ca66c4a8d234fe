import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator, Row } from '@azlogs/emulator'
import { beforeAll, expect, test } from 'vitest'

import { startApplication } from '../../application.ts'
import type { Application } from '../../application.ts'

const directory = fileURLToPath(new URL('..', import.meta.url))
const next = createRequire(import.meta.url).resolve('next/dist/bin/next')
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'

// vitest's NODE_ENV is for tests.
const environment = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' } as const

beforeAll(async () => {
  const env = { ...process.env, ...environment }
  await promisify(execFile)(process.execPath, [next, 'build', directory], { env })
}, 600_000)

function startServer(emulator: Emulator, signal: AbortSignal): Application {
  return startApplication(next, {
    arguments: ['start', directory, '--hostname', '127.0.0.1', '--port', '0'],
    env: { ...emulator.env, ...environment },
    signal,
  })
}

/** Resolves when the whole answer is there. */
async function ask(url: string, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(url + path, { headers: { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01` } })
  return { status: response.status, text: await response.text() }
}

function inOrder(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((a, b) => (String(a['TimeGenerated']) < String(b['TimeGenerated']) ? -1 : 1))
}

test('every record of the application is in the table, those of pages, routes and errors', async ({
  signal,
}) => {
  await using emulator = await startEmulator()
  await using application = startServer(emulator, signal)
  const [, url = ''] = await application.line(/Local:\s+(\S+)/)

  const answers = [
    await ask(url, '/greet/Zo%C3%AB'),
    await ask(url, '/stock/lamp'),
    await ask(url, '/stock/desk'),
    await ask(url, '/stock/rug'),
  ]
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 500, 404])
  expect(answers[0]?.text).toContain('Zoë')
  await emulator.waitForRows(5)
  const rows = inOrder(emulator.rows())
  expect(rows.map((row) => [row['Message'], Reflect.get(Object(row['Properties']), 'sequence')])).toEqual([
    ['server started', 1],
    ['greeting', 2],
    ['counted', 3],
    ['request failed', 4],
    ['unknown item', 5],
  ])
  expect(rows[1]).toMatchObject({ Logger: 'nextjs', TraceId: TRACE_ID, SpanId: SPAN_ID })
  expect(rows[1]).toMatchObject({ Properties: { greeted: 'Zoë' } })
  expect(rows[3]).toMatchObject({
    Level: 'error',
    TraceId: TRACE_ID,
    ErrorType: 'Error',
    ErrorMessage: expect.stringContaining('The stock of desk cannot be read'),
    ErrorStack: expect.stringContaining('caused by: SyntaxError'),
    Properties: { method: 'GET', path: '/stock/desk', route: '/stock/[item]' },
  })
  emulator.assertNothingDropped()
})

test('a server that is told to end while it answers has lost nothing', async ({ signal }) => {
  await using emulator = await startEmulator()
  await using application = startServer(emulator, signal)
  const [, url = ''] = await application.line(/Local:\s+(\S+)/)
  await emulator.waitForRows(1)
  emulator.answerNext({ delayMs: 500 })

  expect((await ask(url, '/stock/lamp')).status).toBe(200)
  // Next.js waits for after() and then calls process.exit(143), which waits for nothing.
  await expect(application.stop()).rejects.toThrow('ended with code 143')
  expect(inOrder(emulator.rows()).map((row) => row['Message'])).toEqual(['server started', 'counted'])
  emulator.assertNothingDropped()
})
