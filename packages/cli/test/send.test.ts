import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import type { Row } from '@azlogs/emulator'
import { expect, test, vi } from 'vitest'

import { createLock, formatLock } from '../src/schema/lock.ts'
import { finish, runCli, runHere, startCli } from './run-cli.ts'
import { directoryForTest, emulatorForTest } from './surroundings.ts'
import { openTerminal } from './terminal.ts'

// Each test starts processes, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 })

const COLUMNS = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'Nr', type: 'long' },
  { name: 'Text', type: 'string' },
] as const
const SCHEMA = { table: 'Orders_CL', stream: 'Custom-Orders_CL', columns: COLUMNS }

const now = new Date().toISOString()

const pinoLines = (count: number): string =>
  Array.from(
    { length: count },
    (_, n) =>
      `{"level":${n % 2 === 0 ? 30 : 50},"time":${Date.now() + n},"pid":7,"hostname":"web-1","msg":"order ${n}","orderId":${n}}\n`,
  ).join('')

const rowLines = (count: number): string =>
  Array.from(
    { length: count },
    (_, n) => `{"TimeGenerated":"${now}","Nr":${n},"Text":"${'x'.repeat(200)}"}\n`,
  ).join('')

async function fileWith(content: string | Uint8Array, name = 'app.ndjson'): Promise<string> {
  const path = join(await directoryForTest(), name)
  await writeFile(path, content)
  return path
}

const messages = (rows: readonly Row[]): unknown[] => rows.map(({ Message }) => Message)

test('the lines of pino become the rows that its transport sends, with ids that the file gives', async () => {
  const emulator = await emulatorForTest({ https: false })
  const file = await fileWith(pinoLines(3))
  const ran = await runCli(['send', file], { env: emulator.env })
  expect(ran).toMatchObject({ code: 0, stderr: '' })
  expect(ran.stdout).toMatch(/3 records accepted in 1 request \(.*\); mapping: pino\n$/)
  expect(emulator.rows()).toMatchObject([
    { Message: 'order 0', Level: 'info', HostName: 'web-1', ProcessId: 7, Properties: { orderId: 0 } },
    { Message: 'order 1', Level: 'error' },
    { Message: 'order 2' },
  ])
  emulator.assertNothingDropped()
  await runCli(['send', file], { env: emulator.env })
  const ids = emulator.rows().map(({ RecordId }) => RecordId)
  expect(ids).toHaveLength(6)
  expect(new Set(ids).size).toBe(3)
  expect(existsSync(`${file}.azlogs-state`)).toBe(false)
})

test('the lines of winston are recognised too, from a gzipped array', async () => {
  const emulator = await emulatorForTest({ https: false })
  const file = await fileWith(
    gzipSync(JSON.stringify([{ level: 'warn', message: 'slow', service: 'shop', timestamp: now }])),
    'app.json.gz',
  )
  const ran = await runCli(['send', file, '--json'], { env: emulator.env })
  expect(JSON.parse(ran.stdout)).toMatchObject({ files: [{ mapping: 'winston', acceptedCount: 1 }] })
  expect(emulator.rows()).toMatchObject([{ Level: 'warn', Message: 'slow', Logger: 'shop' }])
})

test('rows are sent as they are, with all their digits', async () => {
  const emulator = await emulatorForTest({ https: false, schema: SCHEMA })
  const file = await fileWith(`{"TimeGenerated":"${now}","Nr":9007199254740993,"Text":"a"}\n`)
  const ran = await runCli(['send', file], { env: emulator.env })
  expect(ran.stdout).toContain('mapping: none')
  expect(emulator.rows()).toMatchObject([{ Nr: 9007199254740993n, Text: 'a' }])
})

test('what is no JSON object is told with its line, and the rest is sent', async () => {
  const emulator = await emulatorForTest({ https: false })
  const file = await fileWith(`${pinoLines(2)}half a li\n[1]\n${pinoLines(1)}`)
  const ran = await runCli(['send', file], { env: emulator.env })
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain('error AZL4003')
  expect(ran.stderr).toContain('2 records are no JSON object: line 3, line 4')
  expect(emulator.rows()).toHaveLength(3)
})

test('refused records go to a file that can be sent again', async () => {
  const emulator = await emulatorForTest({ https: false })
  const file = await fileWith(pinoLines(3))
  emulator.answerNext({ status: 415 })
  const refused = await runCli(['send', file], { env: emulator.env })
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain(`They are in ${file}.failed.ndjson`)
  expect(emulator.rows()).toEqual([])

  const again = await runCli(['send', `${file}.failed.ndjson`], { env: emulator.env })
  expect(again).toMatchObject({ code: 0, stderr: '' })
  expect(messages(emulator.rows())).toEqual(['order 0', 'order 1', 'order 2'])
  const third = await runCli(['send', file], { env: emulator.env })
  expect(third.code).toBe(2)
  expect(third.stderr).toContain('error AZL4002')
})

