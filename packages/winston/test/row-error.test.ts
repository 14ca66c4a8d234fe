import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import winston from 'winston'

import { rowOf } from './logging.ts'

const { format } = winston
let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

class PaymentError extends Error {
  readonly code = 'E_PAY'
}

const refused = (): PaymentError => new PaymentError('card refused', { cause: new TypeError('no such card') })

const ERROR_COLUMNS = {
  ErrorType: 'PaymentError',
  ErrorMessage: 'card refused',
  ErrorStack: expect.stringMatching(
    /^Error: card refused\n {4}at [^]*caused by: TypeError: no such card\n {4}at /,
  ),
}

test('logger.error(error) keeps message, type, stack and cause under the default format', async () => {
  const row = await rowOf(emulator, (logger) => logger.error(refused()), { defaultMeta: { shop: 1 } })
  expect(row).toMatchObject({ Level: 'error', Message: 'card refused', ...ERROR_COLUMNS })
  expect(row['Properties']).toEqual({ code: 'E_PAY', shop: 1 })
})

test('logger.error(text, error) keeps both messages, type, stack and cause', async () => {
  const row = await rowOf(emulator, (logger) => logger.error('payment failed:', refused()))
  expect(row).toMatchObject({ Message: 'payment failed: card refused', ...ERROR_COLUMNS })
  expect(row['Properties']).toEqual({ code: 'E_PAY' })
})

test.each(['error', 'err'])('an error in info.%s is the error of the row', async (key) => {
  const row = await rowOf(emulator, (logger) =>
    logger.error('payment failed', { [key]: refused(), order: 7 }),
  )
  expect(row).toMatchObject({ Message: 'payment failed', ...ERROR_COLUMNS })
  expect(row['Properties']).toEqual({ order: 7, error: { code: 'E_PAY' } })
})

test('an error as the message of a record is the error of the row', async () => {
  const row = await rowOf(emulator, (logger) => logger.log({ level: 'error', message: refused() as never }))
  expect(row).toMatchObject({ Message: 'card refused', ...ERROR_COLUMNS })
})

test('a child logger’s error keeps message, stack and cause, and its type as the stack tells it', async () => {
  const row = await rowOf(emulator, (logger) =>
    logger.child({ id: 1 }).error(new RangeError('too far', { cause: new Error('root') })),
  )
  expect(row).toMatchObject({
    Message: 'too far',
    ErrorType: 'RangeError',
    ErrorMessage: 'too far',
    ErrorStack: expect.stringMatching(/^RangeError: too far\n[^]*caused by: Error: root\n/),
    Properties: { id: 1 },
  })
})

test('an error that format.splat() wrote into the message has its columns too', async () => {
  const row = await rowOf(emulator, (logger) => logger.error('failed: %s', refused()), {
    format: format.combine(format.splat(), format.json()),
  })
  expect(row).toMatchObject({ Message: expect.stringContaining('card refused'), ...ERROR_COLUMNS })
})

test('format.errors({ stack: true }) changes nothing about the error columns', async () => {
  const row = await rowOf(emulator, (logger) => logger.error(new RangeError('far')), {
    format: format.combine(format.errors({ stack: true }), format.json()),
  })
  expect(row).toMatchObject({
    Message: 'far',
    ErrorType: 'RangeError',
    ErrorMessage: 'far',
    ErrorStack: expect.stringMatching(/^RangeError: far\n/),
    Properties: null,
  })
})

test('a stack that nest-winston has put into an array is a stack', async () => {
  const { stack } = new RangeError('far')
  const row = await rowOf(emulator, (logger) => logger.error('failed', { context: 'Shop', stack: [stack] }))
  expect(row).toMatchObject({ ErrorType: 'RangeError', ErrorMessage: 'far', ErrorStack: stack })
  expect(row['Properties']).toEqual({ context: 'Shop' })
})

test('an array where nest-winston had no stack to put is not told', async () => {
  const row = await rowOf(emulator, (logger) =>
    logger.error('failed', { context: 'Shop', stack: [undefined] }),
  )
  expect(row).toMatchObject({ ErrorType: '', ErrorStack: '', Properties: { context: 'Shop' } })
  expect(row['Properties']).not.toHaveProperty('stack')
})

test('an AggregateError tells each of its errors', async () => {
  const row = await rowOf(emulator, (logger) =>
    logger.error(new AggregateError([new Error('first'), new RangeError('second')], 'all failed')),
  )
  expect(row).toMatchObject({
    Message: 'all failed',
    ErrorType: 'AggregateError',
    ErrorMessage: 'all failed',
  })
  expect(row['ErrorStack']).toMatch(/error 1 of 2: Error: first\n[^]*error 2 of 2: RangeError: second\n/)
})

test('errors in other places are readable in Properties', async () => {
  const row = await rowOf(emulator, (logger) =>
    logger.warn('some failed', { reason: refused(), results: [{ ok: true }, { reason: new Error('deep') }] }),
  )
  expect(row).toMatchObject({
    ErrorType: '',
    Properties: {
      reason: {
        type: 'PaymentError',
        message: 'card refused',
        code: 'E_PAY',
        stack: ERROR_COLUMNS.ErrorStack,
      },
      results: [{ ok: true }, { reason: { type: 'Error', message: 'deep' } }],
    },
  })
})

test('a format that rewrites the stack has the last word about the error', async () => {
  const mask = format((info) => {
    for (const key of ['message', 'stack']) {
      if (typeof info[key] === 'string') info[key] = info[key].replaceAll('ann@example.com', '***')
    }
    return info
  })
  const row = await rowOf(
    emulator,
    (logger) => logger.error('login failed', new Error('unknown user ann@example.com')),
    { format: mask() },
  )
  expect(JSON.stringify(row)).not.toContain('ann@example.com')
  expect(row).toMatchObject({ ErrorType: 'Error', ErrorMessage: 'unknown user ***' })
})

test('what is called stack or error and is neither stays in Properties', async () => {
  const row = await rowOf(emulator, (logger) =>
    logger.info('deployed', { stack: 'production-1', error: 'none', err: { code: 3 } }),
  )
  expect(row['Properties']).toEqual({ stack: 'production-1', error: 'none', err: { code: 3 } })
})

test('a serialised error is an error', async () => {
  const { name, message, stack } = new RangeError('far')
  const row = await rowOf(emulator, (logger) =>
    logger.error('x', { error: { name, message, stack, status: 500 } }),
  )
  expect(row).toMatchObject({
    ErrorType: 'RangeError',
    ErrorMessage: 'far',
    Properties: { error: { status: 500 } },
  })
})
