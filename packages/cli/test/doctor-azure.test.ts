import { expect, test } from 'vitest'

import type { AzureCli } from '../src/doctor/azure-cli.ts'
import { createCanaryRow } from '../src/doctor/canary-row.ts'
import { checkClock } from '../src/doctor/check-clock.ts'
import { checkDns } from '../src/doctor/check-dns.ts'
import { assignRole, checkRole } from '../src/doctor/check-role.ts'
import { checkRule, unknownStream } from '../src/doctor/check-rule.ts'
import { checkSchema } from '../src/doctor/check-schema.ts'
import { findDeployedRule } from '../src/doctor/deployed-rule.ts'
import type { DeployedRule } from '../src/doctor/deployed-rule.ts'
import { readClaims } from '../src/doctor/jwt.ts'
import { proxyFor } from '../src/doctor/proxy.ts'
import { createLock } from '../src/schema/lock.ts'
import { closedPort, httpServer, tokenWith } from './surroundings.ts'

type Answers = Readonly<Record<string, unknown>>

/** An Azure that answers what is asked for by a part of the question, and refuses all else. */
function azureThat(answers: Answers): AzureCli {
  const answer: AzureCli['run'] = async (...words) => {
    const found = Object.entries(answers).find(([part]) => words.join(' ').includes(part))
    return found === undefined ? { ok: false, why: 'az: Not Found' } : { ok: true, value: found[1] }
  }
  return { run: answer, rest: (method, path) => answer(method, path) }
}

const ARM_ID = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/dataCollectionRules/logs-dcr'
const WORKSPACE = '/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w'
const STREAM = 'Custom-AppLogs_CL'
const COLUMNS = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'Message', type: 'string' },
] as const

const DESTINATION = {
  endpoint: new URL('https://logs-a1b2.westeurope-1.ingest.monitor.azure.com'),
  ruleId: 'dcr-00000000000000000000000000000000',
  streamName: STREAM,
} as Parameters<typeof checkRule>[1]

const RULE: DeployedRule = {
  id: ARM_ID,
  location: 'westeurope',
  tenantId: 't',
  endpoint: DESTINATION.endpoint.href,
  endpointId: undefined,
  streams: { [STREAM]: COLUMNS },
  flows: [{ streams: [STREAM], destinations: ['w'], transformKql: 'source', outputStream: STREAM }],
  workspaceIds: { w: WORKSPACE },
}

const claims = readClaims(tokenWith())

