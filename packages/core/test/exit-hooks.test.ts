import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

interface Ending {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

function run(
  way: string,
  options: { env?: Record<string, string>; killWhenReady?: NodeJS.Signals } = {},
): Promise<Ending> {
  const fixture = fileURLToPath(new URL('fixtures/exit.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=dev', fixture, way], {
    env: { ...process.env, ...emulator.env, NODE_OPTIONS: '', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    if (options.killWhenReady !== undefined && stdout.includes('ready')) child.kill(options.killWhenReady)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  )
}

const DEAD_ENDPOINT = { AZURE_DCE_ENDPOINT: 'http://127.0.0.1:9' }

test('a process that simply ends delivers everything first', async () => {
  expect(await run('normal')).toMatchObject({ code: 0, stderr: '' })
  expect(emulator.rows()).toHaveLength(5)
})

test('close() leaves no listener behind', async () => {
  expect(await run('close')).toMatchObject({ code: 0, stdout: 'listeners 0,0,0,0\n' })
  expect(emulator.rows()).toHaveLength(5)
})

test('any number of shippers adds one listener each, and no warning', async () => {
  const { stdout, stderr } = await run('many')
  expect(stdout).toBe('listeners 1,1,1,1\n')
  expect(stderr).toBe('')
})

test('process.exit() loses what is in memory, and says how much', async () => {
  const { code, stderr } = await run('exit')
  expect(code).toBe(0)
  expect(stderr).toMatch(/^azlogs: AZLOGS_CLOSE_DEADLINE: 5 records lost: /)
  expect(emulator.rows()).toHaveLength(0)
})

test('an uncaught exception loses what is in memory, and says how much', async () => {
  const { code, stderr } = await run('throw')
  expect(code).toBe(1)
  expect(stderr).toContain('Error: uncaught')
  expect(stderr).toContain('azlogs: AZLOGS_CLOSE_DEADLINE: 5 records lost: ')
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s delivers everything and then ends the process as it would have',
  async (signal) => {
    expect(await run('signal', { killWhenReady: signal })).toMatchObject({ code: null, signal, stderr: '' })
    expect(emulator.rows()).toHaveLength(5)
  },
)

test('an application with a handler of its own decides when it ends', async () => {
  expect(await run('signal-handled', { killWhenReady: 'SIGTERM' })).toMatchObject({ code: 7, signal: null })
  expect(emulator.rows()).toHaveLength(5)
})

test('with a dead endpoint the process ends within closeTimeoutMs and reports the loss', async () => {
  const before = performance.now()
  const { code, stderr } = await run('normal', { env: DEAD_ENDPOINT })
  expect(performance.now() - before).toBeLessThan(6000)
  expect(code).toBe(0)
  expect(stderr).toContain('5 records lost')
})

test('with a dead endpoint SIGTERM ends the process all the same', async () => {
  const { signal, stderr } = await run('signal', { env: DEAD_ENDPOINT, killWhenReady: 'SIGTERM' })
  expect(signal).toBe('SIGTERM')
  expect(stderr).toContain('5 records lost')
})

test('a request that hangs does not keep the process alive', async () => {
  emulator.answerNext({ delayMs: 60_000, times: 10 })
  const before = performance.now()
  const { code, stdout, stderr } = await run('in-flight')
  expect(stdout).toBe('in flight 1\n')
  expect(code).toBe(0)
  expect(stderr).toContain('5 records lost')
  expect(performance.now() - before).toBeLessThan(10_000)
})

test('onProblem hears of the loss too', async () => {
  const { stdout, stderr } = await run('problems-to-stdout', { env: DEAD_ENDPOINT })
  expect(stdout).toContain('5 records lost')
  expect(stderr).toBe('')
})

test('a row that is pushed in an exit handler after ours is counted as lost, too', async () => {
  const { stderr } = await run('exit-handler')
  expect(stderr).toMatch(/5 records lost[^]*1 record lost/)
})
