import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { Emulator } from '../src/index.ts'
import { finish, spawnNode } from './run-node.ts'
import type { Finished } from './run-node.ts'

// Microsoft's own client and credentials, in a process that trusts the emulator's certificate authority.

let emulator: Emulator
let directory: string

beforeAll(async () => {
  emulator = await startEmulator()
  directory = await mkdtemp(join(tmpdir(), 'azlogs-test-'))
})
beforeEach(() => emulator.clear())
afterAll(async () => {
  await emulator.close()
  await rm(directory, { recursive: true })
})

function uploadOfficially(credential: string, records: unknown, env = {}): Promise<Finished> {
  const child = spawnNode(
    new URL('fixtures/official-upload.ts', import.meta.url),
    [credential, emulator.httpsUrl, emulator.httpsUrl],
    { ...emulator.env, ...env },
  )
  child.stdin.end(JSON.stringify(records))
  return finish(child)
}

function claimsOfLastUpload(): Record<string, unknown> {
  const token = emulator.requests().at(-1)?.headers.authorization?.split('.')[1] ?? ''
  return JSON.parse(Buffer.from(token, 'base64url').toString()) as Record<string, unknown>
}

test('@azure/monitor-ingestion uploads over https and its rows come out typed', async () => {
  const time = '2026-11-22T10:00:00.1234567Z'
  const records = [
    { EventTime: time, Message: 'a', SeverityNumber: 9, Properties: { list: [1, 'two', null] } },
    { EventTime: '2026-11-22T12:00:00+02:00', Message: 'b', ProcessId: '4711' },
  ]
  expect(await uploadOfficially('managedIdentity', records)).toMatchObject({ code: 0, stderr: '' })
  expect(emulator.rows()).toMatchObject([
    { EventTime: time, Message: 'a', SeverityNumber: 9, Properties: { list: [1, 'two', null] } },
    { EventTime: '2026-11-22T10:00:00Z', Message: 'b', ProcessId: 4711, Properties: null },
  ])
  const [request] = emulator.requests()
  expect(request?.path).toContain('?api%2Dversion=2023-01-01')
  expect(request?.headers['content-encoding']).toBe('gzip')
  emulator.assertNothingDropped()
})

test('ManagedIdentityCredential gets a token from the App Service endpoint', async () => {
  expect(await uploadOfficially('managedIdentity', [{}])).toMatchObject({ code: 0 })
  expect(emulator.tokenRequests()).toMatchObject([
    { kind: 'managed-identity', resource: 'https://monitor.azure.com', status: 200 },
  ])
  const claims = claimsOfLastUpload()
  expect(claims).toMatchObject({ aud: 'https://monitor.azure.com' })
  expect(Number(claims['exp']) - Number(claims['iat'])).toBe(3600)
})

test('a user-assigned identity is named in the token', async () => {
  expect(await uploadOfficially('userAssigned', [{}])).toMatchObject({ code: 0 })
  const clientId = '33333333-3333-3333-3333-333333333333'
  expect(emulator.tokenRequests()).toMatchObject([{ clientId }])
  expect(claimsOfLastUpload()).toMatchObject({ appid: clientId })
})

test('ClientSecretCredential gets a token when instance discovery is off', async () => {
  expect(await uploadOfficially('clientSecret', [{}])).toMatchObject({ code: 0, stderr: '' })
  expect(emulator.tokenRequests()).toMatchObject([
    { kind: 'client-credentials', resource: 'https://monitor.azure.com/.default', status: 200 },
  ])
  expect(claimsOfLastUpload()).toMatchObject({ tid: 'contoso.example' })
})

test('WorkloadIdentityCredential gets a token for the assertion in its file', async () => {
  const tokenFile = join(directory, 'federated-token')
  await writeFile(tokenFile, 'header.claims.signature')
  const finished = await uploadOfficially('workloadIdentity', [{}], { TOKEN_FILE: tokenFile })
  expect(finished).toMatchObject({ code: 0, stderr: '' })
  expect(emulator.rows()).toHaveLength(1)
})

test('the official client retries what it should and reports the code of what it should not', async () => {
  emulator.answerNext({ status: 503, headers: { 'Retry-After': '0' } })
  expect(await uploadOfficially('managedIdentity', [{ Message: 'retried' }])).toMatchObject({ code: 0 })
  expect(emulator.requests().map((request) => request.status)).toEqual([503, 204])
  expect(emulator.rows()).toHaveLength(1)

  emulator.answerNext({ status: 403, body: { error: { code: 'OperationFailed', message: 'no access' } } })
  const refused = await uploadOfficially('managedIdentity', [{ Message: 'refused' }])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('OperationFailed')
  expect(emulator.rows()).toHaveLength(1)
})

test('the official client rides out faults over https, and duplicates what was stored without an answer', async () => {
  emulator.faults.set('reset-before:times=1, half:times=1, 429:times=1:retry-after=0s')
  const uploaded = await uploadOfficially('managedIdentity', [{ Message: 'at least once' }])
  expect(uploaded).toMatchObject({ code: 0, stderr: '' })
  expect(emulator.requests().map(({ outcome }) => outcome)).toEqual(['reset', 'half', 'answered', 'answered'])
  expect(emulator.rows()).toMatchObject([{ Message: 'at least once' }, { Message: 'at least once' }])
})
