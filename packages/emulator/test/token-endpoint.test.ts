import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { Emulator } from '../src/index.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
beforeEach(() => emulator.clear())
afterAll(() => emulator.close())

function askManagedIdentity(
  query: string,
  headers: Record<string, string> = identityHeader(),
): Promise<Response> {
  return fetch(`${emulator.env['IDENTITY_ENDPOINT']}?${query}`, { headers })
}

function identityHeader(): Record<string, string> {
  return { 'X-IDENTITY-HEADER': emulator.env['IDENTITY_HEADER'] ?? '' }
}

const form = {
  grant_type: 'client_credentials',
  client_id: 'me',
  scope: 'https://monitor.azure.com//.default',
  client_secret: 's3cret',
}

function askOauth(fields: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(`${emulator.url}/tenant/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams(fields),
  })
}

const query = 'resource=https://monitor.azure.com&api-version=2019-08-01'

test('managed identity answers in the shape of App Service', async () => {
  const response = await askManagedIdentity(query)
  expect(response.status).toBe(200)
  const answer = (await response.json()) as Record<string, unknown>
  expect(answer).toMatchObject({ resource: 'https://monitor.azure.com', token_type: 'Bearer' })
  expect(answer['expires_on']).toMatch(/^\d{10}$/)
  expect(String(answer['access_token']).split('.')).toHaveLength(3)
})

test.each([
  ['api-version=2019-08-01', undefined, 400],
  ['resource=&api-version=2019-08-01', undefined, 400],
  ['resource=https://monitor.azure.com', undefined, 400],
  ['resource=https://monitor.azure.com&api-version=2018-02-01', undefined, 400],
  [query, {}, 401],
  [query, { 'X-IDENTITY-HEADER': 'wrong' }, 401],
])('managed identity refuses %s with the headers %j', async (wrong, headers, status) => {
  expect((await askManagedIdentity(wrong, headers)).status).toBe(status)
  expect(emulator.tokenRequests()).toMatchObject([{ kind: 'managed-identity', status }])
})

test('the audience is the scope without /.default, to the slash', async () => {
  const response = await askOauth(form)
  expect(response.status).toBe(200)
  const answer = (await response.json()) as Record<string, string | number>
  expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: 3600 })
  const claims = Buffer.from(String(answer['access_token']).split('.')[1] ?? '', 'base64url').toString()
  expect(JSON.parse(claims)).toMatchObject({ aud: 'https://monitor.azure.com/', tid: 'tenant', appid: 'me' })
})

test.each([
  [{ grant_type: 'password' }, 400, 'unsupported_grant_type'],
  [{ client_id: '' }, 400, 'invalid_request'],
  [{ scope: 'https://monitor.azure.com' }, 400, 'invalid_scope'],
  [{ client_secret: '' }, 401, 'invalid_client'],
])('client credentials with %j get a %i', async (change, status, error) => {
  const response = await askOauth({ ...form, ...change })
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({
    error,
    error_description: expect.stringMatching(/^AADSTS\d+: /),
  })
})

test('no secret and no token is remembered', async () => {
  await askOauth(form)
  expect(JSON.stringify(emulator.tokenRequests())).not.toContain('s3cret')
})

test('answers to requests for a token can be scripted, without touching uploads', async () => {
  emulator.answerNextToken({ status: 500, body: 'down' }, { reset: 'before' }, { delayMs: 5 })
  expect(await (await askManagedIdentity(query)).text()).toBe('down')
  await expect(askManagedIdentity(query)).rejects.toThrow()
  expect((await askManagedIdentity(query)).status).toBe(200)
  expect(emulator.tokenRequests().map((request) => request.status)).toEqual([500, 0, 200])
  expect(emulator.requests()).toEqual([])
})
