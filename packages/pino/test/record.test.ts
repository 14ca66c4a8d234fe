import { hostname } from 'node:os'

import { expect, test } from 'vitest'

import { recommendedPinoOptions } from '../src/index.ts'
import { collect, load, rowsOf, take, VERSIONS } from './rows-of.ts'

test.each(VERSIONS)(
  '%s: what every logger knows goes into its columns, the rest into Properties',
  (version) => {
    const before = Date.now()
    const [row] = rowsOf(version, { name: 'shop' }, (logger) =>
      logger.warn({ orderId: 7, cart: { items: ['a', 'b'] } }, 'order %s failed', 'now'),
    )
    expect(row).toMatchObject({
      Level: 'warn',
      SeverityNumber: 13,
      Message: 'order now failed',
      Logger: 'shop',
      HostName: hostname(),
      ProcessId: process.pid,
      Properties: { orderId: 7, cart: { items: ['a', 'b'] } },
    })
    expect(Date.parse(String(row?.['TimeGenerated']))).toBeGreaterThanOrEqual(before)
    expect(row?.['EventTime']).toBe(row?.['TimeGenerated'])
  },
)

test.each(VERSIONS)('%s: each standard level has its severity', (version) => {
  const rows = rowsOf(version, { level: 'trace' }, (logger) => {
    for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) logger[level]('x')
  })
  expect(rows.map((row) => [row['Level'], row['SeverityNumber']])).toEqual([
    ['trace', 1],
    ['debug', 5],
    ['info', 9],
    ['warn', 13],
    ['error', 17],
    ['fatal', 21],
  ])
})

test.each(VERSIONS)(
  '%s: custom levels keep their names, and a severity between their neighbours',
  (version) => {
    const customLevels = { audit: 35, notice: 31, panic: 70 }
    const rows = rowsOf(version, { customLevels }, (logger) => {
      for (const level of Object.keys(customLevels)) Reflect.apply(Reflect.get(logger, level), logger, ['x'])
    })
    expect(rows.map((row) => [row['Level'], row['SeverityNumber']])).toEqual([
      ['audit', 11],
      ['notice', 10],
      ['panic', 24],
    ])
  },
)

test.each(VERSIONS)('%s: levels that count downwards are known by their names', (version) => {
  const customLevels = { error: 3, warning: 4, info: 6 }
  const rows = rowsOf(
    version,
    { customLevels, useOnlyCustomLevels: true, level: 'info', levelComparison: 'DESC' },
    (logger) => {
      logger.error('x')
      Reflect.apply(Reflect.get(logger, 'warning'), logger, ['y'])
    },
  )
  expect(rows.map((row) => [row['Level'], row['SeverityNumber']])).toEqual([
    ['error', 17],
    ['warning', 13],
  ])
})

test.each(VERSIONS)(
  '%s: a level as a label, under any of the usual keys, is read like a number',
  (version) => {
    for (const key of ['level', 'severity', 'log.level']) {
      const [row] = rowsOf(
        version,
        { customLevels: { audit: 35 }, formatters: { level: (label) => ({ [key]: label }) } },
        (logger) => Reflect.apply(Reflect.get(logger, 'audit'), logger, ['x']),
      )
      expect(row).toMatchObject({ Level: 'audit', SeverityNumber: 11 })
      expect(row).not.toHaveProperty('Properties')
    }
    const [upper] = rowsOf(
      version,
      { formatters: { level: (label) => ({ level: label.toUpperCase() }) } },
      (logger) => logger.error('x'),
    )
    expect(upper).toMatchObject({ Level: 'ERROR', SeverityNumber: 17 })
  },
)

test.each(VERSIONS)('%s: every built-in timestamp gives the moment of the call', (version) => {
  const { stdTimeFunctions } = load(version)
  const timestamps = [...Object.values(stdTimeFunctions), () => `,"@timestamp":"${new Date().toISOString()}"`]
  for (const timestamp of timestamps) {
    const before = Math.floor(Date.now() / 1000) * 1000
    const [row] = rowsOf(version, { timestamp }, (logger) => logger.info('x'))
    const at = Date.parse(String(row?.['TimeGenerated']))
    expect(at).toBeGreaterThanOrEqual(before)
    // unixTime rounds to the nearest second.
    expect(at).toBeLessThanOrEqual(Date.now() + 500)
    expect(row?.['Properties']).toBeUndefined()
  }
})

