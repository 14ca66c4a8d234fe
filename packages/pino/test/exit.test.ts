import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import type { Scenario } from './fixtures/app.ts'
import { VERSIONS } from './rows-of.ts'
import { runFixture } from './run-app.ts'
import type { Ending } from './run-app.ts'

let emulator: Emulator
let token: string
let directory: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'azlogs-pino-'))
  emulator = await startEmulator({ https: false })
  ;({ token } = await emulator.credential.getToken('https://monitor.azure.com/.default'))
})
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true })
  await emulator.close()
})
beforeEach(() => emulator.clear())

function run(scenario: Partial<Scenario>, signalWhenReady?: NodeJS.Signals): Promise<Ending> {
  const whole: Scenario = { version: 'pino', way: 'target', end: 'normal', lines: 5, ...scenario }
  return runFixture('app', whole, { ...emulator.env, TEST_TOKEN: token }, signalWhenReady)
}

function indices(): unknown[] {
  return emulator.rows().map((row) => Reflect.get(row['Properties'] as object, 'index'))
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_value, index) => index)
}

test.each(VERSIONS)('%s: a process that simply ends has delivered everything, in order', async (version) => {
  expect(await run({ version })).toMatchObject({ code: 0, stderr: '' })
  expect(indices()).toEqual(upTo(5))
})

test.each(VERSIONS)('%s: process.exit() right after 1,000 log calls loses none', async (version) => {
  expect(await run({ version, end: 'exit', lines: 1000 })).toMatchObject({ code: 0, stderr: '' })
  expect(indices().sort((a, b) => Number(a) - Number(b))).toEqual(upTo(1000))
})

test('an uncaught exception loses nothing', async () => {
  const { code, stderr } = await run({ end: 'throw' })
  expect(code).not.toBe(0)
  expect(stderr).toContain('Error: uncaught')
  expect(indices()).toEqual(upTo(5))
})

test('SIGTERM with a handler that calls process.exit() loses nothing', async () => {
  expect(await run({ end: 'sigterm-handler' }, 'SIGTERM')).toMatchObject({ code: 0, stderr: '' })
  expect(indices()).toEqual(upTo(5))
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  'the full way delivers on a %s that nobody handles, and then dies of it',
  async (signal) => {
    expect(await run({ way: 'full', end: 'signal' }, signal)).toMatchObject({ signal, stderr: '' })
    expect(indices()).toEqual(upTo(5))
  },
)

test('of an application that logs on while a SIGTERM ends it, every line is delivered or counted as lost', async () => {
  const { signal, stdout, stderr } = await run({ way: 'full', end: 'busy-signal' }, 'SIGTERM')
  expect(signal).toBe('SIGTERM')
  const logged = Number(/(\d+) logged, ready\n$/.exec(stdout)?.[1])
  const lost = Array.from(stderr.matchAll(/(\d+) lines since/g), ([, count]) => Number(count))
  expect(indices().length + lost.reduce((sum, count) => sum + count, 0)).toBe(logged)
})

test('logger.flush() means delivered: SIGKILL in its callback loses nothing', async () => {
  expect(await run({ end: 'logger-flush-kill', lines: 1000 })).toMatchObject({ signal: 'SIGKILL' })
  expect(indices()).toHaveLength(1000)
})

test.each([
  ['pino', 'target'],
  ['pino', 'targets'],
  ['pino', 'pipeline'],
  ['pino', 'full'],
  ['pino-9', 'target'],
  ['pino-9', 'targets'],
  ['pino-9', 'pipeline'],
] as const)(
  '%s, %s: flushTransport() means delivered: SIGKILL after it loses nothing',
  async (version, way) => {
    const ending = await run({ version, way, end: 'flush-kill', lines: 1000 })
    expect(ending).toMatchObject({ signal: 'SIGKILL', stdout: '{"complete":true,"pending":0}\n' })
    expect(indices()).toHaveLength(1000)
  },
)

test.each(VERSIONS)(
  '%s: a target beside ours gets everything too, also at process.exit()',
  async (version) => {
    const file = join(directory, `${version}.log`)
    expect(await run({ version, way: 'targets', end: 'exit', file })).toMatchObject({ code: 0, stderr: '' })
    expect(indices()).toEqual(upTo(5))
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(5)
  },
)

test.each(VERSIONS)('%s: at the end of a pipeline we ship what its steps made', async (version) => {
  expect(await run({ version, way: 'pipeline' })).toMatchObject({ code: 0, stderr: '' })
  expect(emulator.rows().map((row) => row['Message'])).toEqual(upTo(5).map((index) => `LINE ${index}`))
})

test.each([
  ['pino', 'target'],
  ['pino', 'targets'],
  ['pino-9', 'target'],
] as const)(
  '%s, %s: options that cannot work are told whole, harm nobody, and the lines lost to them are counted',
  async (version, way) => {
    const options = { ruleId: 'my-rule', streamName: 'Logs_CL' }
    const { code, stdout, stderr } = await run({ version, way, end: 'stay', options })
    expect(code).toBe(0)
    expect(stdout).toBe('still here\n')
    expect(stderr).toMatch(
      /^azlogs: AZLOGS_CONFIG: The pino transport cannot be set up: - ruleId is "my-rule".* - streamName is /,
    )
    expect(stderr).toMatch(/\nazlogs: AZLOGS_CONFIG: 5 records lost\. .*\n$/)
  },
)

test('options that cannot work are told even when the process ends at once', async () => {
  const { code, stderr } = await run({ end: 'exit', options: { ruleId: 'my-rule' } })
  expect(code).toBe(0)
  expect(stderr).toContain('The pino transport cannot be set up: - ruleId is "my-rule"')
  expect(stderr).toContain('5 records lost')
})

test('the full way throws at once, in the thread that has the mistake', async () => {
  const { code, stderr } = await run({ way: 'full', options: { ruleId: 'my-rule' } })
  expect(code).toBe(1)
  expect(stderr).toContain('The pino transport cannot be set up:\n  - ruleId is "my-rule"')
})