test('an interrupted upload goes on where it ended: every record once', async () => {
  const emulator = await emulatorForTest({ https: false, schema: SCHEMA })
  const file = await fileWith(rowLines(20_000))
  // The first requests pass, the rest hang until the signal.
  emulator.answerNext({}, {}, { delayMs: 600_000, times: 50 })
  const first = startCli(['send', file, '--concurrency', '1'], { env: emulator.env })
  const firstEnded = finish(first)
  await emulator.waitForRequests(3, { timeoutMs: 60_000 })
  first.kill('SIGINT')
  const interrupted = await firstEnded
  expect(interrupted.code).toBe(1)
  expect(interrupted.stderr).toContain('error AZL4004')
  expect(interrupted.stderr).toContain('Run the same command again')
  const sent = emulator.rows().length
  expect(sent).toBeGreaterThan(0)
  expect(sent).toBeLessThan(20_000)
  const rows = emulator.rows().map(({ Nr }) => Nr)
  emulator.clear()

  const second = await runCli(['send', file], { env: emulator.env })
  expect(second).toMatchObject({ code: 0, stderr: '' })
  expect(second.stdout).toContain(`${(20_000 - sent).toLocaleString('en-US')} records accepted, `)
  const all = [...rows, ...emulator.rows().map(({ Nr }) => Nr)]
  expect(all).toHaveLength(20_000)
  expect(new Set(all).size).toBe(20_000)
  expect(existsSync(`${file}.azlogs-state`)).toBe(false)
})

test('a killed upload goes on with what was noted before', async () => {
  const emulator = await emulatorForTest({ https: false, schema: SCHEMA })
  const file = await fileWith(rowLines(20_000))
  emulator.answerNext({}, {}, { delayMs: 600_000, times: 50 })
  const first = startCli(['send', file, '--concurrency', '1'], { env: emulator.env })
  const firstEnded = finish(first)
  await emulator.waitForRequests(3, { timeoutMs: 60_000 })
  const noted = async (): Promise<number> => {
    const state = JSON.parse(await readFile(`${file}.azlogs-state`, 'utf8')) as {
      settled: [number, number][]
    }
    return state.settled.reduce((sum, [from, to]) => sum + to - from + 1, 0)
  }
  await expect.poll(noted, { timeout: 60_000 }).toBe(emulator.rows().length)
  first.kill('SIGKILL')
  await firstEnded
  const before = emulator.rows().map(({ Nr }) => Nr)
  emulator.clear()

  expect(await runCli(['send', file], { env: emulator.env })).toMatchObject({ code: 0, stderr: '' })
  const all = [...before, ...emulator.rows().map(({ Nr }) => Nr)]
  expect(all).toHaveLength(20_000)
  expect(new Set(all).size).toBe(20_000)
})

test('a refusal of everything stops at once; repaired, the same command sends it', async () => {
  const emulator = await emulatorForTest({ https: false, schema: SCHEMA })
  const file = await fileWith(rowLines(10))
  const wrong = { ...emulator.env, AZURE_DCR_RULE_ID: 'dcr-ffffffffffffffffffffffffffffffff' }
  const stopped = await runCli(['send', file], { env: wrong })
  expect(stopped.code).toBe(1)
  expect(stopped.stderr).toContain('error AZL4004')
  expect(stopped.stderr).toContain('404 NotFound')
  expect(existsSync(`${file}.failed.ndjson`)).toBe(false)
  const missing = await runCli(['send', file], { env: { ...emulator.env, AZURE_DCR_RULE_ID: '' } })
  expect(missing.stderr).toContain('error AZL1003 ruleId is missing')
  expect((await runCli(['send', file], { env: emulator.env })).code).toBe(0)
  expect(emulator.rows()).toHaveLength(10)
})

test('neither another destination nor a changed file is gone on with; --restart sends all', async () => {
  const emulator = await emulatorForTest({ https: false, schema: SCHEMA })
  const file = await fileWith(rowLines(6000))
  emulator.answerNext({}, { status: 404 })
  const stopped = await runCli(['send', file, '--concurrency', '1'], { env: emulator.env })
  expect(stopped.stderr).toContain('error AZL4004')
  expect(existsSync(`${file}.azlogs-state`)).toBe(true)

  const wrong = { ...emulator.env, AZURE_DCR_RULE_ID: 'dcr-ffffffffffffffffffffffffffffffff' }
  const elsewhere = await runCli(['send', file], { env: wrong })
  expect(elsewhere.code).toBe(2)
  expect(elsewhere.stderr).toContain('error AZL4001')
  await appendFile(file, rowLines(1))
  const changed = await runCli(['send', file], { env: emulator.env })
  expect(changed.stderr).toContain('it has changed since its upload was interrupted')
  const state = `${file}.azlogs-state`
  const noted = JSON.parse(await readFile(state, 'utf8')) as { readonly file: object }
  for (const [text, told] of [
    [JSON.stringify({ ...noted, version: 2 }), 'what was noted of its upload cannot be read'],
    ['{"version":1,', 'what was noted of its upload cannot be read'],
    [JSON.stringify({ ...noted, file: { ...noted.file, path: '/other' } }), 'is of another file, /other'],
  ] as const) {
    await writeFile(state, text)
    const { stderr } = await runHere(['send', file], { env: emulator.env })
    expect(stderr).toContain('error AZL4001')
    expect(stderr).toContain(told)
  }
  emulator.clear()
  expect((await runCli(['send', file, '--restart'], { env: emulator.env })).code).toBe(0)
  expect(emulator.rows()).toHaveLength(6001)
})

