import { expect, test } from 'vitest'

import type { PinoConfig } from '../src/record.ts'
import { collect, take } from './rows-of.ts'

type Options = Parameters<typeof collect>[0]

/** Columns that a row has only when there is something in them. */
const EMPTY = {
  Logger: undefined,
  TraceId: undefined,
  SpanId: undefined,
  ErrorType: undefined,
  ErrorMessage: undefined,
  ErrorStack: undefined,
  Properties: undefined,
}

function rowOf(
  line: string,
  options: Options = {},
  config?: PinoConfig,
): Record<string, unknown> | undefined {
  const { intake, rows } = collect(options)
  if (config !== undefined) intake.configure(config)
  take(intake, line)
  return rows[0] === undefined ? undefined : { ...EMPTY, ...rows[0] }
}

test('the keys and levels that the transport was given go before those of pino', () => {
  const options = {
    messageKey: 'text',
    errorKey: 'failure',
    nestedKey: 'payload',
    customLevels: { audit: 35 },
  }
  const line = '{"level":35,"text":"mine","msg":"pino’s","failure":"broken","payload":{"a":1}}'
  expect(rowOf(line, options, { messageKey: 'msg', errorKey: 'err' })).toMatchObject({
    Level: 'audit',
    SeverityNumber: 11,
    Message: 'mine',
    ErrorMessage: 'broken',
    Properties: { msg: 'pino’s', payload: { a: 1 } },
  })
})

test('under passthrough a line that is no JSON is a record with the message alone', () => {
  expect(rowOf('plain', { mapping: 'passthrough' })).toEqual({ msg: 'plain' })
  expect(rowOf('plain', { mapping: 'passthrough', messageKey: 'text' })).toEqual({ text: 'plain' })
  expect(rowOf(' \t', { mapping: 'passthrough' })).toBeUndefined()
})

test.each([
  ['"custom"', 'custom', 9],
  ['"audit"', 'audit', 11],
  ['"NOTICE"', 'NOTICE', 10],
  ['"emerg"', 'emerg', 21],
  ['"crit"', 'crit', 18],
  ['"alert"', 'alert', 19],
  ['"verbose"', 'verbose', 5],
  ['0', '0', 1],
  ['1000', '1000', 24],
  ['10', 'trace', 1],
  ['35', 'audit', 11],
  ['34.9', '34.9', 10],
])('the level %s is %s with severity %i', (level, name, severity) => {
  const levels = { values: { audit: 35 }, labels: { 35: 'audit' } }
  expect(rowOf(`{"level":${level},"msg":"x"}`, {}, { levels })).toMatchObject({
    Level: name,
    SeverityNumber: severity,
    Properties: undefined,
  })
})

test.each(['""', 'null', '{}', '[]', 'true'])('the level %s is none, and stays', (level) => {
  expect(rowOf(`{"level":${level},"msg":"x"}`)).toMatchObject({
    Level: 'info',
    Properties: { level: JSON.parse(level) as unknown },
  })
})

test.each([
  ['msg', '5', '5'],
  ['msg', 'false', 'false'],
  ['msg', '""', ''],
])('a message %s of %s is the text %j', (key, value, text) => {
  expect(rowOf(`{"${key}":${value}}`)).toMatchObject({ Message: text, Properties: undefined })
})

test('an error is one by its message or its stack, and by nothing else', () => {
  expect(rowOf('{"msg":"x","err":{"stack":"Error: a\\n    at f (x.js:1:1)"}}')?.['ErrorStack']).toContain(
    'at f',
  )
  expect(rowOf('{"msg":"x","err":{"message":"a"}}')).toMatchObject({
    ErrorMessage: 'a',
    Properties: undefined,
  })
  expect(rowOf('{"msg":"x","err":{"code":5}}')).toMatchObject({ Properties: { err: { code: 5 } } })
  expect(rowOf('{"msg":"x","err":""}')).toMatchObject({ Properties: { err: '' } })
  expect(rowOf('{"msg":"x","err":5,"error":"second"}')).toMatchObject({
    ErrorMessage: 'second',
    Properties: { err: 5 },
  })
})

test('names, hosts and ids are texts that say something, and a process id is a whole number', () => {
  expect(rowOf('{"msg":"x","name":"","hostname":7,"pid":1.5,"trace_id":"","span_id":null}')).toMatchObject({
    Logger: undefined,
    TraceId: undefined,
    SpanId: undefined,
    Properties: { name: '', hostname: 7, pid: 1.5, trace_id: '', span_id: null },
  })
  expect(rowOf('{"msg":"x","name":"n","hostname":"h","pid":7,"traceId":"t","spanId":"s"}')).toMatchObject({
    Logger: 'n',
    HostName: 'h',
    ProcessId: 7,
    TraceId: 't',
    SpanId: 's',
    Properties: undefined,
  })
})

test('inside nestedKey only what is missing outside is looked for', () => {
  const options = { nestedKey: 'payload' }
  const row = rowOf('{"traceId":"outer","payload":{"traceId":"inner","spanId":"s"}}', options)
  expect(row).toMatchObject({ TraceId: 'outer', SpanId: 's' })
  expect(row?.['Properties']).toEqual({ payload: { traceId: 'inner' } })
  expect(rowOf('{"payload":[1]}', options)).toMatchObject({ Properties: { payload: [1] } })
  expect(rowOf('{"payload":{"__proto__":{"a":1}}}', options)?.['Properties']).toEqual(
    JSON.parse('{"payload":{"__proto__":{"a":1}}}'),
  )
})

test('a record with an error keeps its own time', () => {
  const row = rowOf('{"level":50,"time":1795000000000.25,"err":{"message":"a"}}')
  expect(row?.['EventTime']).toBe('2026-11-18T11:06:40.0002500Z')
})
