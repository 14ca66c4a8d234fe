import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createTimeWindow, withSixDecimals } from '../src/auxiliary.ts'

const MINUTE_MS = 60_000

test.each([
  ['2026-11-22T10:00:00Z', '2026-11-22T10:00:00.000000Z'],
  ['2026-11-22T10:00:00.5Z', '2026-11-22T10:00:00.500000Z'],
  ['2026-11-22T10:00:00.1234567Z', '2026-11-22T10:00:00.123456Z'],
  ['2026-11-22T12:00:00.25+02:00', '2026-11-22T10:00:00.250000Z'],
  [new Date('2026-11-22T10:00:00.007Z'), '2026-11-22T10:00:00.007000Z'],
  [Date.UTC(2026, 10, 22, 10), '2026-11-22T10:00:00.000000Z'],
])('%s becomes %s', (given, written) => {
  const { row, timeMs } = withSixDecimals({ TimeGenerated: given, Message: 'a' })
  expect(row).toEqual({ TimeGenerated: written, Message: 'a' })
  expect(timeMs).toBe(Math.floor(Date.parse(written)))
})

test.each([undefined, null, 'soon', Number.NaN, new Date(Number.NaN), {}, 8.64e15 + 1])(
  'a row whose time is %s gets the present',
  (given) => {
    const { row, timeMs } = withSixDecimals({ TimeGenerated: given })
    expect(Reflect.get(row, 'TimeGenerated')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    expect(Math.abs(timeMs - Date.now())).toBeLessThan(60_000)
  },
)

test('a row that cannot be read is left to the encoder', () => {
  const row = {
    get TimeGenerated(): string {
      throw new Error('boom')
    },
  }
  expect(withSixDecimals(row).row).toBe(row)
})

test('no two times of a window are thirty minutes apart', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 200 * MINUTE_MS }), { minLength: 1 }), (times) => {
      const window = createTimeWindow()
      let open: number[] = []
      for (const time of times) {
        if (window.isOver(time)) {
          window.restart()
          open = []
        }
        window.add(time)
        open.push(time)
        expect(Math.max(...open) - Math.min(...open)).toBeLessThan(30 * MINUTE_MS)
      }
    }),
  )
})
