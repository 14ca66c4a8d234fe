import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Problem } from '@azlogs/core'
import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { AzureLogsTransport } from '@azlogs/winston'
import type { AzureLogsTransportOptions } from '@azlogs/winston'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import winston from 'winston'

import { toEmulator } from './logging.ts'
import { runFixture } from './run-fixture.ts'
import type { Ending } from './run-fixture.ts'

let emulator: Emulator
let token: string

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
  ;({ token } = await emulator.credential.getToken('https://monitor.azure.com/.default'))
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

/** Not «Nothing is lost yet». */
const LOSS = /\d records? lost/

const NOWHERE = 'http://127.0.0.1:9'

/** A new directory; it goes with the test. */
function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'azlogs-winston-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Runs an application that logs a thousand records, has a spool and no server, and ends in its way. */
function run(way: string, directory: string, env: Record<string, string>, cwd?: string): Promise<Ending> {
  return runFixture(
    new URL('fixtures/ending.ts', import.meta.url),
    [way, '300'],
    {
      ...emulator.env,
      AZURE_DCE_ENDPOINT: NOWHERE,
      EMULATOR_TOKEN: token,
      RECORDS: '1000',
      SPOOL: directory,
      ...env,
    },
    cwd,
  )
}

interface Opened {
  readonly transport: AzureLogsTransport
  readonly logger: winston.Logger
  readonly problems: Problem[]
}

function open(directory: string, options: AzureLogsTransportOptions = {}): Opened {
  const problems: Problem[] = []
  const transport = new AzureLogsTransport({
    ...toEmulator(emulator),
    closeTimeoutMs: 500,
    onProblem: (problem) => problems.push(problem),
    ...options,
    spool: { directory, minFreeBytes: 0, ...options.spool },
  })
  const logger = winston.createLogger({ transports: [transport] })
  onTestFinished(async () => {
    await new Promise((resolve) => logger.once('finish', resolve).end())
  })
  return { transport, logger, problems }
}

/** What arrives when another process with this spool logs nothing at all. */
async function recover(directory: string, count: number): Promise<readonly string[]> {
  const { transport } = open(directory)
  await vi.waitFor(() => expect(transport.stats()).toMatchObject({ delivered: count, recovered: count }), {
    timeout: 15_000,
  })
  return emulator.rows().map((row) => String(row['Message']))
}

const THOUSAND = Array.from({ length: 1000 }, (_value, index) => `record ${index}`)

function inOrder(messages: readonly string[]): readonly string[] {
  return messages.toSorted(
    (one, other) => Number(one.split(' ')[1] ?? -1) - Number(other.split(' ')[1] ?? -1),
  )
}