test('--dry-run shows batches, sizes and what Azure would lose, and sends nothing', async () => {
  const emulator = await emulatorForTest({ https: false, schema: SCHEMA })
  const file = await fileWith(`${rowLines(6000)}{"TimeGenerated":"${now}","Nr":"many","Colour":"red"}\n`)
  const schema = await fileWith(formatLock(createLock('Orders_CL', COLUMNS)), 'azlogs.schema.json')
  const ran = await runCli(['send', '--dry-run', '--schema', schema, file], { env: emulator.env })
  expect(ran.code).toBe(1)
  expect(ran.stdout).toMatch(
    /6,001 records in 2 requests, .* gzipped\), the largest .*; checked against the schema of Orders_CL/,
  )
  expect(ran.stdout).toContain('! Colour has no place in the schema: left out of 1 record\n')
  expect(ran.stdout).toContain('! Nr has no place in the schema: left out of 1 record\n')
  expect(ran.stderr).toContain('error AZL4005')
  expect(emulator.requests()).toEqual([])
  const sound = await runCli(['send', '--dry-run', '--json', await fileWith(pinoLines(5))])
  expect(sound).toMatchObject({ code: 0 })
  expect(JSON.parse(sound.stdout)).toMatchObject({
    files: [{ mapping: 'pino', requests: 1, rows: 5, losses: [], table: 'AppLogs_CL' }],
  })
})

test('an application’s lines are passed on byte by byte and sent while it runs', async () => {
  const emulator = await emulatorForTest({ https: false })
  const child = startCli(['send', '-'], { env: emulator.env })
  const ended = finish(child)
  const text = `${pinoLines(2)}Server listening at :3000\n`
  child.stdin.write(text)
  await emulator.waitForRows(3, { timeoutMs: 60_000 })
  child.stdin.end('the last line, é')
  const ran = await ended
  expect(ran.code).toBe(0)
  expect(ran.stdout).toBe(`${text}the last line, é`)
  expect(ran.stderr).toContain('lines of pino')
  expect(ran.stderr).toContain('4 records accepted')
  expect(messages(emulator.rows())).toEqual([
    'order 0',
    'order 1',
    'Server listening at :3000',
    'the last line, é',
  ])
  emulator.assertNothingDropped()
})

test('a file that comes through a pipe is sent as a file', async () => {
  const emulator = await emulatorForTest({ https: false })
  const ran = await runCli(['send', '-'], { env: emulator.env, input: gzipSync(pinoLines(4)) })
  expect(ran.code).toBe(0)
  expect(ran.stdout).toMatch(/^-: 4 records accepted/)
})

test('Ctrl-C in a pipe waits for the end of the application, whose last lines are sent', async () => {
  const emulator = await emulatorForTest({ https: false })
  const child = startCli(['send', '-'], { env: emulator.env })
  const ended = finish(child)
  child.stdin.write(pinoLines(1))
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  child.stdin.end(pinoLines(1))
  expect((await ended).code).toBe(0)
  expect(emulator.rows()).toHaveLength(2)
})

test('on a terminal there is a bar with share, rate, requests and what is left', async () => {
  const emulator = await emulatorForTest({ https: false, schema: SCHEMA })
  const file = await fileWith(rowLines(20_000))
  emulator.answerNext({}, { delayMs: 400, times: 3 })
  const terminal = openTerminal(['send', file, '--concurrency', '1'], { env: emulator.env })
  expect(await terminal.ended).toBe(0)
  expect(terminal.text()).toMatch(
    /█+░+ \d+ % · [\d.]+ .B of [\d.]+ MB · [\d,]+ records, [\d,]+\/s · \d+ requests?/,
  )
  expect(terminal.text()).toContain('20,000 records accepted')
})

test.for([
  [['send'], 'Missing required positional argument: FILE'],
  [['send', '/nowhere.ndjson'], '/nowhere.ndjson: there is no such file'],
  [['send', 'a', 'b', '--state', 'x'], '--state can be given for one file only'],
  [['send', 'a', '--concurrency', '0'], '--concurrency is "0"'],
  [['send', 'a', '--map', 'bunyan'], 'Invalid value for argument: --map (bunyan)'],
] as const)('%j is asked wrongly', async ([args, expected]) => {
  const emulator = await emulatorForTest({ https: false })
  const { code, stderr } = await runHere(args, { env: emulator.env })
  expect(stderr).toContain(expected)
  expect(code).toBe(2)
})

test('without a destination nothing is read and every problem is told', async () => {
  const file = await fileWith(pinoLines(1))
  const { code, stderr } = await runCli(['send', file])
  expect(code).toBe(2)
  expect(stderr).toContain('error AZL1003')
  expect(await readFile(file, 'utf8')).toContain('order 0')
})
