import { Readable } from 'node:stream'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { AzureLogsTransport } from '@azlogs/winston'
import { LEVEL } from 'triple-beam'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import winston from 'winston'

import { rowOf, toEmulator } from './logging.ts'

const { format } = winston
let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

/** The records as the logger was given them: no format copies them. */
const AS_IS = { format: format((info) => info)() }

test('a property called __proto__ arrives as one, and changes no prototype', async () => {
  const info = JSON.parse('{"level":"info","message":"m","__proto__":{"admin":true},"id":1}') as never
  const row = await rowOf(emulator, (logger) => logger.log(info), AS_IS)
  expect(JSON.stringify(row['Properties'])).toBe('{"__proto__":{"admin":true},"id":1}')
  expect(Reflect.get({}, 'admin')).toBeUndefined()
})

test('a getter that throws no error is marked with what it throws', async () => {
  const hostile = {
    level: 'info',
    message: 'kept',
    get bad(): string {
      throw 'no'
    },
  }
  const row = await rowOf(emulator, (logger) => logger.log(hostile), AS_IS)
  expect(row['Properties']).toEqual({ bad: '[Throws: no]' })
})

test('an error beside another one keeps its details, under the name that is free', async () => {
  const row = await rowOf(emulator, (logger) =>
    logger.error('failed', { error: 'E42', err: Object.assign(new Error('no stock'), { code: 'E_STOCK' }) }),
  )
  expect(row).toMatchObject({
    ErrorMessage: 'no stock',
    Properties: { error: 'E42', err: { code: 'E_STOCK' } },
  })
})

test('a stack whose head is no type and message is the message', async () => {
  const stack = 'the card was refused\n    at pay (shop.js:1:1)'
  const row = await rowOf(emulator, (logger) => logger.error('failed', { stack }))
  expect(row).toMatchObject({ ErrorMessage: 'the card was refused', ErrorStack: stack })
})

test('a stack whose head is a type alone has no message', async () => {
  const stack = 'TypeError\n    at pay (shop.js:1:1)'
  const row = await rowOf(emulator, (logger) => logger.error('failed', { stack }))
  expect(row).toMatchObject({ ErrorType: 'TypeError', ErrorMessage: '', ErrorStack: stack })
})

test('a format that shortens the message of an uncaught exception has the last word', async () => {
  const brief = format((info) => ({ ...info, message: 'uncaught' }))
  const row = await rowOf(
    emulator,
    (logger) => {
      logger.exceptions.unhandle()
      logger.log(logger.exceptions.getAllInfo(new RangeError('far')) as winston.LogEntry)
    },
    { format: brief() },
    { handleExceptions: true },
  )
  expect(row).toMatchObject({ Message: 'uncaught', ErrorType: 'RangeError', ErrorMessage: 'far' })
})

test('mapping passthrough tells the message and the stack of a logged error', async () => {
  const row = await rowOf(
    emulator,
    (logger) => logger.error(Object.assign(new Error('no stock'), { Message: 'own' })),
    AS_IS,
    { mapping: 'passthrough' },
  )
  expect(row).toMatchObject({ Message: 'own' })
  expect(emulator.verdicts()[0]?.droppedColumns).toMatchObject({ message: 1, stack: 1 })
})

test.each([
  [null, 'mapRecord returned null; it must return an object or undefined'],
  [7, 'mapRecord returned a number; it must return an object or undefined'],
])('a mapRecord that returns %j is told so', async (returned, why) => {
  const row = await rowOf(
    emulator,
    (logger) => logger.info('kept'),
    {},
    { mapRecord: () => returned as never },
  )
  expect(row).toMatchObject({ Message: 'kept', Properties: { mapRecordError: why } })
})

test('a mapRecord that throws no error is told with what it throws', async () => {
  const mapRecord = (): never => {
    throw 'no mapping'
  }
  const row = await rowOf(emulator, (logger) => logger.info('kept'), {}, { mapRecord })
  expect(row).toMatchObject({ Message: 'kept', Properties: { mapRecordError: 'no mapping' } })
})

test('any stream of records can be piped into the transport: it needs no logger', async () => {
  const transport = new AzureLogsTransport(toEmulator(emulator))
  Readable.from([{ [LEVEL]: 'warn', level: 'warn', message: 'piped' }]).pipe(transport)
  await new Promise((resolve) => transport.once('finish', resolve))
  expect(emulator.rows()).toMatchObject([{ Level: 'warn', SeverityNumber: 13, Message: 'piped' }])
})