describe.each([
  ['in-process', 'false'],
  ['worker', 'true'],
])('%s', (_name, worker) => {
  test.each(['wal', 'spill'])(
    '%s: process.exit() right after a thousand log calls loses nothing: the next process delivers each once',
    async (durability) => {
      const directory = newDirectory()
      const ending = await run('exit', directory, { WORKER: worker, DURABILITY: durability })
      expect(ending).toMatchObject({ code: 0, stderr: expect.not.stringMatching(LOSS) })
      expect(emulator.rows()).toEqual([])
      expect(inOrder(await recover(directory, 1000))).toEqual(THOUSAND)
    },
  )

  test.each(['uncaught', 'uncaught-handled', 'sigterm'])('%s loses nothing', async (way) => {
    const directory = newDirectory()
    const { stderr } = await run(way, directory, { WORKER: worker, DURABILITY: 'spill' })
    expect(stderr).not.toMatch(LOSS)
    const last = way === 'uncaught-handled' ? ['uncaughtException: nobody caught this'] : []
    const messages = await recover(directory, 1000 + last.length)
    expect(inOrder(messages.filter((message) => !last.includes(message)))).toEqual(THOUSAND)
    expect(messages).toEqual(expect.arrayContaining(last))
  })

  test('SIGKILL after durable() loses nothing', async () => {
    const directory = newDirectory()
    const { signal } = await run('durable-kill', directory, { WORKER: worker })
    expect(signal).toBe('SIGKILL')
    expect(inOrder(await recover(directory, 1000))).toEqual(THOUSAND)
  })

  test('what is logged in an exit handler is kept, too', async () => {
    const directory = newDirectory()
    const { stderr } = await run('exit-handler', directory, { WORKER: worker, RECORDS: '5' })
    expect(stderr).not.toMatch(LOSS)
    expect(await recover(directory, 6)).toContain('goodbye')
  })

  test('a relative directory is one of the working directory at the time of construction', async () => {
    const parent = newDirectory()
    await run('chdir-exit', 'kept/here', { WORKER: worker, RECORDS: '5' }, parent)
    expect(readdirSync(join(parent, 'kept/here'))).toHaveLength(1)
    expect(await recover(join(parent, 'kept/here'), 5)).toHaveLength(5)
  })

  test('a spool that is full is told to onProblem as degraded, and durable() rejects', async () => {
    const directory = newDirectory()
    const { transport, logger, problems } = open(directory, {
      endpoint: NOWHERE,
      worker: worker === 'true',
      maxBatchBytes: 20_000,
      spool: { directory, maxBytes: 100_000 },
    })
    for (let index = 0; index < 1000; index += 1) logger.info('x'.repeat(300))
    await expect(transport.durable()).rejects.toMatchObject({
      name: 'AzlogsError',
      code: 'AZLOGS_SPOOL_FULL',
    })
    await vi.waitFor(
      () =>
        expect(problems).toContainEqual(
          expect.objectContaining({ kind: 'degraded', code: 'AZLOGS_SPOOL_FULL' }),
        ),
      { timeout: 10_000 },
    )
    expect(transport.stats()).toMatchObject({ accepted: 1000, dropped: 0 })
  })

  test('a directory that others can write to is refused at construction, and starts no thread: its failure would end the application', async () => {
    const directory = newDirectory()
    chmodSync(directory, 0o777)
    const threads: unknown[] = []
    const note = (thread: unknown): void => void threads.push(thread)
    process.on('worker', note)
    expect(() => open(directory, { worker: worker === 'true' })).toThrow(/chmod 700/)
    await new Promise(setImmediate)
    process.off('worker', note)
    expect(threads).toEqual([])
  })

  test('without a spool, durable() says what it needs', async () => {
    const transport = new AzureLogsTransport({ ...toEmulator(emulator), worker: worker === 'true' })
    await expect(transport.durable()).rejects.toMatchObject({ code: 'AZLOGS_CONFIG' })
    await new Promise((resolve) => transport.once('finish', resolve).end())
  })
})

test('what dead processes left is shipped by the worker, and not by the main thread', async () => {
  const directory = newDirectory()
  await run('exit', directory, {})
  const { subscribe, unsubscribe } = await import('node:diagnostics_channel')
  const settled: unknown[] = []
  const note = (event: unknown): void => void settled.push(event)
  subscribe('azlogs:batch:settled', note)
  onTestFinished(() => void unsubscribe('azlogs:batch:settled', note))
  const { transport } = open(directory, { worker: true })
  await vi.waitFor(() => expect(transport.stats()).toMatchObject({ delivered: 1000, recovered: 1000 }), {
    timeout: 15_000,
  })
  expect(settled).toEqual([])
})

test('durable() rejects when the worker dies before it could say that everything is kept, and what comes later is kept', async () => {
  const directory = newDirectory()
  const { transport, logger } = open(directory, {
    worker: true,
    credential: { kind: 'module', path: new URL('fixtures/leaving-credential.ts', import.meta.url).href },
    // So that the credential is asked for a token, and the worker ends, before durable() has its answer.
    spool: { directory, fsync: true },
    maxBatchBytes: 20_000,
  })
  for (let index = 0; index < 2000; index += 1) logger.info('x'.repeat(300))
  await expect(transport.durable()).rejects.toMatchObject({ code: 'AZLOGS_WORKER' })
  logger.info('later')
  await transport.durable()
})

test('a worker that dies says what its spool keeps, and the next process delivers that', async () => {
  const directory = newDirectory()
  const env = { WORKER: 'true', MORTAL: 'true', RECORDS: '5' }
  const { code, stderr } = await run('nothing', directory, env)
  expect(code).toBe(0)
  expect(stderr).toMatch(
    /AZLOGS_WORKER: .* records lost: .* Those that are in the spool are not: the next process sends them/,
  )
  expect(new Set(await recover(directory, 5))).toEqual(new Set(THOUSAND.slice(0, 5)))
})
