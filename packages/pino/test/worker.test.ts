import { once } from 'node:events'

import type { Problem } from '@azlogs/core'
import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'

import { azureLogsTransport, flushTransport } from '../src/index.ts'
import type { AzureLogsOptions, AzureLogsTransport, PinoTransportStats } from '../src/index.ts'
import { load, VERSIONS } from './rows-of.ts'

let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator({ https: false })
  const { token } = await emulator.credential.getToken('https://monitor.azure.com/.default')
  // The worker thread copies the environment as it starts.
  Object.assign(process.env, emulator.env, { TEST_TOKEN: token })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

/** pino 9, and pino 10 for one of several targets, load TypeScript by ts-node only; what is published is JavaScript. */
const target = new URL('fixtures/target.mjs', import.meta.url).href
const options = {
  credential: { kind: 'module', path: new URL('fixtures/credential.ts', import.meta.url).href },
} as const
const NULL_FILE = { target: 'pino/file', options: { destination: '/dev/null' } }

function open(more: AzureLogsOptions = {}): AzureLogsTransport {
  return azureLogsTransport({ ...options, ...more })
}

/** Ends the worker and waits for it. */
async function end(transport: {
  end(): void
  once(event: 'close', listener: () => void): unknown
}): Promise<void> {
  const closed = new Promise<void>((resolve) => transport.once('close', resolve))
  transport.end()
  await closed
}

function messages(): unknown[] {
  return emulator.rows().map((row) => row['Message'])
}

test.each(
  VERSIONS.flatMap((version) =>
    (['target', 'targets', 'pipeline'] as const).flatMap((shape) =>
      (['at once', 'later'] as const).map((when) => [version, shape, when] as const),
    ),
  ),
)(
  '%s, %s: what pino() says of its keys and levels holds from the first line, called %s',
  async (version, shape, when) => {
    const pino = load(version)
    const ours = { target, options }
    const transport = pino.transport<object>(
      shape === 'target' ? ours : shape === 'targets' ? { targets: [ours, NULL_FILE] } : { pipeline: [ours] },
    )
    if (when === 'later') await once(transport, 'ready')
    const logger = pino({ messageKey: 'text', errorKey: 'failure', customLevels: { audit: 35 } }, transport)
    logger.audit('first')
    logger.error(new TypeError('second'))
    expect(await flushTransport(transport)).toEqual({ complete: true, pending: 0 })
    expect(emulator.rows()).toMatchObject([
      { Level: 'audit', SeverityNumber: 11, Message: 'first' },
      { Level: 'error', Message: 'second', ErrorType: 'TypeError' },
    ])
    await end(transport)
  },
)

test('a transport that no pino() was called on becomes ready and ships what is written to it', async () => {
  const transport = open()
  await once(transport, 'ready')
  transport.write('{"level":40,"msg":"by hand"}\n')
  await flushTransport(transport)
  expect(emulator.rows()).toMatchObject([{ Level: 'warn', Message: 'by hand' }])
  await end(transport)
})

test('a line that is no JSON is shipped as it is, and counted', async () => {
  const transport = open()
  const stats = once(transport, 'azlogs:stats') as Promise<[PinoTransportStats]>
  transport.write('Segmentation fault\n')
  load('pino')(transport).info('fine')
  await flushTransport(transport)
  expect(messages()).toEqual(['Segmentation fault', 'fine'])
  expect((await stats)[0]).toMatchObject({ accepted: 2, delivered: 2, unparsedLines: 1 })
  await end(transport)
})

test('flushTransport() waits for every target of ours in the worker', async () => {
  const pino = load('pino')
  const ours = { target, options }
  const transport = pino.transport<object>({ targets: [ours, NULL_FILE, ours] })
  emulator.answerNext({ delayMs: 300 })
  pino(transport).info('to both')
  expect(await flushTransport(transport)).toEqual({ complete: true, pending: 0 })
  expect(messages()).toEqual(['to both', 'to both'])
  await end(transport)
})

test('flushTransport() ends with its time limit and says what is still waiting', async () => {
  const transport = open({ closeTimeoutMs: 100, onProblem: () => {} })
  emulator.answerNext({ delayMs: 60_000 })
  const logger = load('pino')(transport)
  await once(transport, 'ready')
  for (let index = 0; index < 3; index++) logger.info('x')
  expect(await flushTransport(transport, { timeoutMs: 200 })).toEqual({ complete: false, pending: 3 })
  await end(transport)
})

test('flushTransport() after 50,000 lines, most of them still in this thread, waits for all', async () => {
  const transport = open()
  const logger = load('pino')(transport)
  const text = 'x'.repeat(200)
  for (let index = 0; index < 50_000; index++) logger.info({ index, text }, 'bulk')
  expect(await flushTransport(transport)).toEqual({ complete: true, pending: 0 })
  expect(emulator.rows()).toHaveLength(50_000)
  await end(transport)
})

