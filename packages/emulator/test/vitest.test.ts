import { expect } from 'vitest'

import { emulatorTest, test } from '../src/vitest.ts'
import { upload } from './upload.ts'

const urls = new Set<string>()

test.beforeAll(async ({ emulator }) => {
  urls.add(emulator.url)
  await upload(emulator, [{ Message: 'from a hook' }])
})

test('toHaveIngested waits for the row', async ({ emulator }) => {
  const seen = expect(emulator).toHaveIngested({ Message: 'later' }, { times: 1, within: 60_000 })
  await upload(emulator, [{ Message: 'other' }])
  await upload(emulator, [{ Message: 'later' }])
  await seen
  await expect(emulator).toHaveIngested({ Message: expect.stringMatching(/^la/) })
})

test('a test starts with nothing of what hooks and other tests have sent', async ({ emulator }) => {
  expect(emulator.requests()).toEqual([])
  await expect(emulator).not.toHaveIngested({})
  await expect(emulator).toHaveIngested({}, { times: 0 })
})

test('every test and hook of a file gets the same emulator', ({ emulator }) => {
  urls.add(emulator.url)
  expect(urls.size).toBe(1)
})

test('not.toHaveIngested fails for a row that is there, and shows it', async ({ emulator }) => {
  await upload(emulator, [{ Message: 'secret', Level: 'info' }])
  await expect(expect(emulator).not.toHaveIngested({ Message: 'secret' })).rejects.toThrow(
    /^expected no rows like \{ Message: 'secret' \}: 1 row in the table, 1 like it\n {2}a row like it:\n/,
  )
})

test('with `within`, not.toHaveIngested keeps looking for a row that comes late', async ({ emulator }) => {
  const watched = expect(emulator).not.toHaveIngested({ Message: 'late' }, { within: 60_000 })
  // Now, not later: the rejection may come before the upload returns.
  const failed = expect(watched).rejects.toThrow('expected no rows')
  await upload(emulator, [{ Message: 'late' }])
  await failed
})

test('a failed toHaveIngested reports through expect', async ({ emulator }) => {
  await expect(expect(emulator).toHaveIngested({ Message: 'none' }, { within: 0 })).rejects.toThrow(
    'no upload has arrived',
  )
})

const strictTest = emulatorTest({ https: false, mode: 'strict' })

strictTest('emulatorTest takes the options of startEmulator', async ({ emulator }) => {
  expect(emulator.httpsUrl).toBe('')
  expect((await upload(emulator, [{ stranger: 1 }])).status).toBe(400)
  expect(urls).not.toContain(emulator.url)
})

const extendedTest = strictTest.extend('messages', async ({ emulator }) => {
  await upload(emulator, [{ Message: 'from a fixture' }])
  return emulator.rows().map((row) => row['Message'])
})

extendedTest('fixtures can build on it', async ({ messages, emulator }) => {
  expect(messages).toEqual(['from a fixture'])
  await expect(emulator).toHaveIngested({ Message: 'from a fixture' })
})
