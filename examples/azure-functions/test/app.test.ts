import { fileURLToPath } from 'node:url'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator, Row } from '@azlogs/emulator'
import { beforeAll, expect, test } from 'vitest'

import { startApplication } from '../../application.ts'
import type { Application } from '../../application.ts'
import { compile } from '../../compile.ts'

const directory = fileURLToPath(new URL('..', import.meta.url))
const worker = fileURLToPath(new URL('fixtures/worker.ts', import.meta.url))
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'

beforeAll(() => compile(directory), 60_000)

function startWorker(emulator: Emulator, signal: AbortSignal, env: Record<string, string> = {}): Application {
  return startApplication(worker, {
    arguments: [directory],
    // A busy machine shall not make a delivery look like an outage.
    env: { ...emulator.env, LOG_FLUSH_TIMEOUT_MS: '60000', ...env },
    signal,
  })
}

async function urlOf(application: Application): Promise<string> {
  const [, url = ''] = await application.line(/^listening on (\S+)$/)
  return url
}

/** Resolves with the status when the whole answer is there. */
async function ask(url: string, item: string): Promise<number> {
  const traceparent = `00-${TRACE_ID}-${SPAN_ID}-01`
  const response = await fetch(`${url}/api/stock/${item}`, { headers: { traceparent } })
  await response.arrayBuffer()
  return response.status
}

/** Message and running number, in the order of logging. */
function told(rows: readonly Row[]): readonly (readonly [unknown, unknown])[] {
  return rows
    .toSorted((a, b) => (String(a['TimeGenerated']) < String(b['TimeGenerated']) ? -1 : 1))
    .map((row) => [Reflect.get(Object(row['Properties']), 'sequence'), row['Message']])
}

test('the records of an invocation are in the table when its answer is there', async ({ signal }) => {
  await using emulator = await startEmulator()
  await using application = startWorker(emulator, signal)
  const url = await urlOf(application)

  expect(await ask(url, 'lamp')).toBe(200)
  const ofLamp = [
    [1, 'asked'],
    [2, 'counted'],
  ]
  expect(told(emulator.rows())).toEqual(ofLamp)
  expect(await ask(url, 'rug')).toBe(404)
  expect(told(emulator.rows())).toEqual([...ofLamp, [3, 'asked'], [4, 'unknown item']])
  expect(emulator.rows().find((row) => row['Message'] === 'counted')).toMatchObject({
    Logger: 'azure-functions',
    TraceId: TRACE_ID,
    SpanId: SPAN_ID,
    Properties: { functionName: 'stock', invocationId: expect.stringMatching(/^[\da-f-]{36}$/), count: 12 },
  })
  await application.stop()
  expect(told(emulator.rows()).at(-1)).toEqual([5, 'function app ends'])
  emulator.assertNothingDropped()
})

test('an invocation that throws is in the table with its error and its cause', async ({ signal }) => {
  await using emulator = await startEmulator()
  await using application = startWorker(emulator, signal)

  expect(await ask(await urlOf(application), 'desk')).toBe(500)
  expect(told(emulator.rows())).toEqual([
    [1, 'asked'],
    [2, 'invocation failed'],
  ])
  expect(emulator.rows().find((row) => row['Level'] === 'error')).toMatchObject({
    Message: 'invocation failed',
    TraceId: TRACE_ID,
    ErrorType: 'Error',
    ErrorMessage: expect.stringContaining('The stock of desk cannot be read'),
    ErrorStack: expect.stringContaining('caused by: SyntaxError'),
  })
  emulator.assertNothingDropped()
})

test('a process that is frozen as the hook has resolved, and never goes on, has lost nothing', async ({
  signal,
}) => {
  await using emulator = await startEmulator()
  // A hook that did not wait would be through long before.
  emulator.answerNext({ delayMs: 500 })
  await using application = startWorker(emulator, signal, { FREEZE: '1' })
  const url = await urlOf(application)

  const unanswered = expect(ask(url, 'desk')).rejects.toThrow('fetch failed')
  await application.line(/^frozen$/)
  expect(told(emulator.rows())).toEqual([
    [1, 'asked'],
    [2, 'invocation failed'],
  ])
  emulator.assertNothingDropped()
  await application[Symbol.asyncDispose]()
  await unanswered
})

test('an outage holds an invocation up for so long only, and its records come at the end of the process', async ({
  signal,
}) => {
  await using emulator = await startEmulator()
  emulator.answerNext({ status: 503, headers: { 'retry-after': '2' } })
  await using application = startWorker(emulator, signal, { LOG_FLUSH_TIMEOUT_MS: '100' })
  const url = await urlOf(application)

  expect(await ask(url, 'lamp')).toBe(200)
  expect(emulator.rows()).toEqual([])
  await application.stop()
  expect(told(emulator.rows())).toEqual([
    [1, 'asked'],
    [2, 'counted'],
    [3, 'function app ends'],
  ])
  emulator.assertNothingDropped()
})
