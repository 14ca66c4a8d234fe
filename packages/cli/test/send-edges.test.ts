import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { defaultSchema, startEmulator } from '@azlogs/emulator'
import { afterAll, expect, test, vi } from 'vitest'

import { createLock, formatLock } from '../src/schema/lock.ts'
import type { LockColumn } from '../src/schema/lock.ts'
import { runHere } from './run-cli.ts'
import { directoryForTest } from './surroundings.ts'

vi.setConfig({ testTimeout: 120_000 })

// Every test is for one emulator: the identity library keeps the first identity of a process.
const emulator = await startEmulator({ https: false })
const { env } = emulator
afterAll(() => emulator.close())

async function fileWith(content: string | Uint8Array, name = 'rows.ndjson'): Promise<string> {
  const path = join(await directoryForTest(), name)
  await writeFile(path, content)
  return path
}

const rows = (count: number, more: object = {}): string =>
  Array.from(
    { length: count },
    (_, index) =>
      `${JSON.stringify({ TimeGenerated: new Date().toISOString(), Message: `m${index}`, ...more })}\n`,
  ).join('')

test('a request that had to be repeated is counted as such', async () => {
  emulator.answerNext({ status: 429, headers: { 'retry-after': '0' } })
  const ran = await runHere(['send', await fileWith(rows(3))], { env })
  expect(ran).toMatchObject({ code: 0 })
  expect(ran.stdout).toMatch(/3 records accepted in 2 requests, 1 of them repeated/)
})

test.each([
  [1, '1 record was refused'],
  [2, '2 records were refused'],
])('of %i refused records it is told where they are', async (count, told) => {
  emulator.answerNext({ status: 415, times: 10 })
  const file = await fileWith(rows(count))
  const ran = await runHere(['send', file], { env })
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain(told)
  expect(ran.stderr).toContain(`azlogs send ${file}.failed.ndjson`)
  emulator.clear()
})

test('elements of an array that are no objects are told by their number, the first five of them', async () => {
  const file = await fileWith(`[${'1,'.repeat(7)}${rows(1)}]`)
  const ran = await runHere(['send', file], { env })
  expect(ran.stderr).toContain(
    '7 records are no JSON object: element 0, element 1, element 2, element 3, element 4, …',
  )
})

test('one line that is no object is told by its number', async () => {
  const { stderr } = await runHere(['send', await fileWith(`${rows(1)}oops\n`)], { env })
  expect(stderr).toContain('1 record is no JSON object: line 2')
})

test('columns that the schema has no place for are told with the number of records', async () => {
  const columns = defaultSchema.columns.filter(({ name }) => name !== 'Properties') as readonly LockColumn[]
  const schema = await fileWith(formatLock(createLock('AppLogs_CL', columns)), 'own.json')
  const { stdout } = await runHere(['send', await fileWith(rows(2, { Stranger: 1 })), '--schema', schema], {
    env,
  })
  expect(stdout).toMatch(/Stranger.*2 records/)
})

test.each([
  [['send', '-', 'a.ndjson'], '- (stdin) cannot be sent together with files.'],
  [['send', '-', '--dry-run'], '--dry-run reads files, not stdin.'],
  [['send', 'a', 'b', '--failed', 'x'], '--failed can be given for one file only'],
  [['send', 'a', '--concurrency', '1.5'], '--concurrency is "1.5"'],
])('%j is asked wrongly', async (args, told) => {
  const { code, stderr } = await runHere(args, { env })
  expect(stderr).toContain(told)
  expect(code).toBe(2)
})

test('what came through a pipe and is refused as a whole has to be sent again', async () => {
  emulator.answerNext({ status: 401, times: 10 })
  const ran = await runHere(['send', '-'], { env, input: `[${rows(1)}]` })
  expect(ran).toMatchObject({ code: 1 })
  expect(ran.stderr).toContain('Send it again from the beginning.')
  emulator.clear()
})

test('with --json an application’s lines are counted in one document, and not passed on', async () => {
  const lock = await fileWith(
    formatLock(createLock('AppLogs_CL', defaultSchema.columns as readonly LockColumn[])),
    'own.json',
  )
  const input = '{"level":30,"msg":"hello"}\n\nplain text\n'
  const ran = await runHere(['send', '-', '--json', '--schema', lock], { env, input })
  expect(JSON.parse(ran.stdout)).toMatchObject({ delivered: 2, quarantined: 0, dropped: 0 })
})

test('with --map none the lines of an application are rows already', async () => {
  const ran = await runHere(['send', '-', '--map', 'none', '--quiet'], { env, input: rows(2) })
  expect(ran).toMatchObject({ code: 0, stdout: '' })
  expect(ran.stderr).toContain('2 records accepted')
})

test('a file that is cut in the middle of its gzip is told, and nothing is noted', async () => {
  const file = await fileWith(Buffer.from([0x1f, 0x8b, 8, 0, 0]), 'cut.gz')
  const ran = await runHere(['send', file], { env })
  expect(ran.code).not.toBe(0)
  expect(existsSync(`${file}.azlogs-state`)).toBe(false)
})

test('a dry run of a file with lines that are none says how many', async () => {
  const { stdout } = await runHere(['send', '--dry-run', await fileWith(`${rows(1)}oops\n`)], { env })
  expect(stdout).toContain('1 record no JSON object: not sent')
})

test('AZLOGS_DEBUG shows the stack of a failure', async () => {
  const quiet = await runHere(['send', '/nowhere.ndjson'], { env })
  expect(quiet.stderr).not.toContain('\n    at ')
  const loud = await runHere(['send', '/nowhere.ndjson'], { env: { ...env, AZLOGS_DEBUG: '1' } })
  expect(loud.stderr).toContain('ENOENT: no such file or directory')
})

test('a file without a single object is sent as it is, which is nothing', async () => {
  emulator.clear()
  const { code, stderr } = await runHere(['send', await fileWith('one\ntwo\n')], { env })
  expect(code).toBe(1)
  expect(stderr).toContain('2 records are no JSON object: line 1, line 2')
  expect(emulator.rows()).toEqual([])
})

test('rows among the lines of a logger keep the id that they have', async () => {
  const row = { TimeGenerated: new Date().toISOString(), Message: 'a row', RecordId: 'own-1' }
  const file = await fileWith(
    `${'{"level":30,"time":1795000000000,"pid":7,"hostname":"web","msg":"a line"}\n'.repeat(2)}${JSON.stringify(row)}\n`,
  )
  expect(await runHere(['send', file], { env })).toMatchObject({ code: 0 })
  const ids = new Map(emulator.rows().map(({ Message, RecordId }) => [Message, RecordId]))
  expect(ids.get('a row')).toBe('own-1')
  expect(ids.get('a line')).not.toBe('own-1')
  emulator.clear()
})
