import { LEVEL, SPLAT } from 'triple-beam'
import { expect, test } from 'vitest'

import { entryOf } from '../src/entry.ts'
import type { Info } from '../src/entry.ts'
import { createInfoMapper } from '../src/info-mapper.ts'

function entry(members: object, splat: readonly unknown[] = []): ReturnType<typeof entryOf> {
  const info: Info = { [LEVEL]: 'error', [SPLAT]: splat, level: 'error', message: 'm', ...members }
  return entryOf(info, () => 17)
}

const far = new RangeError('far')

/** As winston's handlers make it of an uncaught exception. */
const OF_HANDLER = {
  message: `uncaughtException: far\n${far.stack}`,
  error: far,
  stack: far.stack,
  exception: true,
  date: 'today',
  process: { pid: 7 },
  os: { uptime: 1 },
  trace: [{ file: 'shop.js' }],
}

test.each([
  ['exception', { exception: true }],
  ['rejection', { exception: undefined, rejection: true }],
])('an uncaught %s is told without the host’s facts, and its stack once', (name, members) => {
  const { message, error, properties } = entry({ ...OF_HANDLER, ...members })
  expect(message).toBe('uncaughtException: far')
  expect(error).toMatchObject({ type: 'RangeError', message: 'far' })
  expect(properties).toEqual({ [name]: true })
})

test.each([
  { exception: 'yes' },
  { exception: false },
  { exception: undefined },
  { exception: undefined, rejection: 'yes' },
  { trace: 'none' },
  { process: 'main' },
  { os: 'linux' },
])('a record with the facts of an uncaught exception, but with %o, keeps them all', (members) => {
  const record = { ...OF_HANDLER, ...members }
  const { error: _error, stack: _stack, message, ...rest } = record
  expect(entry(record)).toMatchObject({ message, properties: rest })
})

test.each([
  ['another message', { message: 'uncaught' }],
  ['its stack in front', { message: `${far.stack}\nuncaught` }],
  ['no stack', { error: undefined, stack: undefined, message: 'uncaught\nundefined' }],
])('with %s, the message of an uncaught exception is as it is', (_which, members) => {
  expect(entry({ ...OF_HANDLER, ...members }).message).toBe(members.message)
})

test('an empty label is none, and stays', () => {
  expect(entry({ label: '', service: 'shop' })).toMatchObject({ logger: 'shop', properties: { label: '' } })
})

test('what is called stack and is not the error’s stays beside it', () => {
  expect(entry({ error: far, stack: 'production-1' })).toMatchObject({
    error: { message: 'far' },
    properties: { stack: 'production-1' },
  })
})

test('of several stacks in a list none is the record’s', () => {
  const stack = [far.stack, 'another']
  expect(entry({ stack })).toMatchObject({ error: undefined, properties: { stack } })
})

test('an error behind other arguments is told as the error, and not as a lost argument', () => {
  const { error, properties } = entry({ a: 1 }, [{ a: 1 }, far])
  expect(error).toMatchObject({ type: 'RangeError', message: 'far' })
  expect(properties).toEqual({ a: 1 })
})

test('name and cause are left out where winston copied them from the error, and kept where they say more', () => {
  const error = new RangeError('far', { cause: 'rain' })
  expect(entry({ error, name: 'RangeError', cause: 'rain' }).properties).toEqual({})
  expect(entry({ error, name: 'Ann', cause: 'snow' }).properties).toEqual({ name: 'Ann', cause: 'snow' })
})

test('what there is not has no place in the entry', () => {
  expect(entry({ error: null, err: null, traceId: 't' })).toStrictEqual({
    level: 'error',
    severity: 17,
    message: 'm',
    logger: undefined,
    traceId: 't',
    spanId: undefined,
    properties: { error: null, err: null },
    error: undefined,
  })
})

test('an error without a stack is one', () => {
  const bare = new RangeError('bare')
  delete bare.stack
  expect(entry({ error: bare })).toMatchObject({ error: { type: 'RangeError', message: 'bare' } })
})

test('the type of an error that only its stack tells is without its code', () => {
  const stack = 'TypeError [ERR_BAD]: no such file\n    at open (fs.js:1:1)'
  expect(entry({ stack })).toMatchObject({ error: { type: 'TypeError', message: 'no such file' } })
})

test('without winston’s own name for it, the level is the shown one without its colours', () => {
  const info: Info = { level: '\u001b[33mwarn\u001b[39m', message: 'm' }
  expect(entryOf(info, (level) => level.length)).toMatchObject({ level: 'warn', severity: 4 })
  expect(entryOf({ ...info, [LEVEL]: 'silly' }, (level) => level.length)).toMatchObject({
    level: 'silly',
    severity: 5,
  })
})

test.each([
  [12n, '12n'],
  [Symbol('s'), 'Symbol(s)'],
  [null, 'null'],
  [false, 'false'],
  [new Error('boom'), 'boom'],
  [{ a: [1] }, '{"a":[1]}'],
  [undefined, ''],
])('a message %s is the text %j', (message, text) => {
  expect(entry({ message }).message).toBe(text)
})

test('a record that refuses everything is a row of an unknown level', () => {
  const refuse = (): never => {
    throw new TypeError('closed')
  }
  const info = new Proxy({}, { get: refuse, ownKeys: refuse, getPrototypeOf: refuse })
  expect(createInfoMapper({}).rowOf(info, undefined)).toMatchObject({
    Level: 'unknown',
    SeverityNumber: 9,
    Message: '[This record could not be read: TypeError: closed]',
  })
})
