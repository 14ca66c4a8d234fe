import { expect, test } from 'vitest'

import type { Problem } from '../src/index.ts'
import { createProblemReporter, REPORT_INTERVAL_MS } from '../src/problem.ts'
import type { ProblemReport } from '../src/problem.ts'
import { createVirtualClock } from './virtual-clock.ts'

function lost(recordCount: number): ProblemReport {
  return { kind: 'lost', code: 'AZLOGS_BUFFER_FULL', recordCount, describe: (count) => `${count} lost` }
}

test('the first is told at once, the rest of the minute together, then there is quiet', async () => {
  const clock = createVirtualClock()
  const told: Problem[] = []
  const reporter = createProblemReporter((problem) => told.push(problem), clock)
  for (const count of [1, 2, 3]) reporter.report(lost(count))
  expect(told.map(({ message }) => message)).toEqual(['1 lost'])
  await clock.advance(REPORT_INTERVAL_MS)
  expect(told[1]).toMatchObject({ message: '5 lost', recordCount: 5, suppressedCount: 2 })
  await clock.advance(REPORT_INTERVAL_MS * 10)
  expect(told).toHaveLength(2)
  expect(clock.pendingTimers).toBe(0)
})

test('kinds and codes do not silence each other', () => {
  const told: Problem[] = []
  const reporter = createProblemReporter((problem) => told.push(problem), createVirtualClock())
  reporter.report(lost(1))
  reporter.report({ ...lost(1), code: 'AZLOGS_CLOSED' })
  reporter.report({ ...lost(1), kind: 'delayed' })
  expect(told).toHaveLength(3)
})

test('records are handed over every time', () => {
  const told: Problem[] = []
  const reporter = createProblemReporter((problem) => told.push(problem), createVirtualClock())
  for (const record of ['{"a":1}', '{"a":2}'])
    reporter.report({ ...lost(1), kind: 'quarantined', records: [record] })
  expect(told.map(({ records }) => records)).toEqual([['{"a":1}'], ['{"a":2}']])
})

test('flush() tells what was held back and leaves no timer', () => {
  const clock = createVirtualClock()
  const told: Problem[] = []
  const reporter = createProblemReporter((problem) => told.push(problem), clock)
  reporter.report(lost(1))
  reporter.report(lost(1))
  reporter.flush()
  expect(told).toHaveLength(2)
  expect(clock.pendingTimers).toBe(0)
})
