import { expect, test } from 'vitest'

import { checkAccess } from '../src/doctor/check-access.ts'
import type { Access } from '../src/doctor/check-access.ts'
import { checkCanary } from '../src/doctor/check-canary.ts'
import type { CanaryOptions } from '../src/doctor/check-canary.ts'
import { explain } from '../src/doctor/check-connection.ts'
import type { DeployedRule } from '../src/doctor/deployed-rule.ts'
import { readClaims } from '../src/doctor/jwt.ts'
import { createLock } from '../src/schema/lock.ts'
import { closedPort, emulatorForTest, httpServer, tokenWith } from './surroundings.ts'

const RULE_ID = 'dcr-0123456789abcdef0123456789abcdef'
const STREAM = 'Custom-AppLogs_CL'
const RULE: DeployedRule = {
  id: '/subscriptions/s/rule',
  location: 'westeurope',
  tenantId: 't',
  endpoint: 'https://own.ingest.monitor.azure.com',
  endpointId: undefined,
  streams: { 'Custom-Orders_CL': [{ name: 'Message', type: 'string' }] },
  flows: [
    {
      streams: ['Custom-Orders_CL'],
      destinations: ['w'],
      transformKql: 'source',
      outputStream: 'Custom-Orders_CL',
    },
  ],
  workspaceIds: {},
}

function accessTo(endpoint: string, rule?: DeployedRule, claims: object = {}): Access {
  const text = tokenWith({ ...claims })
  return {
    destination: {
      endpoint: new URL(endpoint),
      ruleId: RULE_ID,
      streamName: STREAM,
      cloud: { audience: 'https://monitor.azure.com' },
    } as Access['destination'],
    token: { text, claims: readClaims(text) },
    proxy: undefined,
    timeoutMs: 30_000,
    findRule: async () => rule,
  }
}

