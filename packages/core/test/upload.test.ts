import { expect, test } from 'vitest'

import { AzlogsError } from '../src/errors.ts'
import { readObjects } from '../src/object-records.ts'
import type { Outcome } from '../src/outcome.ts'
import { createPackingLimit } from '../src/packing-limit.ts'
import { runUpload } from '../src/upload.ts'
import type { UploadResult, UploadRun } from '../src/upload.ts'
import { createBatcher } from '../src/upload-batch.ts'
import { createVirtualClock } from './virtual-clock.ts'
import type { VirtualClock } from './virtual-clock.ts'

interface Subject {
  readonly clock: VirtualClock
  readonly upload: Promise<UploadResult>
  /** When each attempt was made, in milliseconds. */
  readonly attempts: number[]
}

/** An upload of `batches` batches on a virtual clock, whose attempts have the given outcomes, and then succeed. */
function start(batches: number, outcomes: readonly Outcome[], options: Partial<UploadRun> = {}): Subject {
  const clock = createVirtualClock()
  const attempts: number[] = []
  const logs = Array.from({ length: batches }, (_, n) => ({ n }))
  const limit = createPackingLimit({ packing: 'uncompressed', maxBatchBytes: 1, gzipLevel: 1, clock })
  const upload = runUpload(readObjects(logs, createBatcher(limit)), {
    limit,
    connect: () => async () => outcomes[attempts.push(clock.now()) - 1] ?? { kind: 'delivered' },
    clock,
    gzipLevel: 1,
    maxRetries: 5,
    backoff: { baseMs: 1000, capMs: 30_000 },
    maxConcurrency: 5,
    abortSignal: new AbortController().signal,
    onError: () => {},
    onAccepted: undefined,
    onProgress: undefined,
    ...options,
  })
  return { clock, upload, attempts }
}

function later(afterMs?: number): Outcome {
  return { kind: 'retry', afterMs, error: new AzlogsError('AZLOGS_THROTTLED', 'Later.') }
}

/** Lets `predicate` come true: compressing runs on threads of its own. */
async function until(clock: VirtualClock, predicate: () => boolean): Promise<void> {
  while (!predicate()) await clock.advance(0)
}

test('without a hint the waits before retries are random, below ceilings that double', async () => {
  const { clock, upload, attempts } = start(
    1,
    Array.from({ length: 5 }, () => later()),
  )
  for (let attempt = 1; attempt <= 6; attempt += 1) {
    await until(clock, () => attempts.length >= attempt)
    if (attempt <= 5) await clock.advance(1000 * 2 ** (attempt - 1))
  }
  expect(await upload).toMatchObject({ acceptedCount: 1, retryCount: 5 })
})

test('a Retry-After is waited for', async () => {
  const { clock, upload, attempts } = start(1, [later(60_000)])
  await until(clock, () => attempts.length === 1)
  await clock.advance(59_999)
  expect(attempts).toHaveLength(1)
  await clock.advance(12_001)
  expect(attempts).toHaveLength(2)
  expect(await upload).toMatchObject({ acceptedCount: 1 })
})

test('a Retry-After keeps every other batch of the upload waiting too', async () => {
  const { clock, upload, attempts } = start(20, [later(60_000)], { maxConcurrency: 2 })
  await until(clock, () => attempts.length >= 1)
  for (let turn = 0; turn < 20; turn += 1) await clock.advance(0)
  const before = attempts.length
  // The one that was turned away, and at most one that had left already.
  expect(before).toBeLessThanOrEqual(2)
  await clock.advance(59_999)
  expect(attempts).toHaveLength(before)
  await until(clock, () => clock.pendingTimers > 0)
  await clock.advance(12_001)
  await until(clock, () => attempts.length === 21)
  expect(await upload).toMatchObject({ acceptedCount: 20, retryCount: 1 })
})

test('the attempts end after maxRetries', async () => {
  const { clock, upload, attempts } = start(
    1,
    Array.from({ length: 9 }, () => later(0)),
    { maxRetries: 3 },
  )
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    await until(clock, () => attempts.length >= attempt)
    await clock.advance(1000)
  }
  expect(await upload).toMatchObject({ failedCount: 1, retryCount: 3 })
  expect(attempts).toHaveLength(4)
})

test('an abort ends a wait at once and leaves no timer', async () => {
  const controller = new AbortController()
  const { clock, upload, attempts } = start(3, [later(60_000)], {
    abortSignal: controller.signal,
    maxConcurrency: 1,
  })
  await until(clock, () => attempts.length === 1 && clock.pendingTimers === 1)
  controller.abort()
  expect(await upload).toMatchObject({ acceptedCount: 0, failedCount: 3 })
  expect(clock.pendingTimers).toBe(0)
  expect(attempts).toHaveLength(1)
})
