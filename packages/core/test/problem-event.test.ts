import { expect, test } from 'vitest'

import { AzlogsError } from '../src/index.ts'
import type { Problem } from '../src/index.ts'
import { toProblem, toProblemEvent } from '../src/problem-event.ts'

test('a problem comes out of a worker as it went in, with all that the service said', () => {
  const problem: Problem = {
    kind: 'quarantined',
    code: 'AZLOGS_REJECTED',
    message: '1 record refused for good.',
    time: new Date(0).toISOString(),
    recordCount: 1,
    suppressedCount: 0,
    records: ['{"Message":"a"}'],
    error: new AzlogsError('AZLOGS_REJECTED', 'refused', {
      statusCode: 400,
      serviceCode: 'BadRow',
      clientRequestId: 'c',
      requestId: 'r',
      responseBody: '{"error":{}}',
    }),
  }
  const { error, ...rest } = toProblem(structuredClone(toProblemEvent(problem)))
  const { error: before, ...restBefore } = problem
  expect(rest).toEqual(restBefore)
  expect(error).toBeInstanceOf(AzlogsError)
  expect(error?.message).toBe(before?.message)
  expect(Object.entries(error ?? {})).toEqual(Object.entries(before ?? {}))
})
