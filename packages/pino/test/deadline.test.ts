import { startEmulator } from '@azlogs/emulator'
import { expect, test } from 'vitest'

import type { Scenario } from './fixtures/app.ts'
import { runFixture } from './run-app.ts'

/**
 * The start of the worker on a busy machine included. That pino did not end the worker after its ten seconds is shown by the
 * report on stderr, which is the last thing that the worker does.
 */
const ENDING_MS = 15_000

const SCENARIO: Scenario = { version: 'pino', way: 'target', end: 'normal', lines: 5 }

test.concurrent.each([
  ['pino', 'target'],
  ['pino', 'pipeline'],
  ['pino-9', 'target'],
] as const)(
  '%s, %s: a dead endpoint costs five seconds at the end, and the loss is told',
  async (version, way) => {
    const { code, stderr, endingMs } = await runFixture(
      'app',
      { ...SCENARIO, version, way },
      {
        AZURE_DCE_ENDPOINT: 'http://127.0.0.1:9',
        AZURE_DCR_RULE_ID: 'dcr-0123456789abcdef0123456789abcdef',
        AZURE_DCR_STREAM_NAME: 'Custom-AppLogs_CL',
        TEST_TOKEN: 'a.b.c',
      },
    )
    expect(code).toBe(0)
    expect(stderr).toMatch(/^azlogs: AZLOGS_CLOSE_DEADLINE: 5 records lost: /m)
    expect(endingMs).toBeLessThan(ENDING_MS)
  },
  40_000,
)

test.concurrent('closeTimeoutMs ends at 8 s, within the 10 s that pino waits', async () => {
  await using emulator = await startEmulator({ https: false })
  const { token } = await emulator.credential.getToken('https://monitor.azure.com/.default')
  emulator.answerNext({ delayMs: 60_000, times: 10 })
  const { code, stderr, endingMs } = await runFixture(
    'app',
    { ...SCENARIO, options: { closeTimeoutMs: 60_000 } },
    { ...emulator.env, TEST_TOKEN: token },
  )
  expect(code).toBe(0)
  expect(stderr).toMatch(/^azlogs: AZLOGS_CLOSE_DEADLINE: 5 records lost: /m)
  expect(endingMs).toBeGreaterThan(6500)
  expect(endingMs).toBeLessThan(ENDING_MS)
}, 40_000)
