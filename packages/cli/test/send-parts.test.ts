import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

import { LogsIngestionClient } from '@azlogs/core'
import { expect, test } from 'vitest'

import { asCliError, fileError, messageOf } from '../src/cli-error.ts'
import { withExactNumbers } from '../src/exact-numbers.ts'
import { ruleNameOf } from '../src/generate/azure-names.ts'
import { nearest } from '../src/nearest.ts'
import { createIndexSet } from '../src/send/index-set.ts'
import { createJudge } from '../src/send/losses.ts'
import { formatBytes, formatCount } from '../src/send/numbers.ts'
import { peek } from '../src/send/peek.ts'
import { emulatorForTest } from './surroundings.ts'

test('the judgement of several requests adds them up, and tells each refusal once', async () => {
  const emulator = await emulatorForTest({ https: false })
  const { url, ruleId, streamName, credential } = emulator
  await using client = new LogsIngestionClient(url, credential)
  const row = { TimeGenerated: new Date().toISOString(), Message: 'x', Foreign: 1 }
  await client.upload(ruleId, streamName, [row])
  await client.upload(ruleId, streamName, [row, { ...row, Other: 1 }])
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await client.upload(ruleId, 'Custom-Elsewhere_CL', [row], { onError: () => {} })
  }
  const judge = createJudge()
  expect(judge.sum()).toMatchObject({ requests: 0, rows: 0, bytes: 0, wireBytes: 0, losses: [] })
  for (const verdict of emulator.verdicts()) judge.take(verdict)
  const { requests, rows, losses } = judge.sum()
  expect({ requests, rows }).toMatchObject({ requests: 4 })
  expect(losses).toEqual([
    `column "Foreign" is not in ${streamName}: dropped from 3 rows`,
    `column "Other" is not in ${streamName}: dropped from 1 row`,
    expect.stringMatching(/^400 InvalidStream: /),
  ])
})

test('sizes and counts are in the unit that suits them', () => {
  expect([999, 1500, 2_500_000, 3_210_000_000].map(formatBytes)).toEqual([
    '999 B',
    '1.5 kB',
    '2.5 MB',
    '3.21 GB',
  ])
  expect([formatCount(1, 'row'), formatCount(12_000, 'row'), formatCount(5, '')]).toEqual([
    '1 row',
    '12,000 rows',
    '5',
  ])
})

test('a set of numbers keeps ranges, whatever the order in which they come', () => {
  const set = createIndexSet([[10, 12]])
  for (const index of [9, 13, 11, 1, 3, 2, 20]) set.add(index)
  expect(set.ranges()).toEqual([
    [1, 3],
    [9, 13],
    [20, 20],
  ])
  expect(set.size).toBe(9)
  expect([0, 1, 4, 9, 13, 14, 21].map((index) => set.has(index))).toEqual([
    false,
    true,
    false,
    true,
    true,
    false,
    false,
  ])
})

test('numbers keep their digits wherever they are', () => {
  const value = { id: 12345678901234567890n, list: [1, 12345678901234567891n], text: 'x' }
  expect(JSON.stringify(withExactNumbers(value))).toBe(
    '{"id":12345678901234567890,"list":[1,12345678901234567891],"text":"x"}',
  )
  const plain = { list: [1, 'x'] }
  expect(withExactNumbers(plain)).toBe(plain)
})

test('a rule has a name that Azure takes, however short that of the table is', () => {
  expect(['AppLogs_CL', 'A_CL', 'My__Own_CL'].map(ruleNameOf)).toEqual(['app-logs', 'a-logs', 'my-own'])
})

test('peeking takes nothing away, from a stream of any length', async () => {
  for (const chunks of [[], ['a'], ['ab', 'cd', 'ef']]) {
    const { head, whole } = await peek(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), 3)
    expect(head.toString()).toBe(chunks.slice(0, 2).join(''))
    expect(await text(whole)).toBe(chunks.join(''))
  }
})

test.each([
  ['docter', ['dev', 'doctor'], 'doctor'],
  ['DEV', ['dev', 'doctor'], 'dev'],
  ['sned', ['send', 'sent'], undefined],
  ['sens', ['send', 'sent'], 'send'],
  ['query', [], undefined],
  ['', ['a'], 'a'],
  ['a', [''], ''],
])('%j was meant to be, of %j, %j', (word, candidates, meant) => {
  expect(nearest(word, candidates)).toBe(meant)
})

test('whatever is thrown becomes a failure with a code and a remedy', () => {
  expect(asCliError(new TypeError('')).message).toBe('TypeError')
  expect(asCliError('text')).toMatchObject({ code: 'AZL1000', message: 'text' })
  expect(messageOf({})).toBe('no message')
  expect(fileError('x', new Error('an array that is cut')).message).toBe('x: an array that is cut')
  expect(fileError('x', Object.assign(new Error('y'), { code: 'EMFILE' })).message).toBe('x: EMFILE')
  const refused = (code: string): Error => Object.assign(new Error('bad'), { name: 'AzlogsError', code })
  expect(asCliError(refused('AZLOGS_CONFIG'))).toMatchObject({ code: 'AZL1003', message: 'bad', exitCode: 2 })
  expect(asCliError(refused('AZLOGS_CREDENTIAL'))).toMatchObject({ code: 'AZL1003' })
  expect(asCliError(refused('AZLOGS_NETWORK'))).toMatchObject({ code: 'AZL1000', exitCode: 1 })
})
