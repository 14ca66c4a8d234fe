import { beforeEach, expect, test } from 'vitest'

import { createAccounts } from '../src/accounts.ts'
import type { Accounts, NumbersByLife } from '../src/accounts.ts'
import type { Way } from '../src/plan.ts'

let accounts: Accounts

beforeEach(() => {
  accounts = createAccounts()
  accounts.open('app.1')
  accounts.heard('app.1', { says: 'logged', n: 10 })
})

function store(...numbers: readonly number[]): void {
  accounts.stored(numbers.map((n) => ['app.1', n, `abc-${n + 1}`, true]))
}

function inFiles(...numbers: readonly number[]): NumbersByLife {
  return new Map([['app.1', new Set(numbers)]])
}

function verify(files: NumbersByLife = new Map()): readonly (readonly [string, readonly number[]])[] {
  return accounts.verify(accounts.claims(), files).map(({ what, numbers }) => [what, numbers])
}

test('what is only logged is promised nothing', () => {
  expect(verify()).toEqual([])
})

test('what was called settled must be stored, refused or among the dropped', () => {
  accounts.heard('app.1', { says: 'settled', n: 5, dropped: 1 })
  store(0, 1, 2)
  expect(verify()).toEqual([[expect.stringContaining('2 records called settled are nowhere'), [3, 4]]])
  accounts.refused(inFiles(3))
  expect(verify()).toEqual([])
})

test('what was called durable must be stored or in a file, whatever was dropped', () => {
  accounts.heard('app.1', { says: 'settled', n: 0, dropped: 5 })
  accounts.heard('app.1', { says: 'kept', n: 4, dropped: 0 })
  store(0, 1)
  expect(verify(inFiles(2))).toEqual([[expect.stringContaining('1 records called durable are nowhere'), [3]]])
  expect(verify(inFiles(2, 3))).toEqual([])
})

test.each<Way>(['SIGTERM', 'exit', 'throw', 'end'])(
  'after %s nothing is missing but what was reported',
  (way) => {
    store(0, 1, 2, 3, 4, 5, 6, 7)
    accounts.ended('app.1', way)
    expect(verify()).toEqual([[expect.stringContaining('2 records are nowhere after'), [8, 9]]])
    accounts.printed('app.1', 'azlogs: AZLOGS_CLOSE_DEADLINE: 1 record lost: the process ended')
    accounts.heard('app.1', { says: 'problem', kind: 'lost', code: 'X', recordCount: 1, numbers: [] })
    expect(verify()).toEqual([])
  },
)

test('after SIGKILL only promises count', () => {
  store(0, 1)
  accounts.ended('app.1', 'SIGKILL')
  expect(verify()).toEqual([])
  accounts.heard('app.1', { says: 'settled', n: 3, dropped: 0 })
  expect(verify()).toHaveLength(1)
})

test('the books of each process must balance', () => {
  const stats = { accepted: 10, delivered: 4, quarantined: 1, dropped: 2, pending: 3, recovered: 0 }
  accounts.heard('app.1', { says: 'stats', stats })
  expect(verify()).toEqual([])
  accounts.heard('app.1', { says: 'stats', stats: { ...stats, pending: 2 } })
  expect(verify()).toEqual([[expect.stringContaining('the books do not balance'), []]])
})

test('copies are counted, and must have the RecordId of the first', () => {
  store(0, 1, 1)
  expect(accounts.duplicates).toBe(1)
  expect(verify()).toEqual([])
  accounts.stored([['app.1', 1, 'abc-9', true]])
  expect(verify()).toEqual([[expect.stringContaining('RecordId'), [1]], expect.anything()].slice(0, 1))
})

test('two records with one RecordId would be one to who removes duplicates', () => {
  accounts.stored([
    ['app.1', 0, 'abc-1', true],
    ['app.1', 1, 'abc-1', true],
  ])
  expect(verify()).toEqual([['have RecordIds out of order', [1]]])
})

test('a record that was changed on the way, or never logged, is told', () => {
  accounts.stored([
    ['app.1', 0, 'abc-1', false],
    ['app.1', 10, 'abc-11', true],
  ])
  expect(verify()).toEqual([
    ['is not what was logged', [0]],
    ['was stored and never logged', [10]],
  ])
})

test('claims of an earlier instant are held against what is found later', () => {
  accounts.heard('app.1', { says: 'settled', n: 1, dropped: 0 })
  const claims = accounts.claims()
  accounts.heard('app.1', { says: 'settled', n: 10, dropped: 0 })
  store(0)
  expect(accounts.verify(claims, new Map())).toEqual([])
})
