import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import type { Row } from '@azlogs/emulator'
import { createAzureLogsStream } from '@azlogs/pino'
import { AzureLogsTransport } from '@azlogs/winston'
import { expect, test } from 'vitest'

import { createLineReader } from '../src/lines/line-reader.ts'
import { linesOfFile } from '../src/lines/sample-source.ts'
import { directoryForTest, emulatorForTest } from './surroundings.ts'

/** Differ from run to run, or are not in the lines at all. */
const NOT_COMPARED = new Set(['RecordId', 'TimeGenerated', 'EventTime', 'HostName', 'ProcessId'])

/** Without what cannot be equal, and with absent values as the table has them. */
function comparable(row: Readonly<Record<string, unknown>> | Row | undefined): object {
  return Object.fromEntries(
    Object.entries(row ?? {}).filter(
      ([name, value]) => !NOT_COMPARED.has(name) && value !== undefined && value !== null && value !== '',
    ),
  )
}

const STACK = 'TypeError: bad\n    at pay (shop.js:1:1)'

const PINO_LINES: readonly object[] = [
  { severity: 'WARNING', message: 'of Google', timestamp: '2030-01-01T00:00:00Z' },
  { 'log.level': 'notice', message: 'of Elastic', '@timestamp': '2030-01-01T00:00:00Z' },
  { level: 35, msg: 'between' },
  { level: 'audit', msg: 'a name that nobody knows' },
  { level: 'VERBOSE', msg: 'loud' },
  { level: null, msg: 'none' },
  { level: 30, msg: 7 },
  { level: 30, msg: true },
  { level: 30, msg: { no: 'text' } },
  { level: 30, msg: 'x', name: '', err: [1], pid: 'x', traceId: 5 },
  { level: 30, msg: 'x', err: { no: 'error' } },
  { level: 30, msg: 'x', err: { stack: STACK } },
]

test.each(PINO_LINES)('the line of pino %j becomes the row that its transport sends', async (record) => {
  const emulator = await emulatorForTest({ https: false })
  const { url: endpoint, ruleId, streamName, credential } = emulator
  const stream = createAzureLogsStream({ endpoint, ruleId, streamName, credential })
  stream.write(`${JSON.stringify(record)}\n`)
  stream.flush()
  const [sent] = await emulator.waitForRows(1)
  const read = createLineReader({ format: 'pino' }).read(JSON.stringify(record))
  expect(comparable(read?.row)).toEqual(comparable(sent))
})

const HANDLED = {
  exception: true,
  date: 'Tue Jan 01 2030',
  process: { pid: 1 },
  os: { uptime: 1 },
  trace: [{ line: 1 }],
}

const WINSTON_LINES: readonly Readonly<Record<string, unknown>>[] = [
  { level: 'error', message: `uncaughtException: bad\n${STACK}`, stack: STACK, ...HANDLED },
  { level: 'error', message: 'not of a handler', exception: true, trace: 'no list' },
  { level: 'error', message: 'nor this', rejection: true, trace: [], process: 1 },
  { level: 'error', message: 'nor that', rejection: true, trace: [], process: {}, os: 'linux' },
  { level: 'error', message: 'failed', stack: 'the card was refused\n    at pay (shop.js:1:1)' },
  { level: 'error', message: 'failed', stack: 'RangeError\n    at pay (shop.js:1:1)' },
  { level: 'error', message: 'failed', error: { name: 'TypeError', message: 'bad', stack: STACK, code: 5 } },
  { level: 'error', message: 'failed', error: 'E42', err: { message: 'bad', stack: STACK, code: 5 } },
  { level: 'error', message: 'failed', error: { no: 'stack' } },
  { level: 'info', message: { an: 'object' } },
  { level: 'info' },
  { level: 'info', message: 'x', timestamp: 5 },
  { level: 'info', message: 'x', timestamp: 'soon' },
  { level: 'info', message: 'x', timestamp: '2030-99-01T00:00' },
  { level: 'audit', message: 'x' },
]

