import { expect, test } from 'vitest'

import { checkToken } from '../src/doctor/check-token.ts'
import { remedyForCredential } from '../src/doctor/credential-failure.ts'
import { createRedactor } from '../src/doctor/redact.ts'
import { tokenWith } from './surroundings.ts'

const AUDIENCE = 'https://monitor.azure.com'
const DESTINATION = { cloud: { audience: AUDIENCE } } as Parameters<typeof checkToken>[0]

/** What doctor makes of a credential that gives this token. */
function checked(token: string | null, timeoutMs = 30_000): ReturnType<typeof checkToken> {
  const credential = {
    getToken: async () => (token === null ? null : { token, expiresOnTimestamp: Date.now() + 3_600_000 }),
  }
  return checkToken(DESTINATION, credential as never, { timeoutMs, redact: createRedactor({}) })
}

test('of a token it is told whose it is, what for, and for how long', async () => {
  expect(await checked(tokenWith())).toMatchObject({
    finding: {
      status: 'ok',
      evidence: expect.stringMatching(
        /application 5{8}.* · object 4{8}.* · audience .* · (59|60) minutes left$/,
      ) as string,
    },
  })
  expect(
    await checked(tokenWith({ upn: 'ann@example.com', oid: undefined, appid: undefined })),
  ).toMatchObject({
    finding: { status: 'ok', evidence: expect.stringContaining('ann@example.com · audience') as string },
  })
  expect(await checked(tokenWith({ oid: undefined, appid: undefined, exp: undefined }))).toMatchObject({
    finding: { status: 'ok' },
  })
})

test('a token that is no JWT is used all the same', async () => {
  expect(await checked('opaque')).toMatchObject({
    finding: { status: 'ok', evidence: expect.stringContaining('no JWT') as string },
    token: { text: 'opaque', claims: undefined },
  })
})

test.each([
  [tokenWith({ aud: 'https://management.azure.com' }), 'AZL3008', 'but https://monitor.azure.com is needed'],
  [tokenWith({ aud: undefined }), 'AZL3008', 'audience none'],
  [tokenWith({ exp: 1 }), 'AZL3008', 'expired'],
  ['two words', 'AZL3007', 'no header can carry it'],
  [null, 'AZL3007', 'the token is empty'],
])('a token that cannot be used is told as such', async (token, code, evidence) => {
  expect(await checked(token)).toMatchObject({
    finding: { status: 'fail', code, evidence: expect.stringContaining(evidence) as string },
    token: undefined,
  })
})

test.each([
  ['AADSTS7000222: expired', 'environment', 'The secret has expired'],
  ['AADSTS1: unknown', 'azure-cli', 'az login'],
  ['no identity', 'managed-identity', 'Assign a managed identity'],
  ['no file', 'workload-identity', 'AZURE_FEDERATED_TOKEN_FILE'],
  ['no variables', 'environment', 'Set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.'],
  ['nothing', 'default', 'az login   # on a developer’s machine'],
])('for %j of the credential %s the remedy is: %s', (message, kind, remedy) => {
  expect(remedyForCredential(message, kind as never)).toContain(remedy)
  expect(remedyForCredential(message, { kind } as never)).toContain(remedy)
})
