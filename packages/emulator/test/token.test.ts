import { afterAll, beforeAll, expect, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { Emulator } from '../src/index.ts'
import { upload } from './upload.ts'

const PUBLIC_AUDIENCE = 'https://monitor.azure.com'
const inAnHour = (): number => Math.floor(Date.now() / 1000) + 3600

let emulator: Emulator
let strictIssuer: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
  strictIssuer = await startEmulator({ https: false, auth: 'issued', tokenLifetimeSeconds: 60 })
})
afterAll(() => Promise.all([emulator.close(), strictIssuer.close()]))

/** A JWT that nobody here issued. */
function jwt(claims: unknown, { header = '{"alg":"none"}', signature = 'c2ln' } = {}): string {
  return `${encode(header)}.${encode(JSON.stringify(claims))}.${signature}`
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url')
}

async function uploadWith(
  authorization: string | undefined,
  to = emulator,
): Promise<[number, string | null]> {
  const response = await upload(to, [{ Message: 'a' }], { headers: { authorization } })
  return [response.status, response.headers.get('x-ms-error-code')]
}

test.each([
  'https://monitor.azure.com',
  'https://monitor.azure.com/',
  'https://monitor.azure.us',
  'https://monitor.azure.us/',
  'https://monitor.azure.cn',
  'https://monitor.azure.cn/',
])('the audience %s is accepted', async (aud) => {
  expect(await uploadWith(`Bearer ${jwt({ aud, exp: inAnHour() })}`)).toEqual([204, null])
})

test.each([
  ['no header', undefined, 'AuthenticationFailed'],
  ['another scheme', 'Basic dXNlcjpwYXNz', 'InvalidAuthenticationToken'],
  ['no token', 'Bearer ', 'InvalidAuthenticationToken'],
  ['no JWT', 'Bearer opaque', 'InvalidAuthenticationToken'],
  ['two parts', `Bearer ${encode('{}')}.${encode('{}')}`, 'InvalidAuthenticationToken'],
  [
    'no signature',
    `Bearer ${jwt({ aud: PUBLIC_AUDIENCE, exp: inAnHour() }, { signature: '' })}`,
    'InvalidAuthenticationToken',
  ],
  ['claims that are no JSON', `Bearer ${encode('{}')}.${encode('aud')}.c2ln`, 'InvalidAuthenticationToken'],
  ['claims that are no object', `Bearer ${jwt([PUBLIC_AUDIENCE])}`, 'InvalidAuthenticationToken'],
  [
    'a header that is no JSON',
    `Bearer ${jwt({ aud: PUBLIC_AUDIENCE }, { header: 'x' })}`,
    'InvalidAuthenticationToken',
  ],
  ['no expiry', `Bearer ${jwt({ aud: PUBLIC_AUDIENCE })}`, 'InvalidAuthenticationToken'],
  [
    'the audience of ARM',
    `Bearer ${jwt({ aud: 'https://management.azure.com', exp: inAnHour() })}`,
    'InvalidAudience',
  ],
  ['no audience', `Bearer ${jwt({ exp: inAnHour() })}`, 'InvalidAudience'],
  [
    'an expired token',
    `Bearer ${jwt({ aud: PUBLIC_AUDIENCE, exp: 1_700_000_000 })}`,
    'ExpiredAuthenticationToken',
  ],
  [
    'a huge expiry in the past',
    `Bearer ${jwt({ aud: PUBLIC_AUDIENCE, exp: -1e300 })}`,
    'ExpiredAuthenticationToken',
  ],
])('%s gets a 401', async (_name, authorization, code) => {
  expect(await uploadWith(authorization)).toEqual([401, code])
  expect(emulator.verdicts().at(-1)).toMatchObject({ status: 401, errorCode: code, rowsStored: 0 })
})

test('an instance that takes only its own tokens refuses those of another, and changed ones', async () => {
  const own = await strictIssuer.credential.getToken(`${PUBLIC_AUDIENCE}//.default`)
  const foreign = await emulator.credential.getToken(`${PUBLIC_AUDIENCE}/.default`)
  const [header, , signature = ''] = own.token.split('.')
  const changed = `${header}.${encode(JSON.stringify({ aud: PUBLIC_AUDIENCE, exp: inAnHour() }))}.${signature}`
  expect(await uploadWith(`Bearer ${own.token}`, strictIssuer)).toEqual([204, null])
  for (const token of [foreign.token, changed, `${own.token}AAAA`]) {
    expect(await uploadWith(`Bearer ${token}`, strictIssuer)).toEqual([401, 'InvalidAuthenticationToken'])
  }
})

test('a token of the in-process credential lives as long as it says', async () => {
  const { token, expiresOnTimestamp } = await strictIssuer.credential.getToken([
    'https://monitor.azure.us/.default',
  ])
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >
  expect(claims).toMatchObject({ aud: 'https://monitor.azure.us', exp: expiresOnTimestamp / 1000 })
  expect(Number(claims['exp']) - Number(claims['iat'])).toBe(60)
})