test.each(VERSIONS)('%s: an error keeps type, message, stack, cause and details', (version) => {
  const error = Object.assign(new TypeError('outer', { cause: new RangeError('inner') }), { code: 'E_OUTER' })
  const [alone, beside, text] = rowsOf(version, {}, (logger) => {
    logger.error(error)
    logger.error({ err: error, userId: 4 }, 'request failed')
    logger.error({ err: 'only text' }, 'x')
  })
  expect(alone).toMatchObject({
    Message: 'outer',
    ErrorType: 'TypeError',
    Properties: { error: { code: 'E_OUTER' } },
  })
  expect(alone?.['ErrorMessage']).toContain('outer')
  expect(alone?.['ErrorStack']).toMatch(/TypeError: outer\n\s+at .*\ncaused by: RangeError: inner\n\s+at /s)
  expect(beside).toMatchObject({
    Message: 'request failed',
    ErrorType: 'TypeError',
    Properties: { userId: 4, error: { code: 'E_OUTER' } },
  })
  expect(text).toMatchObject({ ErrorMessage: 'only text', Message: 'x' })
})

test.each(VERSIONS)('%s: the errors of an AggregateError are in its stack', (version) => {
  const error = new AggregateError([new Error('first'), new TypeError('second')], 'several')
  const [row] = rowsOf(version, {}, (logger) => logger.error(error))
  expect(row).toMatchObject({ ErrorType: 'AggregateError', ErrorMessage: 'several' })
  expect(row?.['ErrorStack']).toMatch(/error 1 of 2: Error: first.*error 2 of 2: TypeError: second/s)
})

test.each(VERSIONS)('%s: messageKey and errorKey are taken from pino', (version) => {
  const [row, other] = rowsOf(version, { messageKey: 'text', errorKey: 'failure' }, (logger) => {
    logger.error(new Error('boom'))
    logger.info({ msg: 'a property' }, 'a message')
  })
  expect(row).toMatchObject({
    Message: 'boom',
    ErrorMessage: 'boom',
    ErrorType: 'Error',
  })
  expect(row).not.toHaveProperty('Properties')
  expect(other).toMatchObject({ Message: 'a message', Properties: { msg: 'a property' } })
})

test.each(VERSIONS)('%s: child bindings, mixin, serializers and redaction are in the row', (version) => {
  const [row] = rowsOf(
    version,
    {
      mixin: () => ({ region: 'north' }),
      serializers: { user: (user: { id: number }) => `user-${user.id}` },
      redact: ['password'],
      msgPrefix: '[api] ',
    },
    (logger) => {
      const child = logger.child({ requestId: 'r-1', name: 'child' }).child({ route: '/pay' })
      child.info({ user: { id: 3, secret: true }, password: 'p' }, 'hello')
    },
  )
  expect(row).toMatchObject({
    Message: '[api] hello',
    Logger: 'child',
    Properties: { requestId: 'r-1', route: '/pay', region: 'north', user: 'user-3', password: '[Redacted]' },
  })
})

test.each(VERSIONS)('%s: formatters for bindings and log lines are respected', (version) => {
  const [row] = rowsOf(
    version,
    {
      formatters: {
        bindings: ({ pid }) => ({ pid, service: 'billing' }),
        log: (object) => ({ ...object, formatted: true }),
      },
    },
    (logger) => logger.info({ a: 1 }, 'x'),
  )
  expect(row).toMatchObject({
    HostName: hostname(),
    ProcessId: process.pid,
    Properties: { service: 'billing', a: 1, formatted: true },
  })
})

test.each(VERSIONS)('%s: without bindings, host and process are still known', (version) => {
  const [row] = rowsOf(version, { base: null }, (logger) => logger.info('x'))
  expect(row).toMatchObject({ HostName: hostname(), ProcessId: process.pid })
})

test.each(VERSIONS)('%s: trace ids are found in either spelling', (version) => {
  const [snake, camel] = rowsOf(version, {}, (logger) => {
    logger.info({ trace_id: 't1', span_id: 's1', trace_flags: '01' }, 'x')
    logger.info({ traceId: 't2', spanId: 's2' }, 'x')
  })
  expect(snake).toMatchObject({ TraceId: 't1', SpanId: 's1', Properties: { trace_flags: '01' } })
  expect(camel).toMatchObject({ TraceId: 't2', SpanId: 's2' })
  expect(camel).not.toHaveProperty('Properties')
})

test.each(VERSIONS)(
  '%s: with nestedKey, error and trace are found inside, and the rest stays there',
  (version) => {
    const [row, plain] = rowsOf(
      version,
      { nestedKey: 'payload' },
      (logger) => {
        logger.error({ err: new Error('boom'), traceId: 't', level: 'mine', left: 1 }, 'x')
        logger.info('y')
      },
      { nestedKey: 'payload' },
    )
    expect(row).toMatchObject({
      Level: 'error',
      Message: 'x',
      ErrorMessage: 'boom',
      TraceId: 't',
      Properties: { payload: { level: 'mine', left: 1 } },
    })
    expect(plain).toMatchObject({ Message: 'y' })
    expect(plain).not.toHaveProperty('Properties')
  },
)

