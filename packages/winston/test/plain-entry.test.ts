import { LEVEL, SPLAT } from 'triple-beam'
import { expect, test } from 'vitest'

import { entryOf } from '../src/entry.ts'
import type { Info } from '../src/entry.ts'
import { plainEntryOf } from '../src/plain-entry.ts'

const severityOf = (level: string): number => (level === 'warn' ? 13 : 9)

function info(members: object = {}, splat?: unknown): Info {
  return { [LEVEL]: 'warn', [SPLAT]: splat, level: '\u001b[33mwarn\u001b[39m', message: 'm', ...members }
}

test('a record of a message and its fields is told in one pass', () => {
  const record = info({ orderId: 7, none: undefined, nothing: null, list: [1], deep: { ok: true } })
  expect(plainEntryOf(record, severityOf)).toStrictEqual({
    level: 'warn',
    severity: 13,
    message: 'm',
    properties: { orderId: 7, none: undefined, nothing: null, list: [1], deep: { ok: true } },
  })
})

test('a plain record is not asked for what it may have else', () => {
  const asked: (string | symbol)[] = []
  const record = new Proxy(info({ a: 1 }), {
    get: (owner, key) => (asked.push(key), Reflect.get<Info, string | symbol>(owner, key)),
  })
  expect(entryOf(record, severityOf)).toMatchObject({ message: 'm', properties: { a: 1 } })
  expect(asked).toEqual([LEVEL, 'message', SPLAT, 'a'])
})

test('errors deeper in a plain record are readable', () => {
  const record = info({ results: [new RangeError('far')] })
  expect(plainEntryOf(record, severityOf)?.properties).toMatchObject({
    results: [{ type: 'RangeError', message: 'far' }],
  })
})

test.each([
  'timestamp',
  'label',
  'service',
  'trace_id',
  'traceId',
  'span_id',
  'spanId',
  'error',
  'err',
  'stack',
  'cause',
  'exception',
  'rejection',
  'splat',
])('a record with a member called %s is looked at more closely', (name) => {
  expect(plainEntryOf(info({ [name]: 'x' }), severityOf)).toBeUndefined()
})

test('a record with a member called __proto__ is looked at more closely', () => {
  const members: object = JSON.parse('{"__proto__":{"admin":true}}')
  const record = info()
  Object.defineProperty(record, '__proto__', { value: members, enumerable: true })
  expect(plainEntryOf(record, severityOf)).toBeUndefined()
})

test.each([
  ['whose level has no plain name', { level: 'info', message: 'm' }],
  ['whose message is no text', info({ message: { a: 1 } })],
  ['without a message', { [LEVEL]: 'info', level: 'info' }],
  ['that is an error', Object.assign(new Error('m'), { [LEVEL]: 'info', level: 'info', message: 'm' })],
] as [string, Info][])('a record %s is looked at more closely', (_which, record) => {
  expect(plainEntryOf(record, severityOf)).toBeUndefined()
})

test.each([
  ['none', undefined],
  ['none', []],
  ['none that is a list', 'text'],
  ['one object, which winston has merged', [{ a: 1 }]],
])('with %s as arguments after the message, a record is plain: %o', (_what, splat) => {
  expect(plainEntryOf(info({ a: 1 }, splat), severityOf)).toMatchObject({ properties: { a: 1 } })
})

test.each([
  ['text', 'm', ['Ann']],
  ['nothing but undefined', 'm', [undefined]],
  ['an error', 'm', [new Error('x')]],
  ['two objects', 'm', [{ a: 1 }, { b: 2 }]],
  ['one object and a message that may have a place for it', '100 % sure', [{ a: 1 }]],
])('with %s as arguments, a record is looked at more closely', (_what, message, splat) => {
  expect(plainEntryOf(info({ message }, splat), severityOf)).toBeUndefined()
})

test('a plain record gives what it gives when it is looked at more closely', () => {
  for (const members of [{}, { a: 1 }, { deep: { error: new Error('x') } }, { name: 'n', list: [null] }]) {
    for (const splat of [undefined, [], [{ a: 1 }]]) {
      // A stack that is not there makes it none of the plain ones, and has no other effect.
      const closely = entryOf(info({ ...members, stack: undefined }, splat), severityOf)
      expect(plainEntryOf(info(members, splat), severityOf)).toEqual(closely)
      expect(entryOf(info(members, splat), severityOf)).toEqual(closely)
    }
  }
})

test('what a getter throws is thrown, and told in its place by who looks more closely', () => {
  const record = info()
  Object.defineProperty(record, 'bad', {
    get: () => {
      throw new Error('no')
    },
    enumerable: true,
  })
  expect(() => plainEntryOf(record, severityOf)).toThrow('no')
  expect(entryOf(record, severityOf)).toMatchObject({ properties: { bad: '[Throws: no]' } })
})
