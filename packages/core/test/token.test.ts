import { inspect } from 'node:util'

import type { AccessToken, TokenCredential } from '@azure/core-auth'
import { startEmulator } from '@azlogs/emulator'
import { expect, onTestFinished, test, vi } from 'vitest'

import { AzlogsError, isAggregateLogsUploadError, LogsIngestionClient } from '../src/index.ts'
import { createTokenSource } from '../src/token.ts'
import type { TokenSource } from '../src/token.ts'
import { startReceiver } from './receiver.ts'
import { createVirtualClock } from './virtual-clock.ts'
import type { VirtualClock } from './virtual-clock.ts'

type Answer = () => AccessToken | null | Promise<AccessToken | null>

interface Subject {
  readonly tokens: TokenSource
  readonly clock: VirtualClock
  readonly asked: () => number
}

/** A token source whose credential gives the answers in order, the last of them again and again. */
function start(...answers: readonly Answer[]): Subject {
  const clock = createVirtualClock()
  let asked = 0
  const credential: TokenCredential = {
    async getToken() {
      const answer = answers[Math.min(asked, answers.length - 1)]
      asked += 1
      return (await answer?.()) ?? null
    },
  }
  return { tokens: createTokenSource(credential, ['scope'], clock), clock, asked: () => asked }
}

function living(token: string, lifeMs: number, refreshMs?: number): Answer {
  return () => ({
    token,
    expiresOnTimestamp: Date.now() + lifeMs,
    ...(refreshMs === undefined ? {} : { refreshAfterTimestamp: Date.now() + refreshMs }),
  })
}

function failing(message: string): Answer {
  return () => Promise.reject(new Error(message))
}

const HOUR_MS = 3_600_000

test('however many senders wait, the credential is asked once', async () => {
  const { tokens, asked } = start(living('a', HOUR_MS))
  const results = await Promise.all(Array.from({ length: 20 }, () => tokens.get()))
  expect(new Set(results.map((result) => result.ok && result.token))).toEqual(new Set(['a']))
  await tokens.get()
  expect(asked()).toBe(1)
})

test('a token that was refused is replaced, once for all who were refused with it', async () => {
  const { tokens, asked } = start(living('a', HOUR_MS), living('b', HOUR_MS))
  await tokens.get()
  for (let sender = 0; sender < 4; sender += 1) tokens.invalidate('a')
  expect(await tokens.get()).toEqual({ ok: true, token: 'b' })
  tokens.invalidate('a')
  expect(await tokens.get()).toEqual({ ok: true, token: 'b' })
  expect(asked()).toBe(2)
})

test('a token is refreshed before it expires, while it is still used', async () => {
  const { tokens, clock, asked } = start(living('a', HOUR_MS), living('b', HOUR_MS))
  await tokens.get()
  await clock.advance(HOUR_MS * 0.79)
  await tokens.get()
  expect(asked()).toBe(1)
  await clock.advance(HOUR_MS * 0.02)
  expect(await tokens.get()).toEqual({ ok: true, token: 'a' })
  expect(asked()).toBe(2)
  await clock.advance(0)
  expect(await tokens.get()).toEqual({ ok: true, token: 'b' })
})

test('the credential’s own time for a refresh is respected', async () => {
  const { tokens, clock, asked } = start(living('a', HOUR_MS, 60_000))
  await tokens.get()
  await clock.advance(59_000)
  await tokens.get()
  expect(asked()).toBe(1)
  await clock.advance(2000)
  await tokens.get()
  expect(asked()).toBe(2)
})

test('a token that is still good is kept when its refresh fails, and the credential is not asked again at once', async () => {
  const { tokens, clock, asked } = start(living('a', HOUR_MS), failing('down'))
  await tokens.get()
  await clock.advance(HOUR_MS * 0.9)
  await tokens.get()
  await clock.advance(0)
  for (let request = 0; request < 10; request += 1)
    expect(await tokens.get()).toEqual({ ok: true, token: 'a' })
  expect(asked()).toBe(2)
})

test('a token is not used in the last two minutes of its life', async () => {
  const { tokens, clock } = start(living('a', HOUR_MS, HOUR_MS), living('b', HOUR_MS))
  await tokens.get()
  await clock.advance(HOUR_MS - 125_000)
  expect(await tokens.get()).toEqual({ ok: true, token: 'a' })
  await clock.advance(10_000)
  expect(await tokens.get()).toEqual({ ok: true, token: 'b' })
})