test.each(WINSTON_LINES)(
  'the line of winston %j becomes the row that its transport sends',
  async (record) => {
    const emulator = await emulatorForTest({ https: false })
    const { url: endpoint, ruleId, streamName, credential } = emulator
    const transport = new AzureLogsTransport({
      endpoint,
      ruleId,
      streamName,
      credential,
      handleExceptions: true,
    })
    transport.log(record, () => {})
    await transport.flush()
    const [sent] = await emulator.waitForRows(1)
    const read = createLineReader({ format: 'winston' }).read(JSON.stringify(record))
    expect(comparable(read?.row)).toEqual(comparable(sent))
  },
)

test.each([
  [1_893_456_000, 'seconds'],
  [1_893_456_000_000, 'milliseconds'],
  [1_893_456_000_000_000, 'microseconds'],
  ['1893456000000000000', 'nanoseconds'],
  ['1893456000.000', 'seconds as text'],
  ['2030-01-01T00:00:00Z', 'a date'],
])('a time of pino of %j is %s', (time, _unit) => {
  const { row } = createLineReader().read(JSON.stringify({ level: 30, msg: 'x', time })) ?? {}
  expect(row?.['TimeGenerated']).toMatch(/^2030-01-01T00:00:00\.000/)
  expect(row?.['Properties']).toBeUndefined()
})

test.each([0, -1, '', 'soon', null])('%j is no time of pino, and stays', (time) => {
  const { row } = createLineReader().read(JSON.stringify({ level: 30, msg: 'x', time })) ?? {}
  expect(row?.['Properties']).toEqual({ time })
})

test('nanoseconds with all their digits are a time too', () => {
  const { row } = createLineReader().read('{"level":30,"msg":"x","time":1893456000000000000}') ?? {}
  expect(row?.['TimeGenerated']).toMatch(/^2030-01-01T00:00:00\.000/)
})

test('a time of winston in milliseconds is the time of the row', () => {
  const { row } = createLineReader().read('{"level":"info","message":"x","timestamp":1893456000000}') ?? {}
  expect(row?.['TimeGenerated']).toMatch(/^2030-01-01T00:00:00\.000/)
})

test.each([
  ['{"severity":"INFO","message":"x"}', 'pino'],
  ['{"log.level":"info","message":"x"}', 'pino'],
  ['{"level":"info","msg":"x"}', 'pino'],
  ['{"level":"info","message":"x","pid":1,"hostname":"h","time":1}', 'pino'],
  ['{"level":"info","message":"x","pid":1,"hostname":"h"}', 'winston'],
  ['{"level":"info","message":"x","pid":1}', 'winston'],
  ['{"level":"info"}', 'other'],
  ['{"TimeGenerated":"2030-01-01T00:00:00Z"}', 'row'],
])('%s is a line of %s', (line, format) => {
  expect(createLineReader().read(line)?.format).toBe(format)
})

test('a line without a level is read as winston’s where that is asked for', () => {
  expect(createLineReader({ format: 'winston' }).read('{"message":"x"}')).toMatchObject({
    row: { Level: 'info', SeverityNumber: 9, Message: 'x' },
  })
})

async function all(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const found: string[] = []
  for await (const line of lines) found.push(line)
  return found
}

async function linesOf(content: string | Buffer): Promise<readonly string[]> {
  const path = join(await directoryForTest(), 'sample')
  writeFileSync(path, content)
  return all(linesOfFile(path))
}

test('a sample is lines, or an array with one element a line, gzipped or with a byte order mark', async () => {
  expect(await linesOf('{"a":1}\n{"a":2}\n')).toEqual(['{"a":1}', '{"a":2}'])
  expect(await linesOf('\uFEFF{"a":1}\r\n')).toEqual(['{"a":1}\r'])
  expect(await linesOf(gzipSync('\n [{"a":1},\n{"a":2}]'))).toEqual(['', '{"a":1}', '{"a":2}'])
  expect(await linesOf(`${'x'.repeat(200_000)}\nend`)).toEqual(['x'.repeat(200_000), 'end'])
  expect(await linesOf('')).toEqual([])
})

test('an array that is cut, and a directory, are told with their path', async () => {
  await expect(linesOf('[{"a":1}')).rejects.toMatchObject({ code: 'AZL1002' })
  const directory = await directoryForTest()
  await expect(all(linesOfFile(directory))).rejects.toThrow(`${directory}: that is a directory`)
})
