import { expect, test } from 'vitest'

import { readTimespan } from '../src/timespan.ts'

const now = Date.parse('2026-11-23T12:00:00Z')
const at = (time: string): number => Date.parse(`2026-11-${time}Z`)

test.for([
  ['P1D', at('22T12:00:00'), Infinity],
  ['PT1H30M', at('23T10:30:00'), Infinity],
  ['P1W', at('16T12:00:00'), Infinity],
  ['PT0.5S', now - 500, Infinity],
  ['2026-11-22T10:00:00Z/2026-11-22T11:00:00Z', at('22T10:00:00'), at('22T11:00:00')],
  ['2026-11-22T10:00:00Z/PT1H', at('22T10:00:00'), at('22T11:00:00')],
  ['PT1H/2026-11-22T11:00:00Z', at('22T10:00:00'), at('22T11:00:00')],
] as const)('%s', ([text, startMs, endMs]) => {
  expect(readTimespan(text, now)).toEqual({ startMs, endMs })
})

test.for(['', 'P', 'PT', '1D', 'P1Y', 'yesterday', 'P1D/', '/P1D', 'a/b/c', 'P1D/P1D/P1D'])(
  '%j is none',
  (text) => {
    expect(readTimespan(text, now)).toBeUndefined()
  },
)
