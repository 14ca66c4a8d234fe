import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Problem } from '@azlogs/core'
import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { AzureLogsTransport } from '@azlogs/winston'
import type { AzureLogsTransportOptions, AzureLogsTransportStats } from '@azlogs/winston'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import winston from 'winston'

import { toEmulator } from './logging.ts'
import { runFixture } from './run-fixture.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
  process.env['EMULATOR_TOKEN'] = (
    await emulator.credential.getToken('https://monitor.azure.com/.default')
  ).token
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

function open(options: AzureLogsTransportOptions = {}): {
  readonly transport: AzureLogsTransport
  readonly logger: winston.Logger
  readonly problems: Problem[]
} {
  const problems: Problem[] = []
  const transport = new AzureLogsTransport({
    ...toEmulator(emulator),
    worker: true,
    onProblem: (problem) => problems.push(problem),
    ...options,
  })
  return { transport, problems, logger: winston.createLogger({ transports: [transport] }) }
}

function sumOf({ delivered, quarantined, dropped, pending }: AzureLogsTransportStats): number {
  return delivered + quarantined + dropped + pending
}

const messages = (): readonly unknown[] => emulator.rows().map((row) => row['Message'])

test('shipping happens in another thread: this one opens no connection and asks for no second token', async () => {
  const getToken = vi.fn((scopes: string | string[]) => emulator.credential.getToken(scopes))
  const fetched: unknown[] = []
  const { transport, logger } = open({ credential: { getToken } })
  const { subscribe, unsubscribe } = await import('node:diagnostics_channel')
  const note = (event: unknown): void => void fetched.push(event)
  subscribe('azlogs:batch:sent', note)
  logger.info('elsewhere')
  expect(await transport.flush()).toEqual({ complete: true, pending: 0 })
  unsubscribe('azlogs:batch:sent', note)
  expect(messages()).toEqual(['elsewhere'])
  expect(fetched).toEqual([])
  expect(getToken.mock.calls.map(([scopes]) => scopes)).toEqual([['https://monitor.azure.com/.default']])
})

test('a token that the service refuses is replaced by the credential object', async () => {
  const getToken = vi.fn((scopes: string | string[]) => emulator.credential.getToken(scopes))
  const { transport, logger } = open({ credential: { getToken } })
  emulator.answerNext({ status: 401 })
  logger.info('again')
  expect(await transport.flush()).toEqual({ complete: true, pending: 0 })
  expect(messages()).toEqual(['again'])
  expect(getToken).toHaveBeenCalledTimes(2)
})

test('why a credential object gives no token reaches onProblem in its own words', async () => {
  const { transport, logger, problems } = open({
    credential: { getToken: () => Promise.reject(new Error('no identity is assigned to this host')) },
    closeTimeoutMs: 100,
  })
  logger.info('x')
  await transport.flush({ timeoutMs: 500 })
  await vi.waitFor(() => expect(problems).not.toHaveLength(0))
  expect(problems[0]).toMatchObject({ kind: 'delayed', error: { code: 'AZLOGS_TOKEN' } })
  expect(problems[0]?.message).toContain('no identity is assigned to this host')
})

test('stats() adds up at every instant, and is whole after a flush', async () => {
  const { transport, logger } = open()
  for (let index = 0; index < 500; index += 1) {
    logger.info(`message ${index}`)
    if (index % 50 === 0) await new Promise(setImmediate)
    const stats = transport.stats()
    expect(stats.accepted).toBe(index + 1)
    expect(sumOf(stats)).toBe(index + 1)
  }
  await transport.flush()
  expect(transport.stats()).toMatchObject({
    accepted: 500,
    delivered: 500,
    pending: 0,
    dropped: 0,
    requests: 1,
    routes: [{ circuit: 'closed' }],
  })
})

test('counters are told without a flush too', async () => {
  const { transport, logger } = open({ flushIntervalMs: 10 })
  logger.info('one')
  await vi.waitFor(() => expect(transport.stats()).toMatchObject({ delivered: 1, pending: 0 }), {
    timeout: 5000,
  })
})

test('a record with values that JSON refuses is counted as repaired', async () => {
  const { transport } = open({ mapRecord: () => ({ Message: 10n }) })
  transport.log({ level: 'info', message: 'big' }, () => {})
  await transport.flush()
  expect(transport.stats()).toMatchObject({ delivered: 1, repaired: 1 })
})

test('lines of any size arrive, also when they come before the worker has started', async () => {
  const { transport, logger } = open()
  const sizes = [1, 100_000, 3_000_000, 10, 4_200_000, 5]
  for (const size of sizes) logger.info('ü'.repeat(size), { size })
  await transport.flush()
  const arrived = emulator.rows().map((row) => Reflect.get(row['Properties'] as object, 'size'))
  expect(new Set(arrived)).toEqual(new Set(sizes))
})

