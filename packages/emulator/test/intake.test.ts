import { expect, test } from 'vitest'

import { takeIn } from '../src/intake.ts'
import { parseJson } from '../src/json.ts'
import { readSchema } from '../src/schema.ts'
import type { Table } from '../src/schema.ts'

const now = Date.parse('2026-11-22T12:00:00.000Z')
const [table] = readSchema({
  table: 'T_CL',
  stream: 'Custom-T_CL',
  columns: [
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'Message', type: 'string' },
    { name: 'Count', type: 'int' },
  ],
}) as [Table]

function timesOf(...times: readonly unknown[]): readonly unknown[] {
  return takeIn(
    times.map((TimeGenerated) => ({ TimeGenerated })),
    table,
    now,
  ).rows.map((row) => row[0])
}

test('members without a column of exactly that name are dropped and counted, the rows stay', () => {
  const elements = [
    { Message: 'a', message: 'x', Extra: 1 },
    { Message: 'b', Extra: 2 },
    { ['__proto__']: 1 },
  ]
  const intake = takeIn([...elements, parseJson('{"__proto__":1}')], table, now)
  expect(intake.rows.map((row) => row[1])).toEqual(['a', 'b', '', ''])
  expect(Object.entries(intake.droppedColumns)).toEqual([
    ['message', 1],
    ['Extra', 2],
    ['__proto__', 2],
  ])
})

test('what was converted, nulled and truncated is counted by column', () => {
  const intake = takeIn(
    [{ Count: '1' }, { Count: 'x' }, { Count: 'y', Message: 5 }, { Message: 'z'.repeat(70_000) }],
    table,
    now,
  )
  expect(intake).toMatchObject({
    coercedValues: { Count: 1, Message: 1 },
    nulledValues: { Count: 2 },
    truncatedValues: { Message: 1 },
  })
})

test('elements that are no objects are discarded alone', () => {
  const elements = [null, 1, 'text', [{}], parseJson('9223372036854775807'), { Message: 'kept' }]
  const intake = takeIn(elements, table, now)
  expect(intake.rows).toHaveLength(1)
  expect(intake).toMatchObject({ rowsReceived: 6, rowsDiscarded: 5 })
})

test('a time within two days back and one day ahead is kept to the tick', () => {
  const times = ['2026-11-20T12:00:00.0000000Z', '2026-11-22T12:00:00.0000001Z', '2026-11-23T12:00:00Z']
  expect(timesOf(...times)).toEqual(times)
})

test('a time outside of that, no time and no datetime become the time of arrival, each counted', () => {
  const times = ['2026-11-20T11:59:59.999Z', '2026-11-23T12:00:00.001Z', null, 'noon', 1732270830000]
  const elements = [{}, ...times.map((TimeGenerated) => ({ TimeGenerated }))]
  const intake = takeIn(elements, table, now)
  expect(new Set(intake.rows.map((row) => row[0]))).toEqual(new Set(['2026-11-22T12:00:00.000Z']))
  expect(intake.restampedRows).toEqual({ tooOld: 1, tooNew: 1, unreadable: 2, missing: 2 })
  expect(intake.nulledValues).toEqual({})
})

test('the span of time is that of the times as they were sent', () => {
  const elements = ['2026-11-22T11:00:00Z', '2026-11-22T11:45:00Z', '2026-11-22T11:20:00Z'].map(
    (TimeGenerated) => ({ TimeGenerated }),
  )
  expect(takeIn(elements, table, now).timeSpanMinutes).toBe(45)
  expect(takeIn([{}], table, now).timeSpanMinutes).toBe(0)
})