test('flushTransport() says so when the stream is none of ours', async () => {
  const pino = load('pino')
  await expect(flushTransport(pino({ enabled: false }))).rejects.toMatchObject({ code: 'AZLOGS_CONFIG' })
  await expect(flushTransport({})).rejects.toThrow(/takes what pino.transport\(\)/)
  const foreign = pino.transport(NULL_FILE)
  await expect(flushTransport(foreign)).rejects.toThrow(/No target of @azlogs\/pino answered within 5000 ms/)
  await end(foreign)
})

test('flushTransport() after the end, or while the worker dies, rejects', async () => {
  const transport = open({ onProblem: () => {} })
  await end(transport)
  await expect(flushTransport(transport)).rejects.toMatchObject({ code: 'AZLOGS_CLOSED' })

  const dying = open({ onProblem: () => {} })
  await once(dying, 'ready')
  emulator.answerNext({ delayMs: 60_000 })
  load('pino')(dying).info('x')
  const flushed = flushTransport(dying)
  void workerOf(dying).terminate()
  await expect(flushed).rejects.toMatchObject({ code: 'AZLOGS_CLOSED' })
})

function workerOf(transport: AzureLogsTransport): { terminate(): Promise<number> } {
  return Reflect.get(transport, 'worker') as { terminate(): Promise<number> }
}

test('a worker that has died costs the lines, which are counted, and not the application', async () => {
  const problems: Problem[] = []
  const transport = open({ onProblem: (problem) => problems.push(problem) })
  const logger = load('pino')(transport)
  await once(transport, 'ready')
  const closed = new Promise<void>((resolve) => transport.once('close', resolve))
  void workerOf(transport).terminate()
  await closed
  logger.info('into the void')
  await vi.waitFor(() => expect(problems).toHaveLength(1))
  expect(problems[0]).toMatchObject({ kind: 'lost', code: 'AZLOGS_CLOSED' })
  expect(problems[0]?.message).toContain('worker')
})

test('problems come back as events, and to onProblem as they were', async () => {
  const problems: Problem[] = []
  const transport = open({ onProblem: (problem) => problems.push(problem) })
  const event = once(transport, 'azlogs:problem') as Promise<[unknown]>
  emulator.answerNext({ status: 400, body: { error: { code: 'InvalidPayload', message: 'no' } } })
  load('pino')(transport).info('refused')
  expect(await flushTransport(transport)).toEqual({ complete: true, pending: 0 })
  const [problem] = await event
  expect(problem).toMatchObject({
    kind: 'quarantined',
    recordCount: 1,
    error: { name: 'AzlogsError', code: 'AZLOGS_REJECTED', statusCode: 400 },
  })
  expect(problems).toHaveLength(1)
  expect(problems[0]?.error).toBeInstanceOf(Error)
  expect(problems[0]).toMatchObject({
    error: { code: 'AZLOGS_REJECTED', statusCode: 400, name: 'AzlogsError' },
  })
  expect(JSON.parse(problems[0]?.records?.[0] ?? '')).toMatchObject({ Message: 'refused' })
  await end(transport)
})

test('what onProblem throws stays inside', async () => {
  let calls = 0
  const transport = open({
    onProblem: () => {
      calls += 1
      throw new Error('from onProblem')
    },
  })
  emulator.answerNext({ status: 400 })
  load('pino')(transport).info('refused')
  await flushTransport(transport)
  expect(calls).toBe(1)
  await end(transport)
})

test('throttling, failures and broken connections for a while lose nothing', async () => {
  const transport = open({ flushIntervalMs: 20 })
  const logger = load('pino')(transport)
  emulator.answerNext(
    { status: 429, headers: { 'retry-after': '1' } },
    { status: 500 },
    { reset: 'before' },
    { reset: 'after' },
  )
  for (let index = 0; index < 2000; index++) {
    logger.info({ index }, `line ${index}`)
    if (index % 200 === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  expect(await flushTransport(transport)).toEqual({ complete: true, pending: 0 })
  expect(new Set(messages()).size).toBe(2000)
  emulator.assertNothingDropped()
  await end(transport)
})

test('an option that cannot go into a worker is named before one is started', () => {
  const policy = { name: 'mine', sendRequest: () => Promise.reject(new Error('unused')) }
  expect(() => open({ client: { additionalPolicies: [{ policy, position: 'perCall' }] } })).toThrow(
    /^The pino transport cannot be set up:\n {2}- client cannot go into a worker thread: .*createAzureLogsStream/,
  )
})

test('one error lists everything that is wrong, whoever checks it', () => {
  const wrong = {
    ruleId: 'x',
    columns: { Level: 'a' },
    messageKey: '',
    customLevels: { a: 'b' },
    mapping: 'flat',
    retries: 3,
  }
  expect(() => open(wrong as unknown as AzureLogsOptions)).toThrow(
    /ruleId is "x".*"retries" is no option.*"Level" is a column.*messageKey is "".*customLevels is .*mapping is "flat"/s,
  )
})