/** What doctor finds where the endpoint gives this answer. */
async function findingFor(
  status: number,
  { headers = {}, body = {}, rule }: { headers?: object; body?: object | string; rule?: DeployedRule } = {},
): Promise<object> {
  const url = await httpServer((request, response) => {
    request.resume().once('end', () => {
      response.writeHead(status, { ...headers })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  return checkAccess(accessTo(url, rule))
}

const error = (code: string, message?: string): object => ({ error: { code, message } })
const refusal = (message: string): object => error('OperationFailed', message)

test('nobody at the endpoint is told as no connection', async () => {
  expect(await checkAccess(accessTo(`http://127.0.0.1:${await closedPort()}`))).toMatchObject({
    code: 'AZL3003',
  })
})

test('an answer that breaks off is no answer', async () => {
  const url = await httpServer((request, response) => {
    request.resume().once('end', () => {
      response.writeHead(200, { 'content-length': '100' }).write('part')
      response.socket?.destroy()
    })
  })
  expect(await checkAccess(accessTo(url))).toMatchObject({ status: 'fail' })
})

test('only the beginning of a very long answer is looked at', async () => {
  expect(await findingFor(500, { body: 'x'.repeat(300_000) })).toMatchObject({
    status: 'fail',
    evidence: '500',
  })
})

test.each([
  [
    302,
    { headers: { location: 'https://login.example.com' } },
    'AZL3018',
    '302 to https://login.example.com',
  ],
  [302, {}, 'AZL3018', '302 to nowhere'],
  [403, { headers: { 'content-type': 'text/html' }, body: '<h1>no</h1>' }, 'AZL3018', '403 with text/html'],
  [404, { body: 'gone' }, 'AZL3018', '404 with no content'],
  [404, { headers: { 'x-ms-error-code': 'NotFound' } }, 'AZL3013', '404 NotFound'],
  [429, { body: error('TooManyRequests') }, 'AZL3016', 'Retry-After: none'],
  [429, { headers: { 'retry-after': '7' } }, 'AZL3016', 'Retry-After: 7'],
  [400, { body: error('InvalidStream', 'no such stream') }, 'AZL3014', '400 InvalidStream: no such stream'],
  [400, { body: error('InvalidStream'), rule: RULE }, 'AZL3014', 'it has Custom-Orders_CL'],
  [400, { body: error('Odd') }, 'AZL3019', '400 Odd'],
  [500, { body: error('InternalServerError') }, 'AZL3017', '500'],
  [503, {}, 'AZL3017', '503'],
  [418, {}, 'AZL3019', '418'],
  [403, { headers: { 'x-ms-error-code': 'Forbidden' } }, 'AZL3010', '403 Forbidden'],
] as const)('%i with %j is %s: %s', async (status, answer, code, evidence) => {
  expect(await findingFor(status, answer)).toMatchObject({
    status: 'fail',
    code,
    evidence: expect.stringContaining(evidence) as string,
  })
})

test('a server that is not well is tried again, longer after a set-up', async () => {
  expect(await findingFor(503)).toMatchObject({ remedy: expect.stringMatching(/--wait 30/) as string })
  expect(await findingFor(500)).toMatchObject({ remedy: expect.stringMatching(/--wait 5/) as string })
})

test('a 403 names the endpoint of the rule where that is known', async () => {
  const body = refusal('IsRbacPresent: False, IsDcrDceBindingValid: False')
  expect(await findingFor(403, { body, rule: RULE })).toMatchObject({
    code: 'AZL3011',
    remedy: 'export AZURE_DCE_ENDPOINT=https://own.ingest.monitor.azure.com',
  })
  expect(await findingFor(403, { body })).toMatchObject({ code: 'AZL3011' })
  expect(await findingFor(403, { body, rule: { ...RULE, endpoint: undefined } })).toMatchObject({
    code: 'AZL3011',
  })
})

test.each(['IsRbacPresent: True', 'Public network access is off', 'use the private link'])(
  'a 403 with %s is about the network',
  async (message) => {
    expect(await findingFor(403, { body: refusal(message) })).toMatchObject({ code: 'AZL3012' })
  },
)

test('a 403 names the rule for the command, from Azure, from the answer, or not at all', async () => {
  const remedyFor = async (message: string, rule?: DeployedRule): Promise<object> =>
    findingFor(403, { body: refusal(message), ...(rule && { rule }) })
  expect(await remedyFor('no', RULE)).toMatchObject({
    remedy: expect.stringMatching(/--scope \/subscriptions\/s\/rule$/) as string,
  })
  expect(await remedyFor('DcrArmId: /subscriptions/x/dcr, y')).toMatchObject({
    remedy: expect.stringMatching(/--scope \/subscriptions\/x\/dcr$/) as string,
  })
  expect(await remedyFor('DcrArmId: /subscriptions/****/dcr')).toMatchObject({
    remedy: expect.stringMatching(/--scope RESOURCE_ID_OF_THE_RULE$/) as string,
  })
})

test.each([
  [
    { at: 'tls', code: 'CERT_HAS_EXPIRED', message: 'certificate has expired' },
    'AZL3004',
    'Compare with: date -u',
  ],
  [
    { at: 'tls', code: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: 'self' },
    'AZL3004',
    'export NODE_EXTRA_CA_CERTS',
  ],
  [
    { at: 'tls', code: 'EPROTO', message: 'wrong version' },
    'AZL3004',
    'openssl s_client -connect a.azure.com:443',
  ],
  [{ at: 'tcp', code: 'ETIMEDOUT', message: 'no answer in time' }, 'AZL3003', 'Let this machine reach'],
] as const)('%j is %s: %s', (failure, code, remedy) => {
  expect(explain(failure, new URL('https://a.azure.com'), undefined)).toMatchObject({
    code,
    remedy: expect.stringContaining(remedy) as string,
  })
})

function canaryTo(
  endpoint: string,
  changes: Partial<CanaryOptions> = {},
): Promise<{ readonly finding: object }> {
  return checkCanary({
    access: accessTo(endpoint),
    lock: undefined,
    rule: undefined,
    waitMs: 0,
    asker: undefined,
    note: () => {},
    ...changes,
  })
}

const COLUMNS = [{ name: 'TimeGenerated', type: 'datetime' }] as const

test('no row is sent where the columns are not known, or none of them is text', async () => {
  const access = accessTo('http://127.0.0.1:9')
  const elsewhere = { ...access, destination: { ...access.destination, streamName: 'Custom-Other_CL' } }
  expect(await canaryTo('http://127.0.0.1:9', { access: elsewhere })).toMatchObject({
    finding: { status: 'skip', evidence: expect.stringContaining('are not known: give --schema') as string },
  })
  const lock = createLock('AppLogs_CL', COLUMNS)
  expect(await canaryTo('http://127.0.0.1:9', { lock })).toMatchObject({
    finding: { status: 'skip', evidence: 'no column of text to recognise the row by' },
  })
})

test('a row that is refused is told as the refusal', async () => {
  expect(await canaryTo(`http://127.0.0.1:${await closedPort()}`)).toMatchObject({
    finding: { code: 'AZL3003' },
  })
})

test('a server on this machine that is no emulator is told as such', async () => {
  const silent = await httpServer(
    (request, response) => void request.resume().once('end', () => response.writeHead(204).end()),
  )
  expect(await canaryTo(silent)).toMatchObject({
    finding: { status: 'skip', evidence: expect.stringContaining('is no emulator') as string },
  })
  const absent = await httpServer(
    (request, response) =>
      void request
        .resume()
        .once('end', () => response.writeHead(request.method === 'POST' ? 204 : 404).end()),
  )
  expect(await canaryTo(absent)).toMatchObject({ finding: { status: 'skip' } })
})

test('a row of which the emulator stores nothing is not there, for the reason that the emulator gives', async () => {
  const emulator = await emulatorForTest({ https: false })
  const { token } = await emulator.credential.getToken('https://monitor.azure.com/.default')
  const to = accessTo(emulator.url)
  const access: Access = {
    ...to,
    token: { ...to.token, text: token },
    destination: { ...to.destination, ruleId: emulator.ruleId },
  }
  emulator.answerNext({ status: 204 })
  const { finding } = await canaryTo(emulator.url, { access })
  expect(finding).toMatchObject({
    status: 'fail',
    code: 'AZL3020',
    evidence: expect.stringMatching(/^204, and no row is there/) as string,
  })
}, 120_000)