function assignments(...list: readonly { readonly role: string; readonly since?: string }[]): object {
  return {
    value: list.map(({ role, since }) => ({
      properties: {
        roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${role}`,
        scope: ARM_ID,
        createdOn: since,
      },
    })),
  }
}

const PUBLISHER = '3913510d-42f4-4e42-8a64-420c390055eb'
const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'

test('the role is told with its age while it may not have spread yet, and with its scope afterwards', async () => {
  const held = (since?: string): Promise<object> =>
    checkRole(
      azureThat({ roleAssignments: assignments({ role: PUBLISHER, ...(since && { since }) }) }),
      ARM_ID,
      claims,
    )
  const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString()
  expect(await held(minutesAgo(12.5))).toEqual({
    status: 'ok',
    evidence: '«Monitoring Metrics Publisher» for 12 minutes; a new assignment takes up to 30',
  })
  const onScope = { status: 'ok', evidence: `«Monitoring Metrics Publisher» on ${ARM_ID}` }
  expect(await held(minutesAgo(31))).toEqual(onScope)
  expect(await held()).toEqual(onScope)
})

test('a missing role is told with the roles that are there and do not help', async () => {
  expect(await checkRole(azureThat({ roleAssignments: assignments() }), ARM_ID, claims)).toMatchObject({
    status: 'fail',
    evidence: expect.stringMatching(/has no role «Monitoring Metrics Publisher» on the rule$/) as string,
  })
  const owner = azureThat({ roleAssignments: assignments({ role: OWNER }, { role: 'other' }) })
  expect(await checkRole(owner, ARM_ID, claims)).toMatchObject({
    evidence: expect.stringMatching(/, only Owner, which do not let it send$/) as string,
  })
})

test('the role cannot be looked at where nobody knows who asks, or az does not say', async () => {
  expect(await checkRole(azureThat({}), ARM_ID, undefined)).toMatchObject({ status: 'skip' })
  expect(await checkRole(azureThat({}), ARM_ID, readClaims(tokenWith({ oid: undefined })))).toEqual({
    status: 'skip',
    evidence: 'the token names no object id',
  })
  expect(await checkRole(azureThat({}), ARM_ID, claims)).toEqual({
    status: 'skip',
    evidence: 'az: Not Found',
  })
  const anonymous = readClaims(tokenWith({ appid: undefined }))
  expect(await checkRole(azureThat({ roleAssignments: assignments() }), ARM_ID, anonymous)).toMatchObject({
    status: 'fail',
  })
  const registered = azureThat({ 'ad app show': { id: 'o' }, roleAssignments: assignments() })
  expect(await checkRole(registered, ARM_ID, claims)).toMatchObject({
    evidence: expect.not.stringContaining('app registration') as string,
  })
})

test('the command that gives the role names who and what is known', () => {
  expect(assignRole(ARM_ID, claims)).toContain('--assignee-principal-type ServicePrincipal')
  expect(assignRole(ARM_ID, readClaims(tokenWith({ idtyp: 'user' })))).toContain(
    '--assignee-principal-type User',
  )
  expect(assignRole(ARM_ID, readClaims(tokenWith({ idtyp: undefined, upn: 'ann@example.com' })))).toContain(
    '--assignee-principal-type User',
  )
  expect(assignRole(undefined, undefined)).toMatch(/OBJECT_ID.*ServicePrincipal.*RESOURCE_ID_OF_THE_RULE/)
})

test.each(['', 'abc', 'a.bm8.c', 'a.bnVsbA.c', 'a.NQ.c'])(
  '%j is no token of which anything can be read',
  (token) => {
    expect(readClaims(token)).toBeUndefined()
  },
)

test('a token without an expiry has none', () => {
  expect(readClaims(tokenWith({ exp: 'soon' }))?.expiresAtSeconds).toBeUndefined()
})

test('a rule that fits is told with its place, its stream and where the rows go', async () => {
  expect(await checkRule(azureThat({}), DESTINATION, RULE)).toEqual({
    status: 'ok',
    evidence: `logs-dcr in westeurope · ${STREAM} → ${STREAM}`,
  })
  const regions = azureThat({ [WORKSPACE]: { location: 'West Europe' } })
  expect(await checkRule(regions, DESTINATION, RULE)).toMatchObject({ status: 'ok' })
})

test('a rule through a data collection endpoint needs no endpoint of its own', async () => {
  const rule = { ...RULE, endpoint: undefined, endpointId: '/dce' }
  expect(await checkRule(azureThat({}), DESTINATION, rule)).toMatchObject({ status: 'ok' })
})

test.each([
  [{ endpoint: undefined }, 'names no data collection endpoint'],
  [{ endpoint: 'no url' }, 'names no data collection endpoint'],
  [
    { endpoint: 'https://other.ingest.monitor.azure.com' },
    'the endpoint of logs-dcr is https://other.ingest',
  ],
])('a rule with %j cannot be sent to, and that is said', async (changes, evidence) => {
  expect(await checkRule(azureThat({}), DESTINATION, { ...RULE, ...changes })).toMatchObject({
    status: 'fail',
    code: 'AZL3022',
    evidence: expect.stringContaining(evidence) as string,
  })
})

test('a workspace in another region is told', async () => {
  const az = azureThat({ [WORKSPACE]: { location: 'northeurope' } })
  expect(await checkRule(az, DESTINATION, RULE)).toMatchObject({
    status: 'fail',
    evidence: 'logs-dcr is in westeurope, its workspace in northeurope; they must be in one region',
  })
})

test('a transformation that the service would refuse to change is told', async () => {
  const flows = RULE.flows.map((flow) => ({ ...flow, transformKql: 'x'.repeat(15_361) }))
  expect(await checkRule(azureThat({}), DESTINATION, { ...RULE, flows })).toMatchObject({ status: 'warn' })
})

test('for an unknown stream the one that was meant is named, if one was', async () => {
  expect(unknownStream('Custom-AppLog_CL', [STREAM, 'Custom-Other_CL', STREAM])).toMatchObject({
    evidence: `the rule has no stream Custom-AppLog_CL; it has ${STREAM}, Custom-Other_CL`,
    remedy: `export AZURE_DCR_STREAM_NAME=${STREAM}`,
  })
  expect(unknownStream('Custom-Elsewhere_CL', [STREAM])).toMatchObject({
    remedy: `export AZURE_DCR_STREAM_NAME=${STREAM}`,
  })
  expect(unknownStream('Custom-Elsewhere_CL', [STREAM, 'Custom-Metrics_CL'])).toMatchObject({
    remedy: 'Set AZURE_DCR_STREAM_NAME to one of the rule’s streams.',
  })
  const none = await checkRule(azureThat({}), DESTINATION, { ...RULE, streams: {}, flows: [] })
  expect(none).toMatchObject({ evidence: `the rule has no stream ${STREAM}; it has none` })
})

const LOCK = createLock('AppLogs_CL', COLUMNS)

test('schema file, stream and table are compared as far as they can be seen', async () => {
  const check = (
    az: AzureCli,
    lock: typeof LOCK | undefined,
    rule: DeployedRule | undefined,
  ): Promise<object> => checkSchema(az, { lock, streamName: STREAM, rule })
  const table = { properties: { schema: { columns: [COLUMNS[1]], standardColumns: [COLUMNS[0]] } } }
  expect(await check(azureThat({ '/tables/': table }), LOCK, RULE)).toEqual({
    status: 'ok',
    evidence: 'schema file = stream = table: 2 columns',
  })
  const empty = { properties: { schema: {} } }
  expect(await check(azureThat({ '/tables/': empty }), undefined, RULE)).toEqual({
    status: 'ok',
    evidence: 'stream: 2 columns',
  })
  expect(await check(azureThat({}), undefined, { ...RULE, workspaceIds: {} })).toMatchObject({ status: 'ok' })
  expect(await check(azureThat({}), undefined, undefined)).toMatchObject({ status: 'skip' })
  expect(await check(azureThat({}), LOCK, undefined)).toMatchObject({
    status: 'skip',
    evidence: 'azlogs.schema.json has 2 columns; az shows no rule to compare with',
  })
  expect(await check(azureThat({}), { ...LOCK, stream: 'Custom-Other_CL' }, RULE)).toMatchObject({
    status: 'warn',
  })
  expect(await check(azureThat({}), undefined, { ...RULE, streams: {}, flows: [] })).toMatchObject({
    status: 'ok',
  })
})

test('each way in which columns differ is told, the first of them in full', async () => {
  const streams = { [STREAM]: [{ name: 'TimeGenerated', type: 'string' }] }
  const rule = { ...RULE, streams }
  expect(await checkSchema(azureThat({}), { lock: LOCK, streamName: STREAM, rule })).toMatchObject({
    status: 'fail',
    evidence: 'TimeGenerated is datetime in the schema file and string in the stream, and 1 more',
  })
  const spelt = { ...RULE, streams: { [STREAM]: [COLUMNS[0], { name: 'message', type: 'string' }] } }
  expect(await checkSchema(azureThat({}), { lock: LOCK, streamName: STREAM, rule: spelt })).toMatchObject({
    evidence:
      'Message of the schema file is spelt message in the stream: its values are dropped without a word',
  })
})

test('what Azure leaves out of a rule is taken for its default', async () => {
  const sparse = {
    data: [
      {
        properties: {
          streamDeclarations: { [STREAM]: { columns: [{ name: 'Message', type: 'String' }, {}] } },
          dataFlows: [{ streams: [STREAM] }, {}],
          destinations: { logAnalytics: [{}] },
        },
      },
    ],
  }
  expect(await findDeployedRule(azureThat({ ResourceGraph: sparse }), 'dcr-1')).toEqual({
    ok: true,
    rule: {
      id: '',
      location: '',
      tenantId: '',
      endpoint: undefined,
      endpointId: undefined,
      streams: {
        [STREAM]: [
          { name: 'Message', type: 'string' },
          { name: '', type: '' },
        ],
      },
      flows: [
        { streams: [STREAM], destinations: [], transformKql: 'source', outputStream: STREAM },
        { streams: [], destinations: [], transformKql: 'source', outputStream: '' },
      ],
      workspaceIds: { '': '' },
    },
  })
  const bare = { data: [{ properties: { streamDeclarations: { [STREAM]: {} } } }] }
  expect(await findDeployedRule(azureThat({ ResourceGraph: bare }), 'dcr-1')).toMatchObject({
    rule: { streams: { [STREAM]: [] }, flows: [] },
  })
  expect(await findDeployedRule(azureThat({ ResourceGraph: { data: [{}] } }), 'dcr-1')).toMatchObject({
    rule: { streams: {} },
  })
  expect(await findDeployedRule(azureThat({ ResourceGraph: {} }), 'dcr-1')).toMatchObject({
    ok: false,
    why: expect.stringContaining('sees no rule with this id') as string,
  })
  expect(await findDeployedRule(azureThat({}), 'dcr-1')).toEqual({ ok: false, why: 'az: Not Found' })
})

test('a name of this machine resolves, and one that is not there is told with what to do', async () => {
  expect(await checkDns(new URL('https://localhost'), undefined)).toMatchObject({
    status: 'ok',
    evidence: expect.stringContaining('localhost → ') as string,
  })
  const nowhere = new URL('https://nowhere.invalid')
  expect(await checkDns(nowhere, undefined)).toMatchObject({ status: 'fail', code: 'AZL3002' })
  const proxy = { url: nowhere, variable: 'HTTPS_PROXY' }
  expect(await checkDns(new URL('https://localhost'), proxy)).toMatchObject({
    status: 'fail',
    remedy: 'unset HTTPS_PROXY   # or give it the right name',
  })
})

test.each([
  ['https://10.0.0.4', '10.0.0.4 is an address (private)'],
  ['https://[fd00::1]', 'fd00::1 is an address (private)'],
  ['https://20.1.2.3', '20.1.2.3 is an address (public)'],
  ['https://127.0.0.1', '127.0.0.1 is an address (this machine)'],
])('%s: %s', async (url, evidence) => {
  expect(await checkDns(new URL(url), undefined)).toEqual({ status: 'ok', evidence })
})

const AZURE = new URL('https://logs.westeurope-1.ingest.monitor.azure.com')

test.each<[env: NodeJS.ProcessEnv, proxy: string | undefined]>([
  [{}, undefined],
  [{ HTTPS_PROXY: 'http://p:1' }, 'HTTPS_PROXY http://p:1/'],
  [{ https_proxy: 'http://p:1' }, 'HTTPS_PROXY http://p:1/'],
  [{ HTTPS_PROXY: '', ALL_PROXY: 'http://q:2' }, 'ALL_PROXY http://q:2/'],
  [{ HTTPS_PROXY: '10.0.0.1' }, 'HTTPS_PROXY http://10.0.0.1/'],
  [{ HTTPS_PROXY: '[' }, undefined],
  [{ HTTP_PROXY: 'http://r:3', NO_PROXY: 'example.com, ' }, 'HTTP_PROXY http://r:3/'],
  [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: '.azure.com' }, undefined],
  [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: `.${AZURE.hostname}` }, undefined],
  [{ HTTPS_PROXY: 'http://p:1', NO_PROXY: AZURE.hostname }, undefined],
])('with %j the proxy is %s', (env, expected) => {
  const proxy = proxyFor(AZURE, env)
  expect(proxy && `${proxy.variable} ${proxy.url.href}`).toBe(expected)
})

test('a host of this machine needs no proxy', () => {
  expect(proxyFor(new URL('http://127.0.0.1:1'), { HTTPS_PROXY: 'http://p:1' })).toBeUndefined()
})

test('a clock that is ahead or behind is told with what it does', async () => {
  const url = new URL(
    await httpServer((_request, response) => response.setHeader('date', new Date().toUTCString()).end()),
  )
  expect(await checkClock(url, undefined, 30_000)).toMatchObject({ status: 'ok' })
  for (const [minutes, where] of [
    [10, 'behind'],
    [-10, 'ahead of'],
  ] as const) {
    const at = new Date(Date.now() + minutes * 60_000).toUTCString()
    const skewed = new URL(await httpServer((_request, response) => response.setHeader('date', at).end()))
    expect(await checkClock(skewed, undefined, 30_000)).toMatchObject({
      status: 'fail',
      code: 'AZL3006',
      evidence: expect.stringContaining(`this clock is 10 minutes ${where} the service’s`) as string,
    })
  }
})

test('an answer without a date, and no answer, say nothing of the clock', async () => {
  const undated = new URL(
    await httpServer((_request, response) => {
      response.sendDate = false
      response.end()
    }),
  )
  expect(await checkClock(undated, undefined, 30_000)).toEqual({
    status: 'skip',
    evidence: 'HTTP 200 without a Date',
  })
  const nobody = new URL(`http://127.0.0.1:${await closedPort()}`)
  expect(await checkClock(nobody, undefined, 30_000)).toMatchObject({ status: 'fail' })
})

test('a canary needs a column of text to be recognised by, and has a value for every type that is known', () => {
  const now = new Date(0)
  expect(createCanaryRow([{ name: 'Count', type: 'int' }], now)).toBeUndefined()
  const canary = createCanaryRow(
    [
      { name: 'Text', type: 'string' },
      { name: 'Odd', type: 'decimal' },
    ],
    now,
  )
  expect(canary).toMatchObject({ markerColumn: 'Text', row: { Odd: null } })
  expect(canary?.row['Text']).toBe(canary?.marker)
})
