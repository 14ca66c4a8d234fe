import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'

import type { Problem } from '@azlogs/core'
import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'

import { createAzureLogsStream, flushTransport } from '../src/index.ts'
import type * as ours from '../src/index.ts'
import type { AzureLogsOptions, AzureLogsStream } from '../src/index.ts'
import { load, VERSIONS } from './rows-of.ts'

let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

function open(more: AzureLogsOptions = {}): AzureLogsStream {
  const { url: endpoint, ruleId, streamName, credential } = emulator
  return createAzureLogsStream({ endpoint, ruleId, streamName, credential, ...more })
}

function end(stream: AzureLogsStream): Promise<void> {
  return new Promise((resolve) => stream.end(resolve))
}

function messages(): unknown[] {
  return emulator.rows().map((row) => row['Message'])
}

/** This package's sources once more, in another folder. */
async function copyOfPackage(): Promise<typeof ours> {
  const folder = mkdtempSync(join(tmpdir(), 'azlogs-copy-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const here = fileURLToPath(new URL('..', import.meta.url))
  cpSync(join(here, 'src'), join(folder, 'src'), { recursive: true })
  cpSync(join(here, 'package.json'), join(folder, 'package.json'))
  symlinkSync(join(here, 'node_modules'), join(folder, 'node_modules'), 'junction')
  return (await import(pathToFileURL(join(folder, 'src/index.ts')).href)) as typeof ours
}

test.each(VERSIONS)('%s: logger.flush() calls back when everything is delivered', async (version) => {
  const stream = open()
  const logger = load(version)({ messageKey: 'text', customLevels: { audit: 35 } }, stream)
  logger.audit('first')
  logger.child({ requestId: 7 }).error(new Error('second'))
  await new Promise<void>((resolve) => logger.flush(() => resolve()))
  expect(emulator.rows()).toMatchObject([
    { Level: 'audit', Message: 'first' },
    { Level: 'error', Message: 'second', ErrorMessage: 'second', Properties: { requestId: 7 } },
  ])
  await end(stream)
})

test('a stream may be pino’s only argument, and end() waits for the last record', async () => {
  const stream = open()
  const logger = load('pino')(stream)
  for (let index = 0; index < 100; index++) logger.info(`line ${index}`)
  await end(stream)
  expect(messages()).toEqual(Array.from({ length: 100 }, (_value, index) => `line ${index}`))
  expect(stream.stats()).toMatchObject({ accepted: 100, delivered: 100, pending: 0, unparsedLines: 0 })
})

test('flushTransport() takes this stream as it takes a worker', async () => {
  const stream = open()
  load('pino')(stream).info('x')
  expect(await flushTransport(stream)).toEqual({ complete: true, pending: 0 })
  expect(messages()).toEqual(['x'])
  await end(stream)
})

test('fatal begins to send at once', async () => {
  const stream = open({ flushIntervalMs: 60_000 })
  load('pino')(stream).fatal('going down')
  await emulator.waitForRows(1)
  await end(stream)
})

test('behind pino.multistream the usual keys are known', async () => {
  const pino = load('pino')
  const stream = open()
  const logger = pino({}, pino.multistream([{ stream }, { stream: new PassThrough().resume() }]))
  logger.warn({ err: new Error('boom') }, 'x')
  await flushTransport(stream)
  expect(emulator.rows()).toMatchObject([{ Level: 'warn', Message: 'x', ErrorMessage: 'boom' }])
  await end(stream)
})

test('flushTransport() takes a stream of another copy of this package, such as bundlers make', async () => {
  const stream = open()
  load('pino')(stream).info('x')
  const copy = await copyOfPackage()
  expect(copy.flushTransport).not.toBe(flushTransport)
  expect(await copy.flushTransport(stream)).toEqual({ complete: true, pending: 0 })
  expect(messages()).toEqual(['x'])
  await end(stream)
})

test('messages of others on the stream change nothing', async () => {
  const stream = open()
  stream.emit('message', { code: 'OTHER', config: { messageKey: 'text' } })
  stream.emit('message', undefined)
  load('pino')(stream).info('x')
  await flushTransport(stream)
  expect(messages()).toEqual(['x'])
  await end(stream)
})

test('a record that is passed through is converted to the declared types', async () => {
  const schema = {
    columns: [
      { name: 'Message', type: 'string' },
      { name: 'ProcessId', type: 'int' },
    ],
  } as const
  const stream = open({ mapping: 'passthrough', schema })
  stream.write('{"Message":7,"ProcessId":"42"}\n')
  await flushTransport(stream)
  expect(emulator.rows()).toMatchObject([{ Message: '7', ProcessId: 42 }])
  await end(stream)
})

test('lines that are cut anywhere, inside a character too, are put together again', async () => {
  const bytes = Buffer.from(
    '{"level":30,"msg":"grüße 👋"}\nno JSON at all\r\n{"level":30,"msg":"no line break"}',
  )
  const stream = open()
  await pipeline(function* eachByte() {
    for (const byte of bytes) yield Buffer.of(byte)
  }, stream)
  expect(messages()).toEqual(['grüße 👋', 'no JSON at all', 'no line break'])
  expect(stream.stats().unparsedLines).toBe(1)
})

test('what is logged after the end is counted as lost, and emits no error', async () => {
  const problems: Problem[] = []
  const stream = open({ onProblem: (problem) => problems.push(problem) })
  const logger = load('pino')(stream)
  await end(stream)
  logger.info('too late')
  expect(problems).toMatchObject([{ kind: 'lost', code: 'AZLOGS_CLOSED', recordCount: 1 }])
  expect(stream.stats()).toMatchObject({ accepted: 1, dropped: 1 })
})

test('options that cannot work throw at once, all of them in one error', () => {
  const { credential } = emulator
  expect(() =>
    createAzureLogsStream({ endpoint: 'ftp://x', ruleId: 'x', streamName: 'x', credential }),
  ).toThrow(/^The pino transport cannot be set up:\n {2}- endpoint .*\n {2}- ruleId .*\n {2}- streamName /)
})
