import type { Problem } from '@azlogs/core'
import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import pino from 'pino'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'

import { azureLogsTransport, flushTransport } from '../src/index.ts'
import type { AzureLogsTransport } from '../src/index.ts'

let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator({ https: false })
  Object.assign(process.env, emulator.env)
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

async function end(transport: AzureLogsTransport): Promise<void> {
  const closed = new Promise<void>((resolve) => transport.once('close', resolve))
  transport.end()
  await closed
}

test('the credential is asked once, with the scope of the cloud, for any number of lines', async () => {
  const getToken = vi.fn((scopes: string | string[]) => emulator.credential.getToken(scopes))
  const transport = azureLogsTransport({ credential: { getToken } })
  const logger = pino(transport)
  for (let round = 0; round < 3; round++) {
    logger.info('x')
    await flushTransport(transport)
  }
  expect(emulator.rows()).toHaveLength(3)
  expect(getToken.mock.calls.map(([scopes]) => scopes)).toEqual([['https://monitor.azure.com/.default']])
  await end(transport)
})

test('a token that is about to expire is replaced', async () => {
  const getToken = vi.fn(async (scopes: string | string[]) => {
    const { token } = await emulator.credential.getToken(scopes)
    return { token, expiresOnTimestamp: Date.now() + 1 }
  })
  const transport = azureLogsTransport({ credential: { getToken } })
  const logger = pino(transport)
  logger.info('x')
  await flushTransport(transport)
  const before = getToken.mock.calls.length
  logger.info('y')
  await flushTransport(transport)
  expect(getToken.mock.calls.length).toBeGreaterThan(before)
  expect(emulator.rows()).toHaveLength(2)
  await end(transport)
})

test('a token that the service refuses is replaced', async () => {
  const getToken = vi.fn((scopes: string | string[]) => emulator.credential.getToken(scopes))
  const transport = azureLogsTransport({ credential: { getToken } })
  emulator.answerNext({ status: 401 })
  pino(transport).info('x')
  expect(await flushTransport(transport)).toEqual({ complete: true, pending: 0 })
  expect(emulator.rows()).toHaveLength(1)
  expect(getToken).toHaveBeenCalledTimes(2)
  await end(transport)
})

test('why a credential gives no token is told in its own words', async () => {
  const problems: Problem[] = []
  const transport = azureLogsTransport({
    credential: { getToken: () => Promise.reject(new Error('no identity is assigned to this host')) },
    flushIntervalMs: 50,
    closeTimeoutMs: 100,
    onProblem: (problem) => problems.push(problem),
  })
  pino(transport).info('x')
  await vi.waitFor(() => expect(problems).not.toHaveLength(0), 30_000)
  expect(problems[0]).toMatchObject({ kind: 'delayed', error: { code: 'AZLOGS_TOKEN' } })
  expect(problems[0]?.message).toContain('no identity is assigned to this host')
  await end(transport)
})
