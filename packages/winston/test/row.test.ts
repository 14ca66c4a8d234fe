import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { AzureLogsTransport } from '@azlogs/winston'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import winston from 'winston'

import { rowOf, rowsOf, toEmulator } from './logging.ts'

const { format } = winston
let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

test('a message with metadata becomes a row: the rest of the record is in Properties', async () => {
  const before = Date.now()
  const row = await rowOf(emulator, (logger) => logger.info('order placed', { orderId: 7, tags: ['a'] }))
  expect(row).toMatchObject({
    Level: 'info',
    SeverityNumber: 9,
    Message: 'order placed',
    ProcessId: process.pid,
    Properties: { orderId: 7, tags: ['a'] },
  })
  expect(Date.parse(String(row['TimeGenerated']))).toBeGreaterThanOrEqual(before)
  expect(row['EventTime']).toBe(row['TimeGenerated'])
  expect(row['RecordId']).toMatch(/-\d+$/)
  emulator.assertNothingDropped()
})

test('a record without metadata has no Properties', async () => {
  const row = await rowOf(emulator, (logger) => logger.info('bare'))
  expect(row['Properties']).toBeNull()
})

test('order by TimeGenerated is the order of logging', async () => {
  const rows = await rowsOf(emulator, (logger) => {
    for (let index = 0; index < 500; index += 1) logger.info(`message ${index}`)
  })
  const sorted = rows.toSorted((left, right) =>
    String(left['TimeGenerated']) < String(right['TimeGenerated']) ? -1 : 1,
  )
  expect(sorted.map((row) => row['Message'])).toEqual(
    Array.from({ length: 500 }, (_value, index) => `message ${index}`),
  )
})

test('Level keeps the plain name when a format colours it', async () => {
  const row = await rowOf(emulator, (logger) => logger.warn('hot'), {
    format: format.combine(format.colorize(), format.simple()),
  })
  expect(row).toMatchObject({ Level: 'warn', SeverityNumber: 13 })
})

test('syslog levels have their severities', async () => {
  const rows = await rowsOf(
    emulator,
    (logger) => {
      for (const level of Object.keys(winston.config.syslog.levels)) logger.log(level, level)
    },
    { levels: winston.config.syslog.levels, level: 'debug' },
  )
  expect(rows.map((row) => [row['Level'], row['SeverityNumber']])).toEqual([
    ['emerg', 21],
    ['alert', 19],
    ['crit', 18],
    ['error', 17],
    ['warning', 13],
    ['notice', 10],
    ['info', 9],
    ['debug', 5],
  ])
})

test('custom levels have severities by their place among the known ones', async () => {
  const rows = await rowsOf(
    emulator,
    (logger) => {
      for (const level of ['disaster', 'error', 'audit', 'info']) logger.log(level, level)
    },
    { levels: { disaster: 0, error: 1, audit: 2, info: 3 }, level: 'info' },
  )
  expect(rows.map((row) => row['SeverityNumber'])).toEqual([21, 17, 13, 9])
})

test('label is the Logger, else service is', async () => {
  const rows = await rowsOf(
    emulator,
    (logger) => {
      logger.info('one')
      logger.child({ label: 'billing' }).info('two')
      logger.info('three', { service: { name: 'no text' } })
    },
    { defaultMeta: { service: 'shop' } },
  )
  expect(rows.map((row) => [row['Logger'], row['Properties']])).toEqual([
    ['shop', null],
    ['billing', { service: 'shop' }],
    ['', { service: { name: 'no text' } }],
  ])
})

test('defaultMeta and the metadata of child loggers are in Properties', async () => {
  const row = await rowOf(
    emulator,
    (logger) => logger.child({ requestId: 'r1' }).info('hello', { step: 2 }),
    {
      defaultMeta: { region: 'west' },
    },
  )
  expect(row['Properties']).toEqual({ region: 'west', requestId: 'r1', step: 2 })
})

test('format.timestamp() is the time of the row and not a property', async () => {
  const row = await rowOf(
    emulator,
    (logger) => logger.info('then', { timestamp: '2026-11-22T10:11:12.345Z' }),
    { format: format.json() },
  )
  expect(row['Properties']).toBeNull()
  // Two days back at most: Azure re-stamps what is older, and keeps EventTime.
  expect(row['EventTime']).toBe('2026-11-22T10:11:12.3450000Z')
})

