import { EventEmitter } from 'node:events'

import type { AccessToken } from '@azure/core-auth'
import { expect, test, vi } from 'vitest'

import { relayTokens } from '../src/token-relay.ts'

interface Subject {
  readonly stream: EventEmitter
  /** What the worker was told. */
  readonly answers: unknown[]
}

/** The main thread's half, on a stream to a worker that only listens. */
function start(getToken: () => Promise<AccessToken | null>): Subject {
  const stream = new EventEmitter()
  const answers: unknown[] = []
  stream.on('message', (message) => answers.push(message))
  relayTokens(stream, { getToken }, ['scope'])
  return { stream, answers }
}

test('a token goes over as plain data, with the time of its refresh', async () => {
  const token = { token: 't', expiresOnTimestamp: 2000, refreshAfterTimestamp: 1000 }
  const { answers } = start(async () => Object.assign(token, { refresh: () => {} }))
  await vi.waitFor(() => expect(answers).toHaveLength(1))
  expect(answers).toEqual([
    {
      code: 'AZLOGS_TOKEN',
      token: { token: 't', expiresOnTimestamp: 2000, refreshAfterTimestamp: 1000 },
    },
  ])
})

test.each<[string, () => Promise<AccessToken | null>, string]>([
  ['gives null', async () => null, 'getToken resolved to null.'],
  ['rejects with an error', () => Promise.reject(new Error('no identity')), 'no identity'],
  // Libraries in JavaScript do that.
  ['rejects with a text', () => Promise.reject('no identity'), 'no identity'],
])('a credential that %s is told with its reason', async (_what, getToken, reason) => {
  const { answers } = start(getToken)
  await vi.waitFor(() => expect(answers).toEqual([{ code: 'AZLOGS_NO_TOKEN', reason }]))
})

test('a question while the credential is being asked has the same answer', async () => {
  const waiting: ((token: AccessToken) => void)[] = []
  const { stream, answers } = start(() => new Promise((resolve) => waiting.push(resolve)))
  stream.emit('azlogs:token', ['scope'], 0)
  expect(waiting).toHaveLength(1)
  waiting[0]?.({ token: 't', expiresOnTimestamp: 1 })
  await vi.waitFor(() => expect(answers).toHaveLength(1))
  // This one has not seen the answer, which is on its way to it.
  stream.emit('azlogs:token', ['scope'], 0)
  expect(waiting).toHaveLength(1)
  stream.emit('azlogs:token', ['scope'], 1)
  expect(waiting).toHaveLength(2)
})
