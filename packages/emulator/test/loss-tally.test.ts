import { expect, test } from 'vitest'

import { blankVerdict } from '../src/ingestion.ts'
import { createLossTally } from '../src/loss-tally.ts'
import type { Verdict } from '../src/verdict.ts'

const fine: Verdict = {
  ...blankVerdict(
    {
      ids: { requestId: 'id' },
      ruleId: 'dcr-1',
      stream: 'Custom-A',
      receivedAtMs: 0,
    },
    10,
  ),
}

test('an upload that loses nothing is worth no line', () => {
  const tally = createLossTally()
  expect(tally.count(fine)).toEqual([])
  expect(tally.summary()).toEqual([])
})

test('a loss is told the 1st, 10th, 100th time, with the sum of its rows', () => {
  const tally = createLossTally()
  const told = Array.from({ length: 120 }, (_, index) => ({
    upload: index + 1,
    lines: tally.count({ ...fine, droppedColumns: { cart: 2 } }),
  })).filter(({ lines }) => lines.length > 0)
  const sentence = 'column "cart" is not in Custom-A: dropped from'
  expect(told).toEqual([
    { upload: 1, lines: [`${sentence} 2 rows`] },
    { upload: 10, lines: [`${sentence} 20 rows (in 10 uploads)`] },
    { upload: 100, lines: [`${sentence} 200 rows (in 100 uploads)`] },
  ])
  expect(tally.summary()).toEqual([`${sentence} 240 rows (in 120 uploads)`])
  tally.clear()
  expect(tally.summary()).toEqual([])
})

test('losses of different columns, kinds and streams are counted apart', () => {
  const tally = createLossTally()
  expect(
    tally.count({ ...fine, droppedColumns: { cart1: 1, cart2: 1 }, nulledValues: { cart1: 1 } }),
  ).toHaveLength(3)
  expect(tally.count({ ...fine, stream: 'Custom-B', droppedColumns: { cart1: 1 } })).toHaveLength(1)
  expect(tally.count({ ...fine, droppedColumns: { cart1: 1 } })).toEqual([])
  expect(tally.count({ ...fine, rowsDiscarded: 3 })).toEqual([
    "3 of the array's elements are no objects and are not stored",
  ])
})

test('refusals are counted like losses', () => {
  const tally = createLossTally()
  const refused: Verdict = { ...fine, status: 403, errorCode: 'OperationFailed' }
  expect(tally.count(refused)).toEqual(['403 OperationFailed for Custom-A'])
  expect(tally.count(refused)).toEqual([])
  expect(tally.summary()).toEqual(['403 OperationFailed for Custom-A (in 2 uploads)'])
})

test.each([
  ['reset', { why: 'set', silent: false }, 'reset before storing for Custom-A: set'],
  ['reset', undefined, 'reset after storing for Custom-A'],
  ['half', undefined, 'half an answer for Custom-A'],
  ['hung', { why: 'set', silent: false }, 'no answer for Custom-A: set'],
] as const)('an upload without a whole answer (%s, %j) is told as what it was', (outcome, stored, told) => {
  const nothingStored = stored === undefined ? {} : { nothingStored: stored }
  expect(createLossTally().count({ ...fine, status: 0, outcome, ...nothingStored })).toEqual([told])
})

test('rows that went to stay within the retention are counted by table', () => {
  const tally = createLossTally()
  const sentence = 'A_CL: the retention is full, and the oldest'
  expect(tally.countEvicted('A_CL', 0)).toEqual([])
  expect(tally.countEvicted('A_CL', 1)).toEqual([`${sentence} 1 row had to go`])
  expect(tally.countEvicted('A_CL', 5)).toEqual([])
  expect(tally.countEvicted('B_CL', 2)).toHaveLength(1)
  expect(tally.summary()).toEqual([`${sentence} 6 rows had to go (in 2 uploads)`])
})

test('losses without end do not fill the memory', () => {
  const tally = createLossTally()
  for (let index = 0; index < 2_000; index += 1)
    tally.count({ ...fine, droppedColumns: { [`c${index}`]: 1 } })
  for (let index = 0; index < 2_000; index += 1)
    tally.count({ ...fine, droppedColumns: { [`c${index}`]: 1 } })
  expect(tally.summary()).toHaveLength(1_001)
})
