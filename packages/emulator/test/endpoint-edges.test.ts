import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { Emulator } from '../src/index.ts'
import { openPage } from '../src/open-page.ts'

let emulator: Emulator
let token: string

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
  token = (await emulator.credential.getToken('https://api.loganalytics.io/.default')).token
})
beforeEach(() => emulator.clear())
afterAll(() => emulator.close())

function ask(
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  path = 'workspaces/w/query',
): Promise<Response> {
  return fetch(`${emulator.queryUrl}/${path}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

async function answered(
  response: Promise<Response>,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const { status } = await response
  return { status, body: await (await response).json() }
}

async function store(...times: readonly string[]): Promise<void> {
  const ingest = (await emulator.credential.getToken('https://monitor.azure.com/.default')).token
  const url = `${emulator.url}/dataCollectionRules/${emulator.ruleId}/streams/${emulator.streamName}?api-version=2023-01-01`
  const response = await fetch(url, {
    method: 'POST',
    headers: { Authorization: `Bearer ${ingest}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(times.map((TimeGenerated, SeverityNumber) => ({ TimeGenerated, SeverityNumber }))),
  })
  expect(response.status).toBe(204)
  await emulator.waitForRows(times.length)
}

test('a query sees the rows of its timespan, and no others', async () => {
  const now = Date.now()
  const at = (hours: number): string => new Date(now - hours * 3_600_000).toISOString()
  await store(at(0.1), at(5), at(20))
  const count = async (timespan?: string): Promise<unknown> =>
    answered(ask({ query: 'AppLogs_CL | count', ...(timespan && { timespan }) }))
  expect(await count()).toMatchObject({ body: { tables: [{ rows: [[3]] }] } })
  expect(await count('PT1H')).toMatchObject({ body: { tables: [{ rows: [[1]] }] } })
  expect(await count('PT6H')).toMatchObject({ body: { tables: [{ rows: [[2]] }] } })
  expect(await count(`${at(21)}/${at(4)}`)).toMatchObject({ body: { tables: [{ rows: [[2]] }] } })
  expect((await emulator.query('AppLogs_CL | count', { timespan: 'PT6H' })).rows).toEqual([[2]])
  expect(() => emulator.query('AppLogs_CL | count', { timespan: 'soon' })).toThrow('"soon" is no ISO 8601')
})

test('statistics and the wish to be shown as a chart come when they are asked for', async () => {
  const query = 'print 1 | render timechart with (title="x")'
  const prefer = 'include-statistics=true, include-render=true'
  expect(await answered(ask({ query }, { prefer }))).toMatchObject({
    body: {
      render: { visualization: 'timechart', title: 'x' },
      statistics: { query: { executionTime: expect.any(Number) as number } },
    },
  })
  expect(await answered(ask({ query }))).toMatchObject({ body: { tables: [{ rows: [[1]] }] } })
})

test('of a batch each query has its own answer', async () => {
  const requests = [
    { id: '1', path: '/query', body: { query: 'print 1' }, headers: { prefer: 'wait=5' } },
    { id: '2', path: '/query', body: { query: 'print nosuch' } },
    { path: '/elsewhere', body: {} },
    { id: '4', path: '/query', body: 'no object' },
  ]
  expect(await answered(ask({ requests }, {}, '$batch'))).toMatchObject({
    status: 200,
    body: {
      responses: [
        { id: '1', status: 200 },
        { id: '2', status: 400 },
        { id: null, status: 404 },
        { id: '4', status: 404 },
      ],
    },
  })
  expect(await answered(ask({ requests: {} }, {}, '$batch'))).toMatchObject({ status: 400 })
  expect(
    await answered(ask({ requests: Array.from({ length: 101 }, () => ({})) }, {}, '$batch')),
  ).toMatchObject({ status: 400 })
})

test('what the query API does not take is said in its own shape', async () => {
  expect(await answered(ask({ query: 'print 1 1' }))).toMatchObject({
    status: 400,
    body: { error: { innererror: { code: 'SyntaxError', innererror: { code: 'SYN0002', token: '1' } } } },
  })
  expect(await answered(ask({ query: 'print (' }))).toMatchObject({
    body: { error: { innererror: { innererror: { token: '' } } } },
  })
  expect(await answered(ask({ query: 'print nosuch' }))).toMatchObject({
    body: { error: { innererror: { code: 'SemanticError' } } },
  })
  expect(await answered(ask({ query: 'union A, B' }))).toMatchObject({
    body: { error: { innererror: { code: 'UnsupportedLocally' } } },
  })
  expect(await answered(ask({ query: `print "${'x'.repeat(1_100_000)}"` }))).toMatchObject({ status: 400 })
})