test('a token that lives for seconds is used for most of them', async () => {
  const { tokens, clock, asked } = start(living('a', 10_000, 10_000))
  await tokens.get()
  await clock.advance(8000)
  await tokens.get()
  expect(asked()).toBe(1)
})

test('a failure is told to all who wait, and rests before the credential is asked again', async () => {
  const { tokens, clock, asked } = start(failing('down'), failing('down'), living('a', HOUR_MS))
  const results = await Promise.all([tokens.get(), tokens.get()])
  for (const result of results) {
    expect(result).toMatchObject({
      ok: false,
      error: {
        code: 'AZLOGS_TOKEN',
        message: 'The credential gave no token: down',
        cause: new Error('down'),
      },
    })
  }
  await tokens.get()
  await clock.advance(999)
  await tokens.get()
  expect(asked()).toBe(1)
  await clock.advance(1001)
  await tokens.get()
  expect(asked()).toBe(2)
  await clock.advance(60_000)
  expect(await tokens.get()).toEqual({ ok: true, token: 'a' })
})

test('an error of azlogs keeps its code', async () => {
  const missing = new AzlogsError('AZLOGS_IDENTITY_MISSING', 'Install it.')
  const { tokens } = start(() => Promise.reject(missing))
  expect(await tokens.get()).toEqual({ ok: false, error: missing })
})

test.each<[string, unknown]>([
  ['null', null],
  ['nothing', undefined],
  ['text', 'canary'],
  ['an empty token', { token: '', expiresOnTimestamp: Date.now() + HOUR_MS }],
  ['a token with a line break', { token: 'canary\r\nx: y', expiresOnTimestamp: Date.now() + HOUR_MS }],
  ['a token with a space', { token: 'canary canary', expiresOnTimestamp: Date.now() + HOUR_MS }],
  ['a token that no header can carry', { token: 'canary€', expiresOnTimestamp: Date.now() + HOUR_MS }],
  ['a token without an end', { token: 'canary' }],
  ['a token with an end that is a Date', { token: 'canary', expiresOnTimestamp: new Date() }],
])('%s is no token, and is not shown', async (_what, answer) => {
  const { tokens } = start(() => answer as AccessToken)
  const result = await tokens.get()
  expect(result).toMatchObject({ ok: false, error: { code: 'AZLOGS_TOKEN' } })
  expect(inspect(result, { depth: Infinity, showHidden: true })).not.toContain('canary')
})

test('the token is in no error, no progress and no printed client, whatever the service does', async () => {
  const emulator = await startEmulator({ https: false })
  onTestFinished(() => emulator.close())
  const echoing = await startReceiver((response, { headers }) => {
    response.writeHead(400).end(`You sent ${headers.authorization}`)
  })
  const { token } = await emulator.credential.getToken('https://monitor.azure.com/.default')
  const canary = token.split('.')[1] ?? ''
  const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  for (const answer of [
    { status: 401, times: 2 },
    { status: 403 },
    { status: 503 },
    { reset: 'before' },
  ] as const) {
    emulator.clear()
    emulator.answerNext(answer)
    for (const url of [emulator.url, echoing.url, 'http://127.0.0.1:1']) {
      const client = new LogsIngestionClient(url, emulator.credential, { retryOptions: { maxRetries: 0 } })
      const error: unknown = await client
        .upload(emulator.ruleId, emulator.streamName, [{ Message: 'a' }])
        .catch((error: unknown) => error)
      if (url !== emulator.url) expect(isAggregateLogsUploadError(error)).toBe(true)
      for (const value of [error, client]) {
        expect(inspect(value, { depth: Infinity, showHidden: true, getters: true })).not.toContain(canary)
      }
    }
  }
  expect(canary.length).toBeGreaterThan(20)
  expect(printed).not.toHaveBeenCalled()
})

test('a credential that gives the refused token once more is not asked a third time at once', async () => {
  const { tokens, asked } = start(living('a', HOUR_MS))
  await tokens.get()
  tokens.invalidate('a')
  await tokens.get()
  tokens.invalidate('a')
  expect(await tokens.get()).toEqual({ ok: true, token: 'a' })
  expect(asked()).toBe(2)
})

test.each<[unknown, string]>([
  [new RangeError(''), 'RangeError'],
  ['no identity here', 'no identity here'],
  [{ status: 400 }, 'no message'],
])('a credential that throws %o is told with what that says', async (thrown, said) => {
  const { tokens } = start(() => {
    throw thrown
  })
  const result = await tokens.get()
  expect(result.ok).toBe(false)
  expect(result.ok ? '' : result.error.message).toContain(said)
})
