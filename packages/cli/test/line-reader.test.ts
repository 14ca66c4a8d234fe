import { Writable } from 'node:stream'

import { defaultSchema, startEmulator } from '@azlogs/emulator'
import type { Emulator, Row } from '@azlogs/emulator'
import { createAzureLogsStream } from '@azlogs/pino'
import { AzureLogsTransport } from '@azlogs/winston'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test } from 'vitest'
import winston from 'winston'

import { createLineReader } from '../src/lines/line-reader.ts'

/** Differ from run to run, or are not in the lines at all. */
const NOT_COMPARED = new Set(['RecordId', 'TimeGenerated', 'EventTime', 'HostName', 'ProcessId'])

describe('a line becomes the row that the transport sends', () => {
  test('of pino', async () => {
    const emulator = await emulatorForTest()
    const { lines, stream: capture } = capturing()
    const stream = createAzureLogsStream({ ...destinationOf(emulator), columns: { OrderId: 'order.id' } })
    const logger = pino({ level: 'trace', name: 'shop' }, pino.multistream([capture, stream]))
    logger.info({ order: { id: 5, total: 1.5 } }, 'placed')
    logger.warn('only text')
    logger.trace({ trace_id: 'abc', spanId: 'def', when: new Date(0) }, 'traced')
    logger.error(Object.assign(new TypeError('bad', { cause: new Error('worse') }), { code: 'E_BAD' }))
    logger.error({ error: new AggregateError([new Error('one')], 'many') }, 'several')
    logger.info({ err: 'only words', nested: { array: [1, { a: null }] } })
    logger.child({ severity: 'odd', pid: 'text' }).fatal('the end')
    stream.flush()
    await compare(emulator, lines, { OrderId: 'order.id' })
  })

  test('of winston', async () => {
    const emulator = await emulatorForTest()
    const { lines, stream: capture } = capturing()
    const { combine, errors, json, splat, timestamp } = winston.format
    const transport = new AzureLogsTransport({
      ...destinationOf(emulator),
      columns: { OrderId: 'order.id' },
    })
    const logger = winston.createLogger({
      level: 'silly',
      defaultMeta: { service: 'shop' },
      format: combine(errors({ stack: true }), splat(), timestamp(), json()),
      transports: [new winston.transports.Stream({ stream: capture }), transport],
    })
    for (const level of ['error', 'warn', 'info', 'http', 'verbose', 'debug', 'silly']) {
      logger.log(level, 'placed', { order: { id: 5, total: 1.5 } })
    }
    logger.info('%s costs %d', 'lamp', 5)
    logger.info({ message: 'an object', label: 'label wins', traceId: 'abc' })
    logger.error(new TypeError('bad'))
    logger.child({ requestId: 'r-1' }).warn('child', { nothing: null, list: [1, 2] })
    await transport.flush()
    await compare(emulator, lines, { OrderId: 'order.id' })
  })
})

describe('what is no line of a logger', () => {
  const reader = createLineReader()

  test('a row stays as it is', () => {
    const row = { TimeGenerated: '2026-01-01T00:00:00Z', Message: 'hi', Own: 1 }
    expect(reader.read(JSON.stringify(row))).toEqual({ format: 'row', row })
  })

  test.for(['', '   ', 'hello', '[1]', '5', 'null', '{"a":'])('%j is none', (line) => {
    expect(reader.read(line)).toBeUndefined()
  })

  test('an object without a level is information', () => {
    expect(reader.read('{"a":1}')).toMatchObject({
      format: 'other',
      row: { Level: 'info', SeverityNumber: 9, Message: '', Properties: { a: 1 } },
    })
  })

  test('a line that names no process gets none: it was written by another one', () => {
    const { row } = reader.read('{"level":"info","message":"hi"}') ?? {}
    expect(row).toMatchObject({ ProcessId: undefined, HostName: undefined })
  })

  test('integers keep all their digits', () => {
    const { row } = reader.read('{"level":30,"msg":"","id":12345678901234567890,"n":1234567890123456}') ?? {}
    expect(row?.['Properties']).toEqual({ id: 12345678901234567890n, n: 1234567890123456 })
  })
})

async function emulatorForTest(): Promise<Emulator> {
  const schema = { ...defaultSchema, columns: [...defaultSchema.columns, { name: 'OrderId', type: 'long' }] }
  const emulator = await startEmulator({ https: false, schema })
  onTestFinished(() => emulator.close())
  return emulator
}

function destinationOf({ url, ruleId, streamName, credential }: Emulator): {
  readonly endpoint: string
  readonly ruleId: string
  readonly streamName: string
  readonly credential: Emulator['credential']
} {
  return { endpoint: url, ruleId, streamName, credential }
}

function capturing(): { readonly lines: string[]; readonly stream: Writable } {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      lines.push(
        ...chunk
          .toString()
          .split('\n')
          .filter((line) => line !== ''),
      )
      callback()
    },
  })
  return { lines, stream }
}

async function compare(
  emulator: Emulator,
  lines: readonly string[],
  columns: Readonly<Record<string, string>>,
): Promise<void> {
  const sent = await emulator.waitForRows(lines.length)
  const reader = createLineReader({ columns })
  const read = lines.map((line) => reader.read(line)?.row ?? {})
  expect(read.map(comparable)).toEqual(sent.map(comparable))
}

/** Without what cannot be equal, and with absent values as the table has them. */
function comparable(row: Readonly<Record<string, unknown>> | Row): object {
  return Object.fromEntries(
    Object.entries(row).filter(
      ([name, value]) => !NOT_COMPARED.has(name) && value !== undefined && value !== null && value !== '',
    ),
  )
}
