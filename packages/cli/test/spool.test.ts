import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import { environment, runCli, runHere } from './run-cli.ts'
import { closedPort, directoryForTest, emulatorForTest } from './surroundings.ts'

// Each test starts processes, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const APP = new URL('fixtures/spooling-app.ts', import.meta.url).pathname

let original: string

beforeAll(async () => {
  original = await mkdtemp(join(tmpdir(), 'azlogs-cli-'))
  await promisify(execFile)(process.execPath, ['--conditions=dev', APP, original], {
    env: environment({
      AZURE_DCE_ENDPOINT: `http://127.0.0.1:${await closedPort()}`,
      AZURE_DCR_RULE_ID: 'dcr-0123456789abcdef0123456789abcdef',
      AZURE_DCR_STREAM_NAME: 'Custom-AppLogs_CL',
    }),
  })
})

afterAll(() => rm(original, { recursive: true, force: true }))

/** A copy of a spool with a hundred rows that a process left behind when it ended. */
async function leftSpool(): Promise<string> {
  const directory = join(await directoryForTest(), 'spool')
  await cp(original, directory, { recursive: true })
  return directory
}

/** The path of the only file of rows. */
async function spoolFile(directory: string): Promise<string> {
  const names = await readdir(directory, { recursive: true })
  return join(directory, names.find((name) => name.endsWith('.spool')) ?? '')
}

test('ls tells what is waiting, since when, for which stream, and how much', async () => {
  const directory = await leftSpool()
  const ran = await runCli(['spool', 'ls', directory])
  expect(ran).toMatchObject({ code: 0, stderr: '' })
  expect(ran.stdout).toContain('Custom-AppLogs_CL of dcr-0123456789abcdef0123456789abcdef')
  expect(ran.stdout).toMatch(/^1 file, [\d.]+ kB, waiting since \d{4}-\d\d-\d\dT[\d:.]+Z$/m)
  const json = await runCli(['spool', 'ls', directory, '--json'])
  expect(JSON.parse(json.stdout)).toMatchObject({
    instances: [{ files: [{ header: { stream: 'Custom-AppLogs_CL' } }] }],
  })
})

test('verify reads every row and finds a damaged one', async () => {
  const directory = await leftSpool()
  const sound = await runCli(['spool', 'verify', directory])
  expect(sound).toMatchObject({ code: 0, stderr: '' })
  expect(sound.stdout).toContain('100 records, 0 damaged\n')

  const file = await spoolFile(directory)
  const text = await readFile(file, 'latin1')
  await writeFile(file, text.replace('row 50', 'row 5O'), 'latin1')
  const damaged = await runCli(['spool', 'verify', directory])
  expect(damaged.code).toBe(1)
  expect(damaged.stdout).toContain('99 records, 1 damaged\n')
  expect(damaged.stderr).toContain('error AZL5002 1 record damaged')
})

test('verify tells a row that was being written, which is no damage', async () => {
  const directory = await leftSpool()
  const file = await spoolFile(directory)
  await truncate(file, (await stat(file)).size - 5)
  const ran = await runCli(['spool', 'verify', directory])
  expect(ran).toMatchObject({ code: 0, stderr: '' })
  expect(ran.stdout).toMatch(/99 records, \d+ bytes of a row that was being written$/m)
})

test('send delivers what is left to the stream that it is for, and nothing stays', async () => {
  const directory = await leftSpool()
  const emulator = await emulatorForTest({ https: false })
  const ran = await runCli(['spool', 'send', directory], { env: emulator.env })
  expect(ran).toMatchObject({ code: 0, stderr: '' })
  expect(ran.stdout).toBe('100 records delivered from 1 file, 0 refused, 0 damaged\n')
  expect(emulator.rows()).toHaveLength(100)
  expect((await runCli(['spool', 'ls', directory])).stdout).toBe('Nothing is waiting.\n')
})

test('send leaves everything where it is when the endpoint does not take it', async () => {
  const directory = await leftSpool()
  const emulator = await emulatorForTest({ https: false })
  emulator.answerNext({ status: 503, times: 10_000 })
  const ran = await runCli(['spool', 'send', directory, '--minutes', '0.01'], { env: emulator.env })
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain('error AZL5003 1 file not sent')
  expect((await runCli(['spool', 'verify', directory])).stdout).toContain('100 records, 0 damaged')
})

test('rows are not sent to another stream than theirs', async () => {
  const directory = await leftSpool()
  const emulator = await emulatorForTest({ https: false })
  const ran = await runCli(['spool', 'send', directory, '--stream', 'Custom-Other_CL'], { env: emulator.env })
  expect(ran.stdout).toContain('0 records delivered from 0 files')
  expect(emulator.requests()).toEqual([])
})

test.for([
  [['spool'], 'error AZL1001 azlogs spool needs a command.'],
  [['spool', 'show'], '"show" is no command of azlogs spool.'],
  [['spool', 'ls'], 'Missing required positional argument: DIRECTORY'],
  [['spool', 'ls', '/nowhere'], 'error AZL5001 There is no spool at /nowhere'],
  [['spool', 'send', '/nowhere', '--minutes', '0'], '--minutes is "0"'],
] as const)('%j is asked wrongly', async ([args, expected]) => {
  const { code, stderr } = await runHere(args)
  expect(stderr).toContain(expected)
  expect(code).toBe(2)
})

test('the help of a command inside another says the whole name', async () => {
  const [outer, inner] = await Promise.all([runCli(['spool', '--help']), runCli(['spool', 'ls', '--help'])])
  expect(outer.stdout).toContain('azlogs spool')
  expect(inner.stdout).toContain('USAGE azlogs spool ls [OPTIONS] <DIRECTORY>')
})
