import { startEmulator } from '@azlogs/emulator'
import { expect, test } from 'vitest'

import type { Flood, FloodResult } from './fixtures/flood.ts'
import { runFixture } from './run-app.ts'

test('500,000 lines with an endpoint that hangs neither fill nor stall the main thread', async () => {
  await using emulator = await startEmulator({ https: false })
  const { token } = await emulator.credential.getToken('https://monitor.azure.com/.default')
  emulator.answerNext({ delayMs: 120_000, times: 1000 })
  const flood: Flood = { bursts: 25, linesPerBurst: 20_000 }
  const { stdout } = await runFixture('flood', flood, { ...emulator.env, TEST_TOKEN: token })
  const { mostHeld, slowestMs } = JSON.parse(stdout) as FloodResult
  // Half a million of these lines are 150 MB; a worker that stops reading blocks this thread for ten seconds.
  expect(mostHeld).toBeLessThan(100_000_000)
  expect(slowestMs).toBeLessThan(8000)
}, 60_000)