test('a GET of a batch, and another method, lead nowhere', async () => {
  const headers = { Authorization: `Bearer ${token}` }
  expect((await fetch(`${emulator.queryUrl}/$batch`, { headers })).status).toBe(404)
  expect((await fetch(`${emulator.queryUrl}/workspaces/w/query`, { method: 'DELETE', headers })).status).toBe(
    404,
  )
  expect((await fetch(`${emulator.queryUrl}/workspaces/w/query`, { headers })).status).toBe(400)
})

test('a POST without its content type is an empty answer, as from the service', async () => {
  const response = await fetch(`${emulator.queryUrl}/workspaces/w/query`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
    body: new Uint8Array([123, 125]),
  })
  expect([response.status, await response.text()]).toEqual([200, ''])
})

test.each<readonly [init: RequestInit, status: number]>([
  [{ method: 'GET' }, 405],
  [{ method: 'POST', body: 'x'.repeat(300_000) }, 413],
  [{ method: 'POST', body: 'no JSON' }, 400],
  [{ method: 'POST', body: '5' }, 400],
  [{ method: 'POST', body: '{"query":"SELECT 1","parameters":"x"}' }, 400],
  [{ method: 'POST', body: '{"query":"SELECT 1","parameters":[{}]}' }, 400],
  [{ method: 'POST', body: '{"query":"SELECT nosuch"}' }, 400],
  [{ method: 'POST', body: '{"query":"SELECT ? AS a","parameters":[9]}' }, 200],
])('the page’s SQL with %j is answered with %i', async (init, status) => {
  expect((await fetch(`${emulator.url}/sql`, init)).status).toBe(status)
})

const FORM = {
  grant_type: 'client_credentials',
  client_id: 'me',
  client_secret: 's',
  scope: 'https://x/.default',
}

test.each([
  [{ grant_type: 'password' }, 400, 'unsupported_grant_type'],
  [{ client_id: '' }, 400, 'invalid_request'],
  [{ scope: 'openid' }, 400, 'invalid_scope'],
  [{ client_secret: '' }, 401, 'invalid_client'],
  [{ client_secret: '', client_assertion: 'a' }, 200, undefined],
])('a token request with %j is answered with %i %s', async (changes, status, error) => {
  const body = new URLSearchParams({ ...FORM, ...changes } as Record<string, string>)
  const response = await fetch(`${emulator.url}/tenant/oauth2/v2.0/token`, { method: 'POST', body })
  expect(response.status).toBe(status)
  expect(((await response.json()) as { error?: string }).error).toBe(error)
})

test('tokens are asked for with the method that Azure takes', async () => {
  expect((await fetch(`${emulator.url}/tenant/oauth2/v2.0/token`)).status).toBe(405)
  expect((await fetch(String(emulator.env['IDENTITY_ENDPOINT']), { method: 'POST' })).status).toBe(405)
  const discovery = await fetch(`${emulator.url}/tenant/v2.0/.well-known/openid-configuration`)
  expect(await discovery.json()).toMatchObject({
    token_endpoint: expect.stringContaining('/tenant/oauth2/v2.0/token') as string,
  })
})

test.each([404, 413, 418, 599])('the fault %i has a body like the service’s', async (status) => {
  emulator.faults.set(`${status}:times=1`)
  const ingest = (await emulator.credential.getToken('https://monitor.azure.com/.default')).token
  const url = `${emulator.url}/dataCollectionRules/${emulator.ruleId}/streams/${emulator.streamName}?api-version=2023-01-01`
  const response = await fetch(url, {
    method: 'POST',
    headers: { Authorization: `Bearer ${ingest}`, 'Content-Type': 'application/json' },
    body: '[]',
  })
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ error: { code: expect.any(String) as string } })
})

/** A program of this name that is the only one on PATH. */
function onlyProgram(name: string): NodeJS.ProcessEnv {
  const directory = mkdtempSync(join(tmpdir(), 'azlogs-open-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  writeFileSync(join(directory, name), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
  return { PATH: directory }
}

test.each([
  ['xdg-open', 'linux'],
  ['open', 'darwin'],
  ['rundll32', 'win32'],
] as const)('a page is opened by %s on %s', async (program, platform) => {
  expect(await openPage(emulator.url, onlyProgram(program), platform)).toBe(true)
  expect(await openPage(emulator.url, onlyProgram('another'), platform)).toBe(false)
})

test('a page is opened by the BROWSER that somebody prefers', async () => {
  const env = onlyProgram('mine')
  expect(await openPage(emulator.url, { ...env, BROWSER: 'mine' }, 'linux')).toBe(true)
  expect(await openPage(emulator.url, { ...env, BROWSER: '' }, 'linux')).toBe(false)
})