test('a worker that dies is told once, its records are counted, and this thread ships from then on', async () => {
  const { transport, logger, problems } = open({
    credential: { kind: 'module', path: new URL('fixtures/mortal-credential.ts', import.meta.url).href },
  })
  const errors: unknown[] = []
  transport.on('error', (error) => errors.push(error))
  logger.info('lost 1')
  logger.info('lost 2')
  expect(await transport.flush()).toEqual({ complete: true, pending: 0 })
  expect(problems).toMatchObject([
    {
      kind: 'lost',
      code: 'AZLOGS_WORKER',
      recordCount: 2,
      message: expect.stringMatching(
        /\(this module suffers no threads\)\. 2 records lost: .* main thread ships from now on\.$/,
      ),
    },
  ])
  expect(transport.stats()).toMatchObject({
    accepted: 2,
    dropped: 2,
    pending: 0,
    droppedBy: { closed: 2 },
    droppedLevels: { closed: { unknown: 2 } },
  })

  logger.info('kept')
  expect(await transport.flush()).toEqual({ complete: true, pending: 0 })
  expect(messages()).toEqual(['kept'])
  const stats = transport.stats()
  expect(stats).toMatchObject({ accepted: 3, delivered: 1, dropped: 2 })
  expect(sumOf(stats)).toBe(3)
  expect(problems).toHaveLength(1)
  expect(errors).toEqual([])
})

test('a worker that ends without an error is told as one that ended by itself', async () => {
  const { transport, logger, problems } = open({
    credential: { kind: 'module', path: new URL('fixtures/leaving-credential.ts', import.meta.url).href },
  })
  logger.info('lost')
  await transport.flush()
  expect(problems).toMatchObject([
    { code: 'AZLOGS_WORKER', message: expect.stringContaining('has ended (by itself). 1 records lost') },
  ])
  logger.info('kept')
  expect(await transport.flush()).toEqual({ complete: true, pending: 0 })
  expect(messages()).toEqual(['kept'])
})

test('what cannot be handed over to the worker for want of room is shipped by this thread', async () => {
  const { transport, logger } = open({ maxBufferBytes: 200_000 })
  // The worker has not started yet.
  for (let index = 0; index < 600; index += 1) logger.info('x'.repeat(300), { index })
  expect(await transport.flush()).toEqual({ complete: true, pending: 0 })
  const stats = transport.stats()
  expect(stats.accepted).toBe(600)
  expect(sumOf(stats)).toBe(600)
  expect(stats.delivered).toBeGreaterThan(400)
  expect(emulator.rows()).toHaveLength(stats.delivered)
})

test('an endpoint that hangs fills neither the memory nor the event loop of the application', async () => {
  const hanging = createServer(() => {})
  await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    hanging.close()
    hanging.closeAllConnections()
  })
  const { port } = hanging.address() as AddressInfo
  const { code, stdout, stderr } = await runFixture(new URL('fixtures/flood.ts', import.meta.url), [], {
    ...emulator.env,
    AZURE_DCE_ENDPOINT: `http://127.0.0.1:${port}`,
  })
  expect({ code, stderr: stderr.replaceAll(/^azlogs: .*\n/gm, '') }).toEqual({ code: 0, stderr: '' })
  const told = JSON.parse(stdout) as AzureLogsTransportStats & { held: number; longestMs: number }
  expect(told.accepted).toBeGreaterThanOrEqual(100_000)
  expect(sumOf(told)).toBe(told.accepted)
  expect(told.dropped).toBeGreaterThan(80_000)
  // Twice maxBufferBytes: the worker's, and this thread's for what came before the worker had started.
  expect(told.pendingBytes).toBeLessThanOrEqual(16_000_000)
  // All of it is more than 200 MB. A worker that stops reading blocks this thread for ten seconds.
  expect(told.held).toBeLessThan(120_000_000)
  expect(told.longestMs).toBeLessThan(5000)
}, 60_000)

test.each([
  [{ worker: 'yes' }, /worker is "yes"; it can be true or false/],
  [
    { worker: true, client: { additionalPolicies: [{ position: 'perCall', policy: { sendRequest() {} } }] } },
    /client cannot go into a worker thread: .* Leave worker out/,
  ],
  [{ worker: true, ruleId: 'my-rule' }, /ruleId/],
])('%o is refused at construction', (wrong, reason) => {
  expect(() => new AzureLogsTransport({ ...toEmulator(emulator), ...(wrong as object) })).toThrow(reason)
})
