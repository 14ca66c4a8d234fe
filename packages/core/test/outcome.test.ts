import { expect, test } from 'vitest'

import { outcomeOf } from '../src/outcome.ts'
import type { Outcome } from '../src/outcome.ts'

function answer(
  status: number,
  body: string | object = '',
  headers: Readonly<Record<string, string>> = {},
): Outcome {
  return outcomeOf(
    {
      status,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      header: (name) => headers[name],
      clientRequestId: '6f9619ff-8b86-d011-b42d-00c04fc964ff',
    },
    Date.now(),
  )
}

function errorOf(outcome: Outcome): Error {
  if ('error' in outcome) return outcome.error
  throw new Error('The outcome has no error.')
}

test.each([200, 201, 202, 204])('%i is delivered', (status) => {
  expect(answer(status)).toEqual({ kind: 'delivered' })
})

test.each([
  [408, 'retry', 'AZLOGS_THROTTLED'],
  [429, 'retry', 'AZLOGS_THROTTLED'],
  [500, 'retry', 'AZLOGS_UNAVAILABLE'],
  [502, 'retry', 'AZLOGS_UNAVAILABLE'],
  [503, 'retry', 'AZLOGS_UNAVAILABLE'],
  [504, 'retry', 'AZLOGS_UNAVAILABLE'],
  [599, 'retry', 'AZLOGS_UNAVAILABLE'],
  [401, 'denied', 'AZLOGS_UNAUTHORIZED'],
  [403, 'denied', 'AZLOGS_FORBIDDEN'],
  [404, 'denied', 'AZLOGS_NOT_FOUND'],
  [301, 'denied', 'AZLOGS_REDIRECTED'],
  [307, 'denied', 'AZLOGS_REDIRECTED'],
  [413, 'too-large', 'AZLOGS_TOO_LARGE'],
  [400, 'rejected', 'AZLOGS_REJECTED'],
  [415, 'rejected', 'AZLOGS_REJECTED'],
  [501, 'rejected', 'AZLOGS_REJECTED'],
  [505, 'rejected', 'AZLOGS_REJECTED'],
])('%i is %s with %s', (statusCode, kind, code) => {
  expect(answer(statusCode)).toMatchObject({ kind, error: { code, statusCode } })
})

test.each([408, 429, 500, 503])('%i carries the wait that the service named', (status) => {
  expect(answer(status)).toMatchObject({ afterMs: undefined })
  expect(answer(status, '', { 'retry-after': '7' })).toMatchObject({ afterMs: 7000 })
})

test('the error tells what the service said and the ids that find the request again', () => {
  const body = {
    error: {
      code: 'ContentLengthLimitExceeded',
      message: 'Maximum allowed content length: 1048576 bytes (1 MB).',
    },
  }
  expect(errorOf(answer(413, body, { 'x-ms-request-id': 'abc' }))).toMatchObject({
    message:
      'The ingestion endpoint answered 413 ContentLengthLimitExceeded: Maximum allowed content length: 1048576 bytes (1 MB).',
    serviceCode: 'ContentLengthLimitExceeded',
    requestId: 'abc',
    clientRequestId: '6f9619ff-8b86-d011-b42d-00c04fc964ff',
  })
})

test('the header x-ms-error-code goes before the body', () => {
  const outcome = answer(404, { error: { code: 'Other' } }, { 'x-ms-error-code': 'NotFound' })
  expect(errorOf(outcome)).toMatchObject({ serviceCode: 'NotFound' })
})

test('an answer that no service of Azure gives is told in an excerpt', () => {
  expect(errorOf(answer(502, ' <h1>Bad Gateway</h1>\n')).message).toBe(
    'The ingestion endpoint answered 502: <h1>Bad Gateway</h1>',
  )
  expect(errorOf(answer(502, 'x'.repeat(60_000))).message.length).toBeLessThan(600)
  expect(errorOf(answer(502, { error: { message: 'x'.repeat(60_000) } })).message.length).toBeLessThan(600)
})

test.each(['', 'null', '[]', '{}', '{"error":null}', '{"error":{"code":5,"message":{}}}', '"text"'])(
  'the body %s leaves the message readable',
  (body) => {
    expect(errorOf(answer(400, body)).message).toBe('The ingestion endpoint answered 400')
  },
)

test('an answer that repeats the request’s token does not bring it into the message', () => {
  const echo = `Denied: Authorization: Bearer eyJ0eXAi.canary.${'x'.repeat(500)}\nHost: x`
  expect(errorOf(answer(403, echo)).message).not.toContain('canary')
  expect(errorOf(answer(403, { error: { message: echo } })).message).not.toContain('canary')
  expect(errorOf(answer(401, 'The bearer token is invalid.')).message).toContain(
    'The bearer token is invalid.',
  )
})
