import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { Emulator } from '../src/index.ts'
import { assertIngested, assertNothingDropped } from '../src/testing.ts'
import { upload, uploadGzipped } from './upload.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
beforeEach(() => emulator.clear())
afterAll(() => emulator.close())

async function failureOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Error)) throw new TypeError('it did not fail')
  return error.message
}

test('it resolves with the rows that match', async () => {
  await upload(emulator, [{ Message: 'a', ProcessId: 1 }, { Message: 'b' }, { Message: 'a', ProcessId: 2 }])
  const rows = await assertIngested(emulator, { Message: 'a' })
  expect(rows.map((row) => row['ProcessId'])).toEqual([1, 2])
})

test('it waits for a row that is not there yet, through rows that do not match', async () => {
  const found = assertIngested(emulator, { Message: 'third' }, { within: 60_000 })
  for (const Message of ['first', 'second', 'third']) await upload(emulator, [{ Message }])
  expect(await found).toHaveLength(1)
})

test('it sees a row that comes as another one goes, to stay within the retention', async () => {
  const small = await startEmulator({ https: false, retention: { maxRows: 2 } })
  onTestFinished(() => small.close())
  await upload(small, [{ Message: 'first' }, { Message: 'second' }])
  const found = assertIngested(small, { Message: 'third' }, { within: 60_000 })
  await upload(small, [{ Message: 'third' }])
  expect(await found).toHaveLength(1)
  expect(small.rows()).toHaveLength(2)
})

test('it sees a row that comes after clear(), when there are fewer than before', async () => {
  await upload(emulator, [{ Message: 'a' }, { Message: 'b' }, { Message: 'c' }])
  const found = assertIngested(emulator, { Message: 'after' }, { within: 60_000 })
  emulator.clear()
  await upload(emulator, [{ Message: 'after' }])
  expect(await found).toHaveLength(1)
})

test('it waits for as many rows as it was told', async () => {
  const found = assertIngested(emulator, { Level: 'warn' }, { times: 3, within: 60_000 })
  for (let index = 0; index < 3; index += 1) await upload(emulator, [{ Level: 'warn' }, { Level: 'info' }])
  expect(await found).toHaveLength(3)
})

test('more rows than expected fail at once', async () => {
  await upload(emulator, [{ Level: 'warn' }, { Level: 'warn' }])
  expect(await failureOf(assertIngested(emulator, { Level: 'warn' }, { times: 1 }))).toContain(
    "expected 1 row like { Level: 'warn' } within 10000 ms: 2 rows in the table, 2 like it",
  )
})

test('no rows at all can be expected', async () => {
  await upload(emulator, [{ Level: 'info' }])
  expect(await assertIngested(emulator, { Level: 'error' }, { times: 0 })).toEqual([])
  expect(await failureOf(assertIngested(emulator, { Level: 'info' }, { times: 0 }))).toContain('0 rows like')
})

test('a failure shows the nearest row, column by column, and what the uploads lost', async () => {
  await upload(emulator, [
    { Message: 'far', Level: 'trace' },
    { Message: 'order placed', Level: 'info', Logger: 'shop', orderId: 912 },
  ])
  await upload(emulator, 'no JSON')
  const message = await failureOf(
    assertIngested(emulator, { Message: 'order placed', Level: 'warn', Logger: /^shop$/ }, { within: 0 }),
  )
  expect(message.split('\n')).toEqual([
    "expected a row like { Message: 'order placed', Level: 'warn', Logger: /^shop$/ }: 2 rows in the table, none like it",
    '  nearest row, 2 of 3 columns:',
    "      Message: 'order placed'",
    "    - Level: 'warn'",
    "    + Level: 'info'",
    "      Logger: 'shop'",
    '  nearest row, 0 of 3 columns:',
    expect.anything(),
    expect.anything(),
    expect.anything(),
    expect.anything(),
    expect.anything(),
    expect.anything(),
    '  uploads:',
    expect.stringMatching(/^ {4}204 2 rows -> AppLogs_CL, \d+ bytes$/),
    '      ! column "orderId" is not in Custom-AppLogs_CL: dropped from 1 row',
    expect.stringMatching(/^ {4}204 0 rows -> AppLogs_CL, 7 bytes: /),
    expect.stringMatching(/^ {6}! /),
  ])
})

test('of many uploads the last five are shown, with their size on the wire and inflated', async () => {
  for (let count = 0; count < 6; count += 1) await uploadGzipped(emulator, '[{"Message":"a"}]')
  const message = await failureOf(assertIngested(emulator, { Message: 'b' }, { within: 0 }))
  expect(message).toContain('  the last 5 of 6 uploads:')
  expect(message.match(/^ {4}204 1 row -> AppLogs_CL, \d+ bytes of gzip \(17 inflated\)$/gm)).toHaveLength(5)
})

test('a column that the table does not have is named at once, with the one that was meant', async () => {
  await upload(emulator, [{ Message: 'a' }])
  // With a wait this would run into the test's own time limit.
  const options = { within: 10 * 60_000 }
  expect(await failureOf(assertIngested(emulator, { message: 'a' }, options))).toContain(
    'the table has no column message: did you mean Message?',
  )
  expect(await failureOf(assertIngested(emulator, { orderId: 1 }, options))).toContain(
    'the table has no column orderId: it has TimeGenerated, Level,',
  )
})

test('it says so when no upload has arrived, or when they were refused', async () => {
  expect(await failureOf(assertIngested(emulator, { Message: 'a' }, { within: 1 }))).toBe(
    "expected a row like { Message: 'a' } within 1 ms: 0 rows in the table, none like it\n  no upload has arrived",
  )
  await upload(emulator, [{ Message: 'a' }], { headers: { authorization: undefined } })
  expect(await failureOf(assertIngested(emulator, { Message: 'a' }, { within: 1 }))).toContain('    401 ')
})

test('an emulator that is closed ends the wait', async () => {
  const other = await startEmulator({ https: false })
  onTestFinished(() => other.close())
  const failure = failureOf(assertIngested(other, { Message: 'a' }, { within: 10 * 60_000 }))
  await other.close()
  expect(await failure).toContain('0 rows in the table')
})

test('misuse is an error that names the value', async () => {
  expect(await failureOf(assertIngested(emulator, { Message: undefined }))).toContain('Message is undefined')
  expect(await failureOf(assertIngested(emulator, {}, { times: -1 }))).toBe(
    'times must be a number from 0, not -1',
  )
  expect(await failureOf(assertIngested(emulator, {}, { within: NaN }))).toContain('not NaN')
  expect(await failureOf(assertIngested(emulator, {}, { table: 'Other_CL' }))).toContain('"Other_CL"')
})

test('assertNothingDropped is a function too', async () => {
  await upload(emulator, [{ Message: 'a' }])
  assertNothingDropped(emulator)
  await upload(emulator, [{ orderId: 1 }])
  expect(() => assertNothingDropped(emulator)).toThrow('"orderId"')
})