test.each(VERSIONS)(
  '%s: with the recommended options an Error keeps its message under every key',
  (version) => {
    const record = { reason: new Error('under another key', { cause: new Error('deeper') }) }
    const [other, standard, named] = rowsOf(version, { ...recommendedPinoOptions() }, (logger) => {
      logger.error(record, 'x')
      logger.error(new TypeError('alone', { cause: new Error('deeper') }))
      logger.error({ error: new RangeError('named') }, 'x')
    })
    expect(other?.['Properties']).toMatchObject({
      reason: { type: 'Error', message: 'under another key', cause: { message: 'deeper' } },
    })
    expect(standard).toMatchObject({ ErrorType: 'TypeError', ErrorMessage: 'alone' })
    expect(standard?.['ErrorStack']).toMatch(/TypeError: alone.*caused by: Error: deeper/s)
    expect(named).toMatchObject({ ErrorType: 'RangeError', ErrorMessage: 'named' })
    expect(record.reason).toBeInstanceOf(Error)
  },
)

test.each(VERSIONS)(
  '%s: with the recommended options values that are no Errors stay as they are',
  (version) => {
    const [both, none] = rowsOf(version, { ...recommendedPinoOptions() }, (logger) => {
      logger.error({ orderId: 7, reason: new Error('refused'), tags: ['a'] }, 'x')
      logger.info({ orderId: 8, err: 'a text' }, 'y')
    })
    expect(both?.['Properties']).toMatchObject({ orderId: 7, reason: { message: 'refused' }, tags: ['a'] })
    expect(none).toMatchObject({ Message: 'y', Properties: { orderId: 8 } })
    expect(JSON.stringify(none)).toContain('a text')
  },
)

test.each(VERSIONS)('%s: of any number of levels each has its name', (version) => {
  const names = Array.from({ length: 70 }, (_, n) => `level${n}`)
  const customLevels = Object.fromEntries(names.map((name, n) => [name, 100 + n]))
  const rows = rowsOf(version, { customLevels, base: null }, (logger) => {
    for (let round = 0; round < 2; round += 1)
      for (const name of names) (logger as unknown as Record<string, (text: string) => void>)[name]?.('x')
  })
  expect(rows.map(({ Level }) => Level)).toEqual([...names, ...names])
})

test.each(VERSIONS)('%s: passthrough sends the record as pino wrote it', (version) => {
  const [row] = rowsOf(version, { base: null, timestamp: false }, (logger) => logger.info({ a: 1 }, 'x'), {
    mapping: 'passthrough',
  })
  expect(row).toEqual({ level: 30, a: 1, msg: 'x' })
})

function rowOfLine(line: string): Record<string, unknown> | undefined {
  const { intake, rows } = collect()
  take(intake, line)
  return rows[0]
}

test('a line that is no JSON object becomes a row with its text, and is counted', () => {
  const { intake, rows } = collect()
  for (const line of ['plain text', '[1]', '"text"', '42', 'null', '{"cut', '']) take(intake, line)
  expect(rows.map((row) => row['Message'])).toEqual(['plain text', '[1]', '"text"', '42', 'null', '{"cut'])
  expect(rows[0]).toMatchObject({ Level: 'info', SeverityNumber: 9 })
  expect(intake.unparsedLines()).toBe(6)
})

test('without pino’s configuration, the usual keys are tried', () => {
  const row = rowOfLine('{"message":"m","error":{"message":"boom","stack":"s"}}')
  expect(row).toMatchObject({ Level: 'info', Message: 'm', ErrorMessage: 'boom' })
  expect(row).not.toHaveProperty('Properties')
  expect(rowOfLine('{"level":35,"msg":5}')).toMatchObject({ Level: '35', SeverityNumber: 11, Message: '5' })
})

test('what a column cannot hold stays in Properties', () => {
  const line = '{"level":null,"time":"soon","msg":{"a":1},"name":7,"pid":"x","err":[1],"traceId":5}'
  expect(rowOfLine(line)).toMatchObject({
    Level: 'info',
    Message: '',
    Properties: { level: null, time: 'soon', msg: { a: 1 }, name: 7, pid: 'x', err: [1], traceId: 5 },
  })
})

test('a property called __proto__ is kept and changes no object', () => {
  const row = rowOfLine('{"__proto__":{"polluted":true},"constructor":1}')
  expect(JSON.stringify(row?.['Properties'])).toBe('{"__proto__":{"polluted":true},"constructor":1}')
  expect(Reflect.get({}, 'polluted')).toBeUndefined()
})
