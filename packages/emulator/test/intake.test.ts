import { expect, test } from 'vitest'

import { takeIn } from '../src/intake.ts'
import type { Intake } from '../src/intake.ts'
import { parseJson } from '../src/json.ts'
import { KqlError } from '../src/kql/index.ts'
import type { Transform } from '../src/kql/index.ts'
import { readSchema } from '../src/read-schema.ts'
import type { Stream } from '../src/schema.ts'

const now = Date.parse('2026-11-22T12:00:00.000Z')
const { rules } = readSchema({
  table: 'T_CL',
  stream: 'Custom-T_CL',
  columns: [
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'Message', type: 'string' },
    { name: 'Count', type: 'int' },
  ],
})
const [stream] = rules[0].streams

const take = (elements: readonly unknown[]): Intake => takeIn(elements, stream, now)
const rowsOf = (intake: Intake) => intake.stored[0]?.rows ?? []

function timesOf(...times: readonly unknown[]): readonly unknown[] {
  return rowsOf(take(times.map((TimeGenerated) => ({ TimeGenerated })))).map((row) => row[0])
}

test('members without a column of exactly that name are dropped and counted, the rows stay', () => {
  const elements = [
    { Message: 'a', message: 'x', Extra: 1 },
    { Message: 'b', Extra: 2 },
    { ['__proto__']: 1 },
  ]
  const intake = take([...elements, parseJson('{"__proto__":1}')])
  expect(rowsOf(intake).map((row) => row[1])).toEqual(['a', 'b', '', ''])
  expect(Object.entries(intake.counts.droppedColumns)).toEqual([
    ['message', 1],
    ['Extra', 2],
    ['__proto__', 2],
  ])
})

test('a name is told up to 200 characters', () => {
  const names = ['a'.repeat(200), 'b'.repeat(201), `${'b'.repeat(201)}c`]
  const intake = take(names.map((name) => ({ [name]: 1 })))
  expect(intake.counts.droppedColumns).toEqual({ ['a'.repeat(200)]: 1, [`${'b'.repeat(200)}…`]: 2 })
})

test('what was converted, nulled and truncated is counted by column', () => {
  const intake = take([
    { Count: '1' },
    { Count: 'x' },
    { Count: 'y', Message: 5 },
    { Message: 'z'.repeat(70_000) },
  ])
  expect(intake.counts).toMatchObject({
    coercedValues: { Count: 1, Message: 1 },
    nulledValues: { Count: 2 },
    truncatedValues: { Message: 1 },
  })
})

test('elements that are no objects are discarded alone', () => {
  const elements = [null, 1, 'text', [{}], parseJson('9223372036854775807'), { Message: 'kept' }]
  const intake = take(elements)
  expect(rowsOf(intake)).toHaveLength(1)
  expect(intake.counts).toMatchObject({ rowsReceived: 6, rowsDiscarded: 5 })
})

test('a time within two days back and one day ahead is kept to the tick', () => {
  const times = ['2026-11-20T12:00:00.0000000Z', '2026-11-22T12:00:00.0000001Z', '2026-11-23T12:00:00Z']
  expect(timesOf(...times)).toEqual(times)
})

test('a time outside of that, no time and no datetime become the time of arrival, each counted', () => {
  const times = ['2026-11-20T11:59:59.999Z', '2026-11-23T12:00:00.001Z', null, 'noon', 1732270830000]
  const elements = [{}, ...times.map((TimeGenerated) => ({ TimeGenerated }))]
  const intake = take(elements)
  expect(new Set(rowsOf(intake).map((row) => row[0]))).toEqual(new Set(['2026-11-22T12:00:00.000Z']))
  expect(intake.counts.restampedRows).toEqual({
    tooOld: 1,
    tooNew: 1,
    unreadable: 2,
    notMicroseconds: 0,
    missing: 2,
  })
  expect(intake.counts.nulledValues).toEqual({})
})

test('the span of time is that of the times as they were sent', () => {
  const elements = ['2026-11-22T11:00:00Z', '2026-11-22T11:45:00Z', '2026-11-22T11:20:00Z'].map(
    (TimeGenerated) => ({ TimeGenerated }),
  )
  expect(take(elements).timeSpanMinutes).toBe(45)
  expect(take([{}]).timeSpanMinutes).toBe(0)
})

test('a row for which a transformation fails is dropped alone, and counts as lost', () => {
  const [flow] = stream.flows
  const transform: Transform = {
    resultColumns: stream.columns,
    undocumented: [],
    run(row) {
      if (row['Message'] === 'bad') throw new KqlError('LimitExceeded', 'too much', { line: 1, column: 1 })
      return [row]
    },
  }
  const failing: Stream = { ...stream, flows: [{ ...flow, transform }] }
  const intake = takeIn([{ Message: 'bad' }, { Message: 'good' }], failing, now)
  expect(rowsOf(intake).map((row) => row[1])).toEqual(['good'])
  expect(intake.counts).toMatchObject({ rowsFailed: 1, rowsFiltered: 0 })
})