test('a timestamp of format.timestamp() counts to the millisecond', async () => {
  const row = await rowOf(emulator, (logger) => logger.info('now'), { format: format.timestamp() })
  expect(Math.abs(Date.now() - Date.parse(String(row['TimeGenerated'])))).toBeLessThan(60_000)
  expect(row['Properties']).toBeNull()
})

test('a timestamp that is no time stays in Properties', async () => {
  const row = await rowOf(emulator, (logger) => logger.info('when', { timestamp: '05/11/2026 10:00' }))
  expect(row['Properties']).toEqual({ timestamp: '05/11/2026 10:00' })
  expect(Math.abs(Date.now() - Date.parse(String(row['TimeGenerated'])))).toBeLessThan(60_000)
})

test.each([
  { trace_id: 'aaa', span_id: 'bbb' },
  { traceId: 'aaa', spanId: 'bbb' },
])('%o go to TraceId and SpanId', async (ids) => {
  const row = await rowOf(emulator, (logger) => logger.info('traced', ids))
  expect(row).toMatchObject({ TraceId: 'aaa', SpanId: 'bbb', Properties: null })
})

test('an object as message is JSON text', async () => {
  const rows = await rowsOf(emulator, (logger) => {
    logger.info({ orderId: 7 })
    logger.info([1, 'two'])
    logger.info(42)
    logger.info(undefined)
    logger.info({ message: { nested: new Error('inside') } })
  })
  expect(rows.map((row) => row['Message'])).toEqual([
    '{"orderId":7}',
    '[1,"two"]',
    '42',
    '',
    expect.stringContaining('"message":"inside"'),
  ])
})

test('format.splat() puts arguments into the message, and they are nowhere else', async () => {
  const row = await rowOf(emulator, (logger) => logger.info('%s has %d', 'Ann', 3, { extra: true }), {
    format: format.combine(format.splat(), format.json()),
  })
  expect(row).toMatchObject({ Message: 'Ann has 3', Properties: { extra: true } })
  expect(row['Properties']).not.toHaveProperty('splat')
})

test('arguments that no format took are in Properties.splat', async () => {
  const rows = await rowsOf(emulator, (logger) => {
    logger.info('hello', 'Ann', 42, undefined)
    logger.info('%s has', 'Ann', { extra: true })
    logger.info('hello', { first: 1 }, { second: 2 })
    logger.info('hello Ann', 'Ann')
  })
  expect(rows.map((row) => row['Properties'])).toEqual([
    { splat: ['Ann', 42] },
    { splat: ['Ann', { extra: true }] },
    { first: 1, splat: [{ second: 2 }] },
    null,
  ])
})

test('metadata that a format masked is not brought back from the arguments', async () => {
  const mask = format((info) => {
    info['password'] = '***'
    delete info['secret']
    return info
  })
  const row = await rowOf(
    emulator,
    (logger) => logger.info('login', { user: 'ann', password: 'hunter2', secret: 's' }),
    {
      format: mask(),
    },
  )
  expect(row['Properties']).toEqual({ user: 'ann', password: '***' })
})

test('columns take values out of Properties', async () => {
  const own = await startEmulator({
    https: false,
    schema: {
      table: 'Own_CL',
      stream: 'Custom-Own_CL',
      columns: [
        { name: 'TimeGenerated', type: 'datetime' },
        { name: 'Message', type: 'string' },
        { name: 'StatusCode', type: 'int' },
        { name: 'Properties', type: 'dynamic' },
      ],
    },
  })
  try {
    const row = await rowOf(
      own,
      (logger) => logger.info('GET /', { res: { statusCode: 204, size: 0 } }),
      {},
      { columns: { StatusCode: 'res.statusCode' } },
    )
    expect(row).toMatchObject({ Message: 'GET /', StatusCode: 204, Properties: { res: { size: 0 } } })
  } finally {
    await own.close()
  }
})

test('the record is never changed', async () => {
  const frozen = format((info) => {
    for (const value of Object.values(info)) Object.freeze(value)
    return Object.freeze(info)
  })
  const row = await rowOf(
    emulator,
    (logger) =>
      logger.error('x', {
        label: 'shop',
        traceId: 't',
        timestamp: new Date().toISOString(),
        error: Object.assign(new Error('boom'), { code: 'E' }),
        list: [new Error('inner')],
      }),
    { format: frozen() },
  )
  // Changing something frozen throws, and the row would say that the record could not be read.
  expect(row).toMatchObject({
    Message: 'x',
    Logger: 'shop',
    TraceId: 't',
    ErrorMessage: 'boom',
    Properties: { error: { code: 'E' }, list: [{ message: 'inner' }] },
  })
})

