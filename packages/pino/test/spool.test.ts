import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import pino from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'

import { azureLogsTransport, createAzureLogsStream } from '../src/index.ts'
import type { AzureLogsOptions, AzureLogsStream, ProblemEvent } from '../src/index.ts'
import type { Scenario } from './fixtures/app.ts'
import { runFixture } from './run-app.ts'
import type { Ending } from './run-app.ts'

let emulator: Emulator
let token: string

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
  ;({ token } = await emulator.credential.getToken('https://monitor.azure.com/.default'))
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

const NOWHERE = 'http://127.0.0.1:9'

/** A new directory; it goes with the test. */
function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'azlogs-pino-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

type Spool = NonNullable<AzureLogsOptions['spool']>

interface Run extends Partial<Scenario> {
  readonly spool: Spool
  readonly signal?: NodeJS.Signals
  readonly cwd?: string
}

/** Runs an application that logs a thousand lines, has a spool and no server, and ends in its way. */
function run({ spool, signal, cwd, ...scenario }: Run): Promise<Ending> {
  const whole: Scenario = {
    version: 'pino',
    way: 'target',
    end: 'exit',
    lines: 1000,
    options: { closeTimeoutMs: 300, spool: { minFreeBytes: 0, ...spool } },
    ...scenario,
  }
  const env = { ...emulator.env, AZURE_DCE_ENDPOINT: NOWHERE, TEST_TOKEN: token }
  return runFixture('app', whole, env, signal, cwd)
}

function openStream(spool: Spool, options: AzureLogsOptions = {}): AzureLogsStream {
  const { url: endpoint, ruleId, streamName, credential } = emulator
  const stream = createAzureLogsStream({
    endpoint,
    ruleId,
    streamName,
    credential,
    closeTimeoutMs: 500,
    ...options,
    spool: { minFreeBytes: 0, ...spool },
  })
  onTestFinished(async () => {
    const closed = once(stream, 'close')
    stream.end()
    await closed
  })
  return stream
}

/** Numbers of the lines that arrive when another process with this spool logs nothing at all. */
async function recover(directory: string, count: number): Promise<readonly number[]> {
  const stream = openStream({ directory })
  await vi.waitFor(() => expect(stream.stats()).toMatchObject({ delivered: count, recovered: count }), {
    timeout: 15_000,
  })
  return emulator
    .rows()
    .map((row) => Number(Reflect.get(row['Properties'] as object, 'index')))
    .sort((one, other) => one - other)
}

const THOUSAND = Array.from({ length: 1000 }, (_value, index) => index)

/** Not «Nothing is lost yet». */
const LOSS = /\d records? lost/

describe.each([
  ['target', 'pino'],
  ['target', 'pino-9'],
  ['full', 'pino'],
  ['in-process', 'pino'],
] as const)('%s of %s', (way, version) => {
  test.each(['wal', 'spill'] as const)(
    '%s: process.exit() right after a thousand log calls loses nothing: the next process delivers each once',
    async (durability) => {
      const directory = newDirectory()
      const ending = await run({ way, version, spool: { directory, durability } })
      expect(ending).toMatchObject({ code: 0, stderr: expect.not.stringMatching(LOSS) })
      expect(emulator.rows()).toEqual([])
      expect(await recover(directory, 1000)).toEqual(THOUSAND)
    },
  )
})

test.each(['target', 'full', 'in-process'] as const)(
  '%s: an uncaught exception loses nothing',
  async (way) => {
    const directory = newDirectory()
    const { code, stderr } = await run({ way, end: 'throw', spool: { directory, durability: 'spill' } })
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('Error: uncaught') })
    expect(stderr).not.toMatch(LOSS)
    expect(await recover(directory, 1000)).toEqual(THOUSAND)
  },
)

test.each(['full', 'in-process'] as const)('%s: SIGTERM that nobody handles loses nothing', async (way) => {
  const directory = newDirectory()
  const { signal, stderr } = await run({
    way,
    end: 'signal',
    signal: 'SIGTERM',
    spool: { directory, durability: 'spill' },
  })
  expect({ signal, stderr }).toEqual({ signal: 'SIGTERM', stderr: expect.not.stringMatching(LOSS) })
  expect(await recover(directory, 1000)).toEqual(THOUSAND)
})

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'plain way: what the worker had received when %s came is in the spool',
  async (signal) => {
    const directory = newDirectory()
    const ending = await run({ end: 'received', signal, spool: { directory } })
    expect(ending).toMatchObject({ signal, stdout: '1000 received, ready\n' })
    expect(await recover(directory, 1000)).toEqual(THOUSAND)
  },
)

test('a relative directory is one of the working directory at the time of construction', async () => {
  const cwd = newDirectory()
  await run({ way: 'full', end: 'chdir-exit', lines: 5, cwd, spool: { directory: 'kept/here' } })
  expect(readdirSync(join(cwd, 'kept/here'))).toHaveLength(1)
  expect(await recover(join(cwd, 'kept/here'), 5)).toHaveLength(5)
})

test('in-process: durable() resolves when the lines are in files', async () => {
  const directory = newDirectory()
  const stream = openStream({ directory }, { endpoint: NOWHERE, onProblem: () => {} })
  const logger = pino(stream)
  for (let index = 0; index < 100; index += 1) logger.info({ index }, 'kept')
  await stream.durable()
  expect(stream.stats()).toMatchObject({ pending: 100, spool: { state: 'ok', files: 1 } })
})

test('a spool that is full is told as degraded by the problem events of the worker', async () => {
  const directory = newDirectory()
  const { ruleId, streamName, credential } = emulator
  const transport = azureLogsTransport({
    endpoint: NOWHERE,
    ruleId,
    streamName,
    credential,
    closeTimeoutMs: 100,
    maxBatchBytes: 20_000,
    spool: { directory, minFreeBytes: 0, maxBytes: 100_000 },
  })
  const events: ProblemEvent[] = []
  transport.on('azlogs:problem', (event) => events.push(event))
  const logger = pino(transport)
  for (let index = 0; index < 1000; index += 1) logger.info('x'.repeat(300))
  await vi.waitFor(
    () =>
      expect(events).toContainEqual(
        expect.objectContaining({
          kind: 'degraded',
          code: 'AZLOGS_SPOOL_FULL',
          error: expect.objectContaining({ name: 'AzlogsError' }),
        }),
      ),
    { timeout: 15_000 },
  )
  const closed = once(transport, 'close')
  transport.end()
  await closed
})
