import { expect, test } from 'vitest'

import { outcomeOf } from '../src/outcome.ts'
import type { Outcome } from '../src/outcome.ts'
import { retryAfterMs } from '../src/retry-after.ts'

function answer(status: number, body: object | string = '', requestId?: string): Outcome {
  return outcomeOf(
    {
      status,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      header: (name) => (name === 'x-ms-request-id' ? requestId : undefined),
      clientRequestId: 'one',
    },
    0,
  )
}

function messageOf(outcome: Outcome): string {
  return 'error' in outcome ? outcome.error.message : ''
}

function refused(text: string): string {
  return messageOf(answer(403, { error: { code: 'OperationFailed', message: text } }))
}

test.each([
  [199, 'rejected', 'AZLOGS_REJECTED'],
  [300, 'denied', 'AZLOGS_REDIRECTED'],
  [399, 'denied', 'AZLOGS_REDIRECTED'],
  [499, 'rejected', 'AZLOGS_REJECTED'],
])('%i, at the edge of its class, is %s', (status, kind, code) => {
  expect(answer(status)).toMatchObject({ kind, error: { code } })
})

test('a stream that the DCR does not declare is no fault of the records: they wait for it, and the message names the place', () => {
  const outcome = answer(400, { error: { code: 'InvalidStream', message: 'The stream is not there.' } })
  expect(outcome).toMatchObject({ kind: 'denied', error: { code: 'AZLOGS_REJECTED' } })
  expect(messageOf(outcome)).toBe(
    'The ingestion endpoint answered 400 InvalidStream: The stream is not there. Check the stream name against the DCR’s streamDeclarations.',
  )
})

test('rows that are too far apart for an Auxiliary table may be sent in smaller batches', () => {
  const outcome = answer(400, { error: { code: 'RecordsTimeRangeIsMoreThan30Minutes' } })
  expect(outcome).toMatchObject({ kind: 'too-wide', error: { code: 'AZLOGS_REJECTED' } })
})

test.each([
  [
    401,
    'The token was refused. Check that its audience is https://monitor.azure.com (.us, .cn) and that this clock is right.',
  ],
  [
    403,
    'Give the identity the role «Monitoring Metrics Publisher» on the DCR (a new assignment takes up to 30 minutes).',
  ],
  [
    404,
    'Check the rule id (the DCR’s immutableId, dcr-…) and that the endpoint is in the region of that DCR.',
  ],
  [302, 'Redirects are never followed. Check the endpoint, and whether a proxy answers in its place.'],
])('%i says what to do', (status, remedy) => {
  expect(messageOf(answer(status))).toBe(`The ingestion endpoint answered ${status} ${remedy}`)
})

test.each([429, 503, 413, 400])('%i has no remedy but what is done anyway', (status) => {
  expect(messageOf(answer(status, ' \n'))).toBe(`The ingestion endpoint answered ${status}`)
})

// What the service appends to its 403.
const ACCESS = 'PipelineAccessResult: AccessGranted: False, '

test.each(['IsDcrDceBindingValid: False', 'isdcrdcebindingvalid:False', 'IsDcrDceBindingValid:   False'])(
  'a 403 with %s is about the endpoint, whatever it says about the role',
  (binding) => {
    expect(refused(`${ACCESS}IsRbacPresent: True, ${binding}`)).toContain(
      'use the endpoint of the DCR itself',
    )
    expect(refused(`${ACCESS}IsRbacPresent: False, ${binding}`)).toContain(
      'use the endpoint of the DCR itself',
    )
  },
)

test.each(['IsRbacPresent: True', 'isrbacpresent:True', 'IsRbacPresent:   True'])(
  'a 403 with %s is about the network',
  (role) => {
    expect(refused(`${ACCESS}${role}, IsDcrDceBindingValid: , DcrArmId: /x`)).toContain(
      'public network access to the endpoint or workspace may be off',
    )
  },
)

test('a 403 that says nothing of the role, or that it is missing, is about the role', () => {
  for (const text of ['Forbidden', `${ACCESS}IsRbacPresent: False, IsDcrDceBindingValid: `]) {
    expect(refused(text)).toContain('Give the identity the role «Monitoring Metrics Publisher»')
  }
})

test('an error has the codes and ids that the answer named, and no others', () => {
  expect(answer(500)).toMatchObject({ error: { serviceCode: undefined, requestId: undefined } })
  expect(answer(500, { error: { code: 'Busy' } }, 'r1')).toMatchObject({
    error: { serviceCode: 'Busy', requestId: 'r1' },
  })
})

test('an error keeps two kilobytes of an answer, and no token', () => {
  const outcome = answer(
    500,
    `Authorization: Bearer eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.canary\n${'y'.repeat(5000)}`,
  )
  const body = 'error' in outcome ? String(outcome.error.responseBody) : ''
  expect(body).toMatch(/y$/)
  expect(body.length).toBeLessThanOrEqual(2048)
  expect(body.length).toBeGreaterThan(1900)
  expect(body).not.toContain('canary')
})

test('a wait may have any number of decimals', () => {
  expect(retryAfterMs((name) => (name === 'retry-after-ms' ? '250.125' : undefined), 0)).toBe(250.125)
})

test('a date has its weekday in front, and space at most before that', () => {
  const wait = (value: string): number | undefined =>
    retryAfterMs((name) => (name === 'retry-after' ? value : undefined), Date.UTC(2026, 10, 22, 12))
  expect(wait('  Sun, 22 Nov 2026 12:00:10 GMT')).toBe(10_000)
  expect(wait('22 Nov 2026 12:00:10 GMT (Sun)')).toBeUndefined()
  expect(wait('1 Sun, 22 Nov 2026 12:00:10 GMT')).toBeUndefined()
})