test('circular and BigInt values, functions and throwing toJSON become marks in the row', async () => {
  const circular: Record<string, unknown> = { name: 'loop' }
  circular['self'] = circular
  const rows = await rowsOf(
    emulator,
    (logger) => {
      logger.info('circular', { circular })
      logger.info('bigint', { big: 12n })
      logger.info('toJSON', {
        bad: {
          toJSON() {
            throw new Error('no JSON')
          },
        },
      })
      logger.info('after')
    },
    // The formats that come with winston throw some of these into the application themselves.
    { format: format((info) => info)() },
  )
  expect(rows.map((row) => [row['Message'], row['Properties']])).toEqual([
    ['circular', { circular: { name: 'loop', self: '[Circular]' } }],
    ['bigint', { big: '12' }],
    ['toJSON', { bad: '[Throws: no JSON]' }],
    ['after', null],
  ])
})

test('a getter that throws costs its own value and nothing else', async () => {
  const hostile = {
    level: 'info',
    message: 'kept',
    fine: 1,
    nested: {
      get bad(): string {
        throw new Error('nested no')
      },
    },
    get bad(): string {
      throw new Error('no')
    },
  }
  const row = await rowOf(emulator, (logger) => logger.log(hostile), { format: format((info) => info)() })
  expect(row).toMatchObject({
    Message: 'kept',
    Properties: { fine: 1, bad: '[Throws: no]', nested: { bad: '[Throws: nested no]' } },
  })
})

test('a record that refuses to be read becomes a row that says so', async () => {
  const refusing = new Proxy(
    { level: 'warn', message: 'x' },
    {
      ownKeys() {
        throw new Error('closed')
      },
    },
  )
  const row = await rowOf(emulator, (logger) => logger.log(refusing), { format: format((info) => info)() })
  expect(row).toMatchObject({ Level: 'warn', Message: '[This record could not be read: Error: closed]' })
})

test('mapping passthrough sends the own string keys of the record as they are', async () => {
  const row = await rowOf(
    emulator,
    (logger) => logger.info('hello', { Message: 'own', Level: 'INFO', Properties: { a: 1 }, extra: 1 }),
    {},
    { mapping: 'passthrough' },
  )
  expect(row).toMatchObject({ Message: 'own', Level: 'INFO', Properties: { a: 1 }, RecordId: '' })
  expect(emulator.verdicts()[0]?.droppedColumns).toEqual({ level: 1, message: 1, extra: 1 })
})

test('mapRecord makes the row, or skips the record', async () => {
  const rows = await rowsOf(
    emulator,
    (logger) => {
      logger.info('kept', { id: 1 })
      logger.debug('skipped')
    },
    {},
    {
      mapRecord: (info) =>
        info['level'] === 'debug'
          ? undefined
          : { TimeGenerated: new Date().toISOString(), Message: `own ${String(info['message'])}` },
    },
  )
  expect(rows.map((row) => row['Message'])).toEqual(['own kept'])
})

test.each([
  [
    () => {
      throw new RangeError('bad mapper')
    },
    'RangeError: bad mapper',
  ],
  [() => 'text' as never, 'mapRecord returned a string; it must return an object or undefined'],
  [() => [] as object, 'mapRecord returned an array; it must return an object or undefined'],
  [
    () => Promise.reject(new Error('late')),
    'mapRecord returned a promise; it must return an object or undefined',
  ],
])('where mapRecord fails the default mapping takes the record and says why', async (mapRecord, why) => {
  const transport = new AzureLogsTransport({ ...toEmulator(emulator), mapRecord })
  const logger = winston.createLogger({ transports: [transport] })
  logger.info('kept', { id: 1 })
  await transport.flush()
  expect(emulator.rows()).toMatchObject([
    { Message: 'kept', SeverityNumber: 9, Properties: { id: 1, mapRecordError: why } },
  ])
  expect(transport.stats()).toMatchObject({ accepted: 1, delivered: 1, mapRecordFailures: 1 })
})
