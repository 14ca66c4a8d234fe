import { expect, test } from 'vitest'

import { rowLine } from '../src/row-line.ts'
import type { Paint } from '../src/row-line.ts'

const plain: Paint = (_style, text) => text
const marked: Paint = (style, text) => `<${String(style)}>${text}</>`

const TIME = '2026-11-23T10:11:12.3456789Z'
const wallTime = (): string => {
  const date = new Date(TIME)
  return `${[date.getHours(), date.getMinutes(), 12].map((part) => String(part).padStart(2, '0')).join(':')}.345`
}

test('a row of the default table: time, level, logger, message, then what else it says', () => {
  const row = {
    TimeGenerated: TIME,
    Level: 'info',
    SeverityNumber: 9,
    Message: 'order placed',
    Logger: 'shop',
    HostName: 'web-1',
    ProcessId: 77,
    TraceId: '',
    SpanId: null,
    ErrorStack: '',
    Properties: { orderId: 912, user: { name: 'Ann' }, note: 'two words', tags: ['a'], ok: true },
    RecordId: 'abc-1',
    EventTime: TIME,
  }
  expect(rowLine(row, plain)).toBe(
    `${wallTime()} INFO  shop: order placed orderId=912 user={"name":"Ann"} note="two words" tags=["a"] ok=true\n`,
  )
  expect(rowLine(row, plain, 'AppLogs_CL')).toContain('INFO  AppLogs_CL shop: order placed')
})

test('an error has its stack on lines of its own, or its type and message in the line', () => {
  const row = {
    TimeGenerated: TIME,
    Level: 'error',
    Message: 'no',
    ErrorType: 'TypeError',
    ErrorMessage: 'bad',
  }
  expect(rowLine(row, plain)).toBe(`${wallTime()} ERROR no ErrorType=TypeError ErrorMessage=bad\n`)
  expect(rowLine({ ...row, ErrorStack: 'TypeError: bad\r\n    at a\n    at b\n' }, plain)).toBe(
    `${wallTime()} ERROR no\n    TypeError: bad\n        at a\n        at b\n`,
  )
})

test('a table with other names, or none that are known, is shown too', () => {
  expect(rowLine({ TimeGenerated: TIME, SeverityText: 'WARN', Body: 'hot', Celsius: 91.5 }, plain)).toBe(
    `${wallTime()} WARN  hot Celsius=91.5\n`,
  )
  expect(rowLine({ TimeGenerated: 'soon', a: 1, b: 'x', c: 9_007_199_254_740_993n }, plain)).toBe(
    'soon       a=1 b=x c=9007199254740993\n',
  )
  // The first of two that could be the message is it; the other is not lost.
  expect(rowLine({ TimeGenerated: TIME, Message: 'm', Msg: 'n' }, plain)).toContain('m Msg=n')
})

test('text that could command the terminal or forge a line is escaped, wherever it stands', () => {
  const evil = '\u001B[2J\u009B31m\nFAKE\r\t\u0000\u2028'
  const row = {
    TimeGenerated: evil,
    Level: evil,
    Logger: evil,
    Message: evil,
    ErrorStack: evil,
    Properties: { [evil]: evil },
  }
  const text = rowLine(row, plain, 'AppLogs_CL')
  // oxlint-disable-next-line no-control-regex
  expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028]/)
  // The row, and the two lines that the stack really has.
  expect(text.split('\n')).toHaveLength(4)
  expect(text).toContain(String.raw`\u001b[2J\u009b31m\nFAKE\r\t\u0000\u2028`)
})

test('a long value is cut', () => {
  expect(rowLine({ TimeGenerated: TIME, blob: 'x'.repeat(10_000) }, plain).length).toBeLessThan(400)
})

test.each([
  ['fatal', 'bold,red'],
  ['CRITICAL', 'bold,red'],
  ['error', 'red'],
  ['Warning', 'yellow'],
  ['INFO', 'green'],
  ['notice', 'green'],
  ['debug', 'blue'],
  ['', 'blue'],
])('the level "%s" is painted %s', (level, style) => {
  expect(rowLine({ TimeGenerated: TIME, Level: level }, marked)).toContain(`<${style}>${level.toUpperCase()}`)
})
