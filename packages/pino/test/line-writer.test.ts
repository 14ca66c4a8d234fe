import { encodeRow } from '@azlogs/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { collect, take } from './rows-of.ts'

/** The row of a line, without what is new in every row. */
function rowOf(line: string, options: Parameters<typeof collect>[0] = {}): Record<string, unknown> {
  const { intake, rows } = collect(options)
  take(intake, line)
  const { TimeGenerated: _time, EventTime: _eventTime, RecordId: _id, ...row } = rows[0] ?? {}
  return row
}

/** An option that finds nothing, and for which every line has to be parsed. */
const PARSED = { nestedKey: 'there is no such key' }

const KEYS =
  'level severity time timestamp msg message err error name hostname pid trace_id traceId span_id a b order ключ "quotes" Message'
    .split(' ')
    .concat('')

const value = fc.oneof(
  fc.constantFrom(30, 35, 60, 1_795_000_000_000, '2026-11-28T10:00:00.000Z', 'info', 'AUDIT', '', null, true),
  fc.jsonValue({ maxDepth: 2 }),
)
const members = fc.uniqueArray(fc.tuple(fc.constantFrom(...KEYS), value), {
  selector: ([key]) => key,
  maxLength: 12,
})
/** As most lines are. */
const usual = fc.constant([
  ['level', 30],
  ['time', 1_795_000_000_000],
  ['pid', 7],
  ['hostname', 'web'],
] as [string, unknown][])

test('a row that is written of the line’s own text is the one that comes of parsing it', () => {
  fc.assert(
    fc.property(fc.oneof(usual, members), members, (first, then) => {
      const line = JSON.stringify(Object.fromEntries([...first, ...then]))
      expect(rowOf(line)).toEqual(rowOf(line, PARSED))
    }),
    { numRuns: 2000 },
  )
})

test('a key that comes twice counts as the last one says', () => {
  const line = '{"level":30,"time":1795000000000,"a":1,"msg":"x","a":2,"msg":"y"}'
  expect(rowOf(line)).toMatchObject({ Message: 'y', Properties: { a: 2 } })
})

test('a line with more members than are looked at is read all the same', () => {
  const many = Object.fromEntries(Array.from({ length: 300 }, (_value, index) => [`k${index}`, index]))
  expect(rowOf(JSON.stringify({ level: 30, ...many }))).toMatchObject({ Level: 'info', Properties: many })
})

test('numbers keep the digits that they were written with', () => {
  const line = '{"level":30,"time":1795000000000,"id":12345678901234567890,"ratio":1.10}'
  const texts: string[] = []
  for (const options of [{}, { mapping: 'passthrough' }] as const) {
    take(collect(options, (row) => texts.push(encodeRow(row).json)).intake, line)
  }
  expect(texts[0]).toContain('"Properties":{"id":12345678901234567890,"ratio":1.10}')
  expect(texts[1]).toBe(line)
})

test('a line inside a longer text is found where it lies', () => {
  const { intake, rows } = collect()
  const text = '{"level":30,"msg":"one"}\n{"level":50,"msg":"two","k":1}\n{"level":30,"ms'
  intake.take(text, 25, 25 + 30)
  expect(rows).toMatchObject([{ Level: 'error', Message: 'two', Properties: { k: 1 } }])
})

test('passed through, a line that is no JSON is no part of the batch’s text', () => {
  const { intake, rows } = collect({ mapping: 'passthrough' })
  for (const line of ['{"a":{b}}', '{"a":1', '{"a":1}x', '{"a":"\u0001"}']) take(intake, line)
  expect(rows).toEqual([
    { msg: '{"a":{b}}' },
    { msg: '{"a":1' },
    { msg: '{"a":1}x' },
    { msg: '{"a":"\u0001"}' },
  ])
})

test('passed through, a record with the columns Level and SeverityNumber is known by them', () => {
  const pushed: object[] = []
  const { intake } = collect({ mapping: 'passthrough' }, (row) => pushed.push(row))
  take(intake, '{"Level":"error","SeverityNumber":17,"msg":"x"}')
  expect(pushed).toMatchObject([{ Level: 'error', SeverityNumber: 17 }])
})
