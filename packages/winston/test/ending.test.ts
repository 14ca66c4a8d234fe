import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

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

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly closeTimeoutMs?: number
}

function runWith(worker: boolean, way: string, options: RunOptions = {}): Promise<Ending> {
  return runFixture(
    new URL('fixtures/ending.ts', import.meta.url),
    [way, String(options.closeTimeoutMs ?? 5000)],
    {
      ...emulator.env,
      EMULATOR_TOKEN: token,
      WORKER: String(worker),
      ...options.env,
    },
  )
}

const DEAD = { env: { AZURE_DCE_ENDPOINT: 'http://127.0.0.1:9' }, closeTimeoutMs: 500 }

const messages = (): readonly unknown[] => emulator.rows().map((row) => row['Message'])
const FIVE = ['record 0', 'record 1', 'record 2', 'record 3', 'record 4']

/** How long the process lived on after the logger's finish. */
function msAfterFinish({ stdout }: Ending): number {
  expect(stdout).toMatch(/^ended \d+\n$/)
  return Number(stdout.slice('ended '.length))
}

describe.each([
  ['in-process', false],
  ['worker', true],
])('%s', (_name, worker) => {
  const run = (way: string, options?: RunOptions): Promise<Ending> => runWith(worker, way, options)

  test('a process that simply ends delivers everything first', async () => {
    expect(await run('nothing')).toMatchObject({ code: 0, stderr: '' })
    expect(messages()).toEqual(FIVE)
  })

  test('logger.end() delivers everything before finish, and the process ends at once', async () => {
    const ending = await run('end')
    expect(ending).toMatchObject({ code: 0, stderr: '' })
    expect(msAfterFinish(ending)).toBeLessThan(1000)
    expect(messages()).toEqual(FIVE)
  })

  test('once everything is delivered, no listener of ours is left in the process', async () => {
    expect(await run('end-count')).toMatchObject({ code: 0, stderr: '', stdout: '[0,4,0]' })
  })

  test('process.exit() in the finish handler loses nothing', async () => {
    expect(await run('end-exit')).toMatchObject({ code: 0, stderr: '' })
    expect(messages()).toEqual(FIVE)
  })

  test('with a dead endpoint finish comes all the same, and the loss is reported with its count', async () => {
    const { code, stderr } = await run('end-exit', DEAD)
    expect(code).toBe(0)
    expect(stderr).toMatch(/AZLOGS_CLOSE_DEADLINE: 5 records lost/)
  })

  test('with a dead endpoint a process that ended its logger waits one closeTimeoutMs and not two', async () => {
    const ending = await run('end', { ...DEAD, closeTimeoutMs: 2000 })
    expect(ending).toMatchObject({ code: 0, stderr: expect.stringMatching(/5 records lost/) })
    expect(msAfterFinish(ending)).toBeLessThan(1000)
  })

  test.each([
    ['uncaught-handled', 'exception', 'uncaughtException: nobody caught this', 'nobody caught this'],
    ['rejection-handled', 'rejection', 'unhandledRejection: nobody awaited this', 'nobody awaited this'],
  ])(
    '%s: the error arrives with everything before it, without the host’s secrets',
    async (way, kind, ...texts) => {
      const [message, errorMessage] = texts
      const { code, stderr } = await run(way)
      expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
      expect(messages()).toEqual([...FIVE, message])
      expect(emulator.rows().at(-1)).toMatchObject({
        Level: 'error',
        ErrorType: 'RangeError',
        ErrorMessage: errorMessage,
        ErrorStack: expect.stringMatching(/^RangeError: nobody [^]*\n {4}at /),
        // Nothing of process.argv, the working directory and the like.
        Properties: { [kind]: true },
      })
      expect(Object.keys(emulator.rows().at(-1)?.['Properties'] as object)).toEqual([kind])
    },
  )

  test('of an application that logs on while a SIGTERM ends it, every record is delivered or counted as lost', async () => {
    const { signal, stdout, stderr } = await run('sigterm-busy')
    expect(signal).toBe('SIGTERM')
    const logged = Number(/(\d+) logged\n$/.exec(stdout)?.[1])
    const lost = Array.from(stderr.matchAll(/(\d+) records? lost/g), ([, count]) => Number(count))
    expect(messages().length + lost.reduce((sum, count) => sum + count, 0)).toBe(logged)
  })

  test('SIGTERM delivers everything and then ends the process as it would have', async () => {
    expect(await run('sigterm')).toMatchObject({ code: null, signal: 'SIGTERM', stderr: '' })
    expect(messages()).toEqual(FIVE)
  })

  test.each(['sigterm-on', 'sigterm-once'])(
    '%s: an application with a handler of its own decides',
    async (way) => {
      expect(await run(way)).toMatchObject({ code: 3, signal: null, stderr: '' })
      expect(messages()).toEqual(FIVE)
    },
  )
})

test('in-process, process.exit() right after logging loses what is in memory, and says how much', async () => {
  const { code, stderr } = await runWith(false, 'exit')
  expect(code).toBe(0)
  expect(stderr).toMatch(/AZLOGS_CLOSE_DEADLINE: 5 records lost/)
  expect(messages()).toEqual([])
})

test('in-process, an uncaught exception loses what is in memory, and says how much', async () => {
  const { code, stderr } = await runWith(false, 'uncaught')
  expect(code).not.toBe(0)
  expect(stderr).toMatch(/RangeError: nobody caught this/)
  expect(stderr).toMatch(/5 records lost/)
})

test('worker: process.exit() right after logging loses nothing', async () => {
  expect(await runWith(true, 'exit')).toMatchObject({ code: 0, stderr: '' })
  expect(messages()).toEqual(FIVE)
})

test('worker: an uncaught exception loses nothing', async () => {
  const { code, stderr } = await runWith(true, 'uncaught')
  expect(code).toBe(1)
  expect(stderr).toMatch(/RangeError: nobody caught this/)
  expect(stderr).not.toContain('azlogs')
  expect(messages()).toEqual(FIVE)
})

test('worker: process.exit() needs no new token of a credential object in the main thread', async () => {
  expect(await runWith(true, 'object-exit')).toMatchObject({ code: 0, stderr: '' })
  expect(messages()).toHaveLength(10)
})

test('worker: process.exit() with a dead endpoint takes closeTimeoutMs, and says what is lost', async () => {
  const { code, stderr } = await runWith(true, 'exit', DEAD)
  expect(code).toBe(0)
  expect(stderr).toMatch(/AZLOGS_CLOSE_DEADLINE: 5 records lost/)
})

test('worker: a thread that cannot start costs no record, is told once, and the application goes on', async () => {
  const preload = new URL('fixtures/no-threads.mjs', import.meta.url).href
  const { code, stderr } = await runWith(true, 'nothing', { env: { NODE_OPTIONS: `--import=${preload}` } })
  expect(code).toBe(0)
  expect(stderr).toBe(
    'azlogs: AZLOGS_WORKER: The worker thread that ships has ended (no agent for threads). The main thread ships from now on.\n',
  )
  expect(messages()).toEqual(FIVE)
})
