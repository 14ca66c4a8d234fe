import { expect, test } from 'vitest'

import { AggregateLogsUploadError, AzlogsError, isAggregateLogsUploadError } from '../src/index.ts'
import type { LogsUploadFailure, UploadResult } from '../src/index.ts'

function result(acceptedCount: number, failedCount: number): UploadResult {
  return {
    acceptedCount,
    failedCount,
    requestCount: 1,
    retryCount: 0,
    uncompressedBytes: 0,
    compressedBytes: 0,
  }
}

function failure(cause: Error, count: number): LogsUploadFailure {
  return { cause, failedLogs: [], indices: Array.from({ length: count }, (_, index) => index) }
}

function answered(statusCode: number, message: string): AzlogsError {
  return new AzlogsError('AZLOGS_REJECTED', message, { statusCode })
}

test('the message says how many of how many records failed, and why', () => {
  const errors = [
    failure(answered(413, 'answered 413, id 1'), 400),
    failure(answered(400, 'answered 400'), 500),
    failure(answered(413, 'answered 413, id 2'), 100),
  ]
  expect(new AggregateLogsUploadError(errors, result(4000, 1000)).message).toBe(
    '1,000 of 5,000 records were not accepted: 500 × answered 413, id 1; 500 × answered 400',
  )
})

test('the message names five reasons and counts the others', () => {
  const errors = Array.from({ length: 8 }, (_, index) => failure(new Error(`reason ${index}`), 1))
  expect(new AggregateLogsUploadError(errors, result(0, 8)).message).toBe(
    '8 of 8 records were not accepted: 1 × reason 0; 1 × reason 1; 1 × reason 2; 1 × reason 3; 1 × reason 4; 3 more reasons',
  )
})

test('what is about no record in particular is told beside failures of its kind', () => {
  const errors = [
    failure(new AzlogsError('AZLOGS_ABORTED', 'The upload was aborted.'), 2),
    failure(new AzlogsError('AZLOGS_ABORTED', 'Nothing was read from record 2 on.'), 0),
  ]
  expect(new AggregateLogsUploadError(errors, result(0, 2)).message).toBe(
    '2 of 2 records were not accepted: 2 × The upload was aborted.; Nothing was read from record 2 on.',
  )
})

test('an aggregate of another copy of the package is recognised by its name', () => {
  expect(isAggregateLogsUploadError(new AggregateLogsUploadError([], result(0, 0)))).toBe(true)
  expect(
    isAggregateLogsUploadError(Object.assign(new Error('x'), { name: 'AggregateLogsUploadError' })),
  ).toBe(true)
  expect(isAggregateLogsUploadError(new Error('x'))).toBe(false)
  expect(isAggregateLogsUploadError({ name: 'AggregateLogsUploadError' })).toBe(false)
})

test('a sixth reason is one more reason', () => {
  const errors = Array.from({ length: 6 }, (_, index) => failure(new Error(`reason ${index}`), 1))
  expect(new AggregateLogsUploadError(errors, result(0, 6)).message).toMatch(
    /; 1 × reason 4; one more reason$/,
  )
})
