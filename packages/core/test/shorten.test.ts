import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { shortenRow } from '../src/shorten.ts'

function shortened(row: object): Record<string, unknown> {
  return JSON.parse(shortenRow(JSON.stringify(row)) ?? 'null') as Record<string, unknown>
}

test('a long string is cut with a visible mark, and its column is named in Properties', () => {
  const row = shortened({ Message: 'x'.repeat(200_000), Level: 'info', Properties: { orderId: 7 } })
  expect(row).toMatchObject({ Level: 'info', Properties: { orderId: 7, __shortened: ['Message'] } })
  expect(row['Message']).toMatch(/^x+… \[azlogs: cut, 200000 bytes in all\]$/)
  expect(Buffer.byteLength(String(row['Message']))).toBeLessThanOrEqual(65_536)
})

test('strings deep inside are cut too, and what is not long stays as it is', () => {
  const row = shortened({
    Properties: { list: ['a', { text: 'é'.repeat(50_000) }], kept: [1, null, true, 'short'] },
    Untouched: { a: [1, 2] },
  })
  expect(row['Untouched']).toEqual({ a: [1, 2] })
  expect(row['Properties']).toMatchObject({ kept: [1, null, true, 'short'], __shortened: ['Properties'] })
  expect(JSON.stringify(row['Properties'])).toContain('cut, 100000 bytes in all')
})

test('a row without Properties gets them, and one whose Properties are no object keeps their value', () => {
  expect(shortened({ Message: 'x'.repeat(70_000) })['Properties']).toEqual({ __shortened: ['Message'] })
  expect(shortened({ Message: 'x'.repeat(70_000), Properties: 5 })['Properties']).toEqual({
    value: 5,
    __shortened: ['Message'],
  })
})

test('a row with nothing that is long cannot be shortened', () => {
  expect(shortenRow(JSON.stringify({ list: Array.from({ length: 100_000 }, (_, n) => n) }))).toBeUndefined()
})

test('whatever the characters are, a cut string stays within the limit, is valid and begins as it did', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), (piece) => {
      const text = piece.repeat(Math.ceil(70_000 / Buffer.byteLength(piece)))
      const cut = String(shortened({ Message: text })['Message'])
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(65_536)
      expect(Buffer.from(cut).toString()).toBe(cut)
      expect(text.startsWith(cut.slice(0, cut.lastIndexOf('… [azlogs')))).toBe(true)
    }),
    { numRuns: 50 },
  )
})
