import { expect, test, vi } from 'vitest'

import { runCli, runHere } from './run-cli.ts'
import type { Finished } from './run-cli.ts'
import {
  azEnv,
  closedPort,
  emulatorForTest,
  httpServer,
  identityEnv,
  proxy,
  tokenWith,
} from './surroundings.ts'

// Each test starts processes, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 })

const RULE = 'dcr-0123456789abcdef0123456789abcdef'
const ARM_ID =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/logs/providers/Microsoft.Insights/dataCollectionRules/applogs-prod'
const AZURE_ENDPOINT = 'https://applogs-a1b2.westeurope-1.ingest.monitor.azure.com'
const REFUSED =
  'The authentication token provided does not have access to ingest data for the data collection rule with immutable Id'

type Env = Record<string, string>

interface SetUp {
  readonly env: Env
  readonly args?: readonly string[]
}

interface Broken {
  readonly what: string
  readonly setUp: () => Promise<SetUp>
  readonly check: string
  readonly code: string
  readonly evidence: string | RegExp
  readonly remedy: string | RegExp
}

const settings = (endpoint: string, ruleId = RULE, stream = 'Custom-AppLogs_CL'): Env => ({
  AZURE_DCE_ENDPOINT: endpoint,
  AZURE_DCR_RULE_ID: ruleId,
  AZURE_DCR_STREAM_NAME: stream,
})

/** An emulator whose next upload gets this answer, and an identity that it would let in. */
async function answering(
  answer: { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string },
  extra: Env = {},
): Promise<SetUp> {
  const emulator = await emulatorForTest({ https: false })
  emulator.answerNext(answer)
  return { env: { ...emulator.env, ...(await identityEnv(tokenWith())), ...extra } }
}

const forbidden = async (message: string, extra: Env = {}): Promise<SetUp> =>
  answering(
    {
      status: 403,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ error: { code: 'OperationFailed', message } }),
    },
    extra,
  )

/** A set-up that fails before any token is asked for. */
const plain = async (env: Env, args: readonly string[] = []): Promise<SetUp> => ({ env, args })

const withToken = async (claims: Readonly<Record<string, unknown>>): Promise<SetUp> => {
  const emulator = await emulatorForTest({ https: false })
  return { env: { ...emulator.env, ...(await identityEnv(tokenWith(claims))) } }
}

const deployed = (properties: object = {}): object => ({
  data: [
    {
      id: ARM_ID,
      location: 'westeurope',
      tenantId: '11111111-1111-1111-1111-111111111111',
      properties: {
        immutableId: RULE,
        dataCollectionEndpointId: '/subscriptions/s/dce',
        streamDeclarations: {
          'Custom-AppLogs_CL': { columns: [{ name: 'TimeGenerated', type: 'datetime' }] },
        },
        destinations: {
          logAnalytics: [{ name: 'ws', workspaceResourceId: '/subscriptions/s/workspaces/w' }],
        },
        dataFlows: [
          {
            streams: ['Custom-AppLogs_CL'],
            destinations: ['ws'],
            transformKql: 'source',
            outputStream: 'Custom-AppLogs_CL',
          },
        ],
        ...properties,
      },
    },
  ],
})

const BROKEN: readonly Broken[] = [
  {
    what: 'nothing is set',
    setUp: () => plain({}),
    check: 'config',
    code: 'AZL3001',
    evidence: 'endpoint is missing (or set AZURE_DCE_ENDPOINT).',
    remedy: /^az rest --method get --url "https:\/\/management\.azure\.com\/subscriptions\/SUBSCRIPTION/,
  },
  {
    what: 'an ARM id is pasted as rule id',
    setUp: () => plain(settings(AZURE_ENDPOINT, ARM_ID)),
    check: 'config',
    code: 'AZL3001',
    evidence: 'that is the ARM resource id',
    remedy: `az rest --method get --url "https://management.azure.com${ARM_ID}?api-version=2023-03-11"`,
  },
  {
    what: 'the endpoint is the configuration endpoint',
    setUp: () => plain(settings('https://applogs-a1b2.westeurope-1.handler.control.monitor.azure.com')),
    check: 'config',
    code: 'AZL3001',
    evidence: 'that is the configuration access endpoint (.control.)',
    remedy: `properties.immutableId == \\"${RULE}\\"`,
  },
  {
    what: 'the endpoint is http',
    setUp: () => plain(settings(AZURE_ENDPOINT.replace('https:', 'http:'))),
    check: 'config',
    code: 'AZL3001',
    evidence: 'http: is accepted for this machine only',
    remedy: `export AZURE_DCE_ENDPOINT=${AZURE_ENDPOINT}`,
  },
  {
    what: 'the table is given as stream',
    setUp: () => plain(settings(AZURE_ENDPOINT, RULE, 'AppLogs_CL')),
    check: 'config',
    code: 'AZL3001',
    evidence: 'that is a table',
    remedy: 'export AZURE_DCR_STREAM_NAME=Custom-AppLogs_CL',
  },
  {
    what: 'the host name does not exist',
    setUp: () => plain(settings('https://applogs.invalid')),
    check: 'dns',
    code: 'AZL3002',
    evidence: /applogs\.invalid: (ENOTFOUND|EAI_AGAIN)/,
    remedy: /nslookup applogs\.invalid|name server/,
  },
  {
    what: 'nothing listens at the endpoint',
    setUp: async () => plain(settings(`http://127.0.0.1:${await closedPort()}`)),
    check: 'connection',
    code: 'AZL3003',
    evidence: 'ECONNREFUSED',
    remedy: 'azlogs dev',
  },
  {
    what: 'the proxy does not let through',
    setUp: async () => plain({ ...settings(AZURE_ENDPOINT), HTTPS_PROXY: await proxy('403 Forbidden') }),
    check: 'connection',
    code: 'AZL3005',
    evidence: 'HTTPS_PROXY): the proxy answered 403 Forbidden',
    remedy: 'Have the proxy allow CONNECT to applogs-a1b2.westeurope-1.ingest.monitor.azure.com:443',
  },
  {
    what: 'the proxy wants a login',
    setUp: async () =>
      plain({
        ...settings(AZURE_ENDPOINT),
        HTTPS_PROXY: await proxy('407 Proxy Authentication Required'),
      }),
    check: 'connection',
    code: 'AZL3005',
    evidence: 'the proxy answered 407',
    remedy: 'export HTTPS_PROXY=http://USER:PASSWORD@127.0.0.1',
  },
  {
    what: 'the proxy is not there',
    setUp: async () =>
      plain({ ...settings(AZURE_ENDPOINT), HTTPS_PROXY: `http://127.0.0.1:${await closedPort()}` }),
    check: 'connection',
    code: 'AZL3005',
    evidence: 'ECONNREFUSED',
    remedy: 'unset HTTPS_PROXY',
  },
  {
    what: 'a proxy opens TLS with a certificate of its own authority',
    async setUp() {
      const emulator = await emulatorForTest()
      const tunnel = await proxy('200 OK', Number(new URL(emulator.httpsUrl).port))
      return plain({ ...settings(AZURE_ENDPOINT), HTTPS_PROXY: tunnel })
    },
    check: 'connection',
    code: 'AZL3004',
    evidence: /the certificate is issued by «[^»]+», which Node\.js does not trust/,
    remedy: 'export NODE_EXTRA_CA_CERTS=',
  },
  {
    what: 'a server that speaks no TLS answers at the endpoint',
    async setUp() {
      const url = await httpServer((_request, response) => response.end())
      return plain(settings(url.replace('http:', 'https:')))
    },
    check: 'connection',
    code: 'AZL3004',
    evidence: /^TLS: /,
    remedy: 'openssl s_client -connect 127.0.0.1:',
  },
  {
    what: 'this clock is twenty minutes ahead',
    async setUp() {
      const url = await httpServer((_request, response) => {
        response.setHeader('date', new Date(Date.now() - 20 * 60_000).toUTCString())
        response.end()
      })
      return plain(settings(url))
    },
    check: 'clock',
    code: 'AZL3006',
    evidence: 'this clock is 20 minutes ahead of the service’s',
    remedy: 'sudo timedatectl set-ntp true',
  },
  {
    what: 'there is no credential',
    async setUp() {
      const emulator = await emulatorForTest({ https: false })
      const { IDENTITY_ENDPOINT: _endpoint, IDENTITY_HEADER: _header, ...env } = emulator.env
      return plain({ ...env, ...(await azEnv({})), AZURE_TOKEN_CREDENTIALS: 'AzureCliCredential' })
    },
    check: 'token',
    code: 'AZL3007',
    evidence: /credential/i,
    remedy: 'az login',
  },
  {
    what: 'the managed identity endpoint never answers',
    async setUp() {
      const emulator = await emulatorForTest({ https: false })
      const silent = await httpServer(() => {})
      return plain({ ...emulator.env, IDENTITY_ENDPOINT: `${silent}/msi/token`, IDENTITY_HEADER: 'x' }, [
        '--credential',
        'managed-identity',
        '--timeout',
        '5',
      ])
    },
    check: 'token',
    code: 'AZL3007',
    evidence: 'the credential gave no token within 5 s',
    remedy: 'Assign a managed identity to this host',
  },
  {
    what: 'the variables of an application are missing',
    async setUp() {
      const emulator = await emulatorForTest({ https: false })
      return plain(emulator.env, ['--credential', 'environment'])
    },
    check: 'token',
    code: 'AZL3007',
    evidence: 'EnvironmentCredential',
    remedy: 'Set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.',
  },
  {
    what: 'the token is for the management API',
    setUp: () => withToken({ aud: 'https://management.azure.com' }),
    check: 'token',
    code: 'AZL3008',
    evidence: 'audience https://management.azure.com, but https://monitor.azure.com is needed',
    remedy: 'https://monitor.azure.com/.default',
  },
  {
    what: 'the token has expired',
    setUp: () => withToken({ exp: Math.floor(Date.now() / 1000) - 600 }),
    check: 'token',
    code: 'AZL3008',
    evidence: 'expired 10 minutes ago',
    remedy: 'date -u',
  },
  {
    what: 'the token is of another issuer',
    async setUp() {
      const emulator = await emulatorForTest({ https: false, auth: 'issued' })
      return plain({ ...emulator.env, ...(await identityEnv(tokenWith())) })
    },
    check: 'access',
    code: 'AZL3009',
    evidence: '401',
    remedy: 'az account get-access-token --resource https://monitor.azure.com --query tenant',
  },
  {
    what: 'the token is of another tenant than the rule, as az knows',
    async setUp() {
      const emulator = await emulatorForTest({ https: false, auth: 'issued' })
      const rule = deployed()
      Object.assign((rule as { data: object[] }).data[0] ?? {}, {
        tenantId: '99999999-9999-9999-9999-999999999999',
      })
      return plain({
        ...emulator.env,
        ...(await identityEnv(tokenWith())),
        ...(await azEnv({ ResourceGraph: rule })),
      })
    },
    check: 'access',
    code: 'AZL3009',
    evidence: '401',
    remedy: 'az login --tenant 99999999-9999-9999-9999-999999999999',
  },
  {
    what: 'the role is missing, and the service says on which rule',
    setUp: () =>
      forbidden(
        `${REFUSED} '${RULE}' PipelineAccessResult: AccessGranted: False, IsRbacPresent: False, IsDcrDceBindingValid: , DcrArmId: ${ARM_ID}, Message: Required authorization action was not found`,
      ),
    check: 'access',
    code: 'AZL3010',
    evidence: '403 OperationFailed: The authentication token provided does not have access',
    remedy: `az role assignment create --assignee-object-id 44444444-4444-4444-4444-444444444444 --assignee-principal-type ServicePrincipal --role "Monitoring Metrics Publisher" --scope ${ARM_ID}`,
  },
  {
    what: 'the role is missing, and az knows on which rule',
    setUp: async () => forbidden(`${REFUSED} '${RULE}'.`, await azEnv({ ResourceGraph: deployed() })),
    check: 'access',
    code: 'AZL3010',
    evidence: '403 OperationFailed',
    remedy: `--scope ${ARM_ID}`,
  },
  {
    what: 'it is sent through an endpoint that the rule does not name',
    setUp: () =>
      forbidden(
        `${REFUSED} '${RULE}' PipelineAccessResult: AccessGranted: False, IsRbacPresent: True, IsDcrDceBindingValid: False, DcrArmId: ${ARM_ID}`,
      ),
    check: 'access',
    code: 'AZL3011',
    evidence: 'IsDcrDceBindingValid: False',
    remedy: `properties.immutableId == \\"${RULE}\\"`,
  },
  {
    what: 'the role is there and the network is closed',
    setUp: () =>
      forbidden(
        `${REFUSED} '${RULE}' PipelineAccessResult: AccessGranted: False, IsRbacPresent: True, IsDcrDceBindingValid: True`,
      ),
    check: 'access',
    code: 'AZL3012',
    evidence: 'IsRbacPresent: True',
    remedy: 'allow public network access for ingestion',
  },
  {
    what: 'a gateway shows a page of its own, with the token in it',
    async setUp() {
      const url = await httpServer((request, response) => {
        response.writeHead(403, { 'content-type': 'text/html' })
        response.end(`<h1>Blocked</h1> ${request.headers.authorization}`)
      })
      return plain({ ...settings(url), ...(await identityEnv(tokenWith())) })
    },
    check: 'access',
    code: 'AZL3018',
    evidence: '403 with text/html: this is not the service’s own answer',
    remedy: 'curl -sv http://127.0.0.1',
  },
  {
    what: 'the refusal repeats the token',
    setUp: () => forbidden(`${REFUSED} '${RULE}'. Bearer ${tokenWith()}`),
    check: 'access',
    code: 'AZL3010',
    evidence: 'Bearer …',
    remedy: 'az role assignment create',
  },
  {
    what: 'the endpoint redirects to a login page',
    setUp: () => answering({ status: 302, headers: { location: 'https://login.example/' } }),
    check: 'access',
    code: 'AZL3018',
    evidence: '302 to https://login.example/',
    remedy: 'curl -sv',
  },
  {
    what: 'the rule id is of no rule',
    async setUp() {
      const emulator = await emulatorForTest({ https: false })
      return plain({
        ...emulator.env,
        ...(await identityEnv(tokenWith())),
        AZURE_DCR_RULE_ID: 'dcr-ffffffffffffffffffffffffffffffff',
      })
    },
    check: 'access',
    code: 'AZL3013',
    evidence:
      "404 NotFound: Data collection rule with immutable Id 'dcr-ffffffffffffffffffffffffffffffff' not found.",
    remedy: 'properties.immutableId == \\"dcr-ffffffffffffffffffffffffffffffff\\"',
  },
  {
    what: 'the rule has no such stream',
    async setUp() {
      const emulator = await emulatorForTest({ https: false })
      return plain({
        ...emulator.env,
        ...(await identityEnv(tokenWith())),
        ...(await azEnv({ ResourceGraph: deployed() })),
        AZURE_DCR_STREAM_NAME: 'Custom-AppLog_CL',
      })
    },
    check: 'access',
    code: 'AZL3014',
    evidence: 'the rule has no stream Custom-AppLog_CL; it has Custom-AppLogs_CL',
    remedy: 'export AZURE_DCR_STREAM_NAME=Custom-AppLogs_CL',
  },
  {
    what: 'something on the way takes no bodies',
    setUp: () => answering({ status: 413 }),
    check: 'access',
    code: 'AZL3015',
    evidence: 'sent: 2 bytes',
    remedy: 'maxBatchBytes',
  },
  {
    what: 'the rule is throttled',
    setUp: () => answering({ status: 429, headers: { 'retry-after': '30' } }),
    check: 'access',
    code: 'AZL3016',
    evidence: 'Retry-After: 30',
    remedy: 'spread over several rules',
  },
  {
    what: 'the service is in trouble',
    setUp: () => answering({ status: 503 }),
    check: 'access',
    code: 'AZL3017',
    evidence: '503',
    remedy: 'azlogs doctor --wait 30',
  },
  {
    what: 'the rule was made without «kind: Direct», as az knows',
    async setUp() {
      const emulator = await emulatorForTest({ https: false })
      const az = await azEnv({ ResourceGraph: deployed({ dataCollectionEndpointId: '' }) })
      return plain({ ...emulator.env, ...(await identityEnv(tokenWith())), ...az })
    },
    check: 'rule',
    code: 'AZL3022',
    evidence: 'applogs-prod has no endpoint of its own',
    remedy: '"kind": "Direct"',
  },
  {
    what: 'rule and workspace are in two regions, as az knows',
    async setUp() {
      const emulator = await emulatorForTest({ https: false })
      const az = await azEnv({
        ResourceGraph: deployed(),
        '/workspaces/w?': { location: 'northeurope' },
      })
      return plain({ ...emulator.env, ...(await identityEnv(tokenWith())), ...az })
    },
    check: 'rule',
    code: 'AZL3022',
    evidence: 'applogs-prod is in westeurope, its workspace in northeurope',
    remedy: 'Deploy the rule in northeurope.',
  },
  {
    what: 'the stream declares a column that the table has not, as az knows',
    async setUp() {
      const emulator = await emulatorForTest({ https: false })
      const columns = [
        { name: 'TimeGenerated', type: 'datetime' },
        { name: 'message', type: 'string' },
      ]
      const az = await azEnv({
        ResourceGraph: deployed({ streamDeclarations: { 'Custom-AppLogs_CL': { columns } } }),
        '/workspaces/w?': { location: 'West Europe' },
        '/tables/AppLogs_CL?': {
          properties: {
            schema: {
              columns: [
                { name: 'TimeGenerated', type: 'dateTime' },
                { name: 'Message', type: 'string' },
              ],
            },
          },
        },
      })
      return plain({ ...emulator.env, ...(await identityEnv(tokenWith())), ...az })
    },
    check: 'schema',
    code: 'AZL3021',
    evidence: 'message of the stream is spelt Message in the table AppLogs_CL',
    remedy: 'azlogs diff',
  },
]

const SECRETS = [/Y2FuYXJ5LXNpZ25hdHVyZQ/, /eyJ[\w-]{8,}/, /canary-identity-header/]

function expectNoSecret({ stdout, stderr }: Finished): void {
  for (const secret of SECRETS) {
    expect(stdout).not.toMatch(secret)
    expect(stderr).not.toMatch(secret)
  }
}

interface PrintedCheck {
  readonly name: string
  readonly status: string
  readonly evidence: string
  readonly code?: string
  readonly remedy?: string
}

const checksOf = ({ stdout }: Finished): readonly PrintedCheck[] =>
  (JSON.parse(stdout) as { checks: PrintedCheck[] }).checks

/** What fails here leaves nothing behind in a process. */
const BEFORE_TOKEN: ReadonlySet<string> = new Set(['config', 'dns', 'connection', 'clock'])

test.for(BROKEN)(
  'when $what, $check is the first check to fail, with $code and its remedy',
  async (broken) => {
    const { env, args = [] } = await broken.setUp()
    const run = BEFORE_TOKEN.has(broken.check) ? runHere : runCli
    const ran = await run(['doctor', '--json', ...args], { env })
    expect(ran.stderr).toBe('')
    expect(ran.code).toBe(1)
    const failed = checksOf(ran).find(({ status }) => status === 'fail')
    expect(failed).toMatchObject({ name: broken.check, code: broken.code })
    expect(failed?.evidence).toMatch(asPattern(broken.evidence))
    expect(failed?.remedy).toMatch(asPattern(broken.remedy))
    expectNoSecret(ran)
  },
)

test('everything in order: one line each with the time, exit code 0', async () => {
  const emulator = await emulatorForTest({ https: false })
  const env = { ...emulator.env, ...(await identityEnv(tokenWith())) }
  const ran = await runCli(['doctor'], { env })
  expect(ran).toMatchObject({ code: 0, stderr: '' })
  for (const name of ['config', 'dns', 'connection', 'clock', 'token', 'access']) {
    expect(ran.stdout).toMatch(new RegExp(String.raw`^ ✓ ${name} +.* \d+ ms$`, 'm'))
  }
  expect(ran.stdout).toContain('ManagedIdentityCredential')
  expect(ran.stdout).not.toContain('\u001B')
  expectNoSecret(ran)
})

test('https works through the authority of NODE_EXTRA_CA_CERTS, which is told', async () => {
  const emulator = await emulatorForTest()
  const { stdout, code } = await runCli(['doctor'], {
    env: { ...emulator.env, AZURE_DCE_ENDPOINT: emulator.httpsUrl },
  })
  expect(stdout).toMatch(/✓ connection +TLSv1\.3, certificate issued by/)
  expect(code).toBe(0)
})

test('a failure ends what depends on it, with the remedy on a line of its own', async () => {
  const ran = await runCli(['doctor'], { env: settings('https://applogs.invalid') })
  expect(ran.code).toBe(1)
  expect(ran.stdout).toMatch(/✗ dns .* AZL3002 .*\n {3}→ /)
  expect(ran.stdout).toContain('– connection, clock, token, access, rule, role, schema, canary not looked at')
})

test('--wait tries again until the role has spread', async () => {
  const emulator = await emulatorForTest({ https: false })
  const refusal = {
    status: 403,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ error: { code: 'OperationFailed', message: `${REFUSED} '${RULE}'.` } }),
  }
  emulator.answerNext(refusal, refusal)
  const env = { ...emulator.env, ...(await identityEnv(tokenWith())) }
  const ran = await runCli(['doctor', '--wait', '0.5'], { env })
  expect(ran.code).toBe(0)
  expect(ran.stderr.match(/waiting: 403 OperationFailed/g)).toHaveLength(2)
  expectNoSecret(ran)
})

test('with az, a missing role is told with what the identity has instead', async () => {
  const az = await azEnv({
    ResourceGraph: deployed(),
    roleAssignments: {
      value: [
        {
          properties: {
            roleDefinitionId: '/x/8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
            scope: '/subscriptions/s',
            createdOn: '2026-01-01T00:00:00Z',
          },
        },
      ],
    },
  })
  const { env } = await forbidden(`${REFUSED} '${RULE}'.`, az)
  const ran = await runCli(['doctor', '--json'], { env })
  expect(checksOf(ran).find(({ name }) => name === 'role')).toMatchObject({
    status: 'fail',
    code: 'AZL3010',
    evidence: expect.stringContaining('only Owner, which do not let it send') as string,
    remedy: expect.stringContaining(`--scope ${ARM_ID}`) as string,
  })
})

test('with az, a role that the app registration has in place of its service principal is told', async () => {
  const registration = '66666666-6666-6666-6666-666666666666'
  const az = await azEnv({
    ResourceGraph: deployed(),
    'ad app show --id 55555555-5555-5555-5555-555555555555': { id: registration },
    [`assignedTo('${registration}')`]: {
      value: [{ properties: { roleDefinitionId: '/x/3913510d-42f4-4e42-8a64-420c390055eb' } }],
    },
    roleAssignments: { value: [] },
  })
  const { env } = await forbidden(`${REFUSED} '${RULE}'.`, az)
  const ran = await runCli(['doctor', '--json'], { env })
  expect(checksOf(ran).find(({ name }) => name === 'role')).toMatchObject({
    status: 'fail',
    code: 'AZL3010',
    evidence: expect.stringContaining(
      `object ${registration} has it, which is the app registration and not its service principal`,
    ) as string,
    remedy: expect.stringContaining('--assignee-object-id 44444444-4444-4444-4444-444444444444') as string,
  })
})

test('an az that is not logged in is no failure', async () => {
  const emulator = await emulatorForTest({ https: false })
  const az = await azEnv({ ResourceGraph: "ERROR: Please run 'az login' to setup account." })
  const ran = await runCli(['doctor', '--json'], {
    env: { ...emulator.env, ...(await identityEnv(tokenWith())), ...az },
  })
  expect(ran.code).toBe(0)
  expect(checksOf(ran).find(({ name }) => name === 'rule')).toMatchObject({
    status: 'skip',
    evidence: 'az is not logged in',
  })
})

function asPattern(expected: string | RegExp): RegExp {
  return expected instanceof RegExp
    ? expected
    : new RegExp(expected.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`))
}

test('a time that is no number above 0 is asked wrongly', async () => {
  for (const args of [
    ['--timeout', 'soon'],
    ['--wait', '0'],
  ]) {
    const { code, stderr } = await runHere(['doctor', ...args], { env: {} })
    expect(stderr).toContain(`${args[0]} is "${args[1]}".`)
    expect(code).toBe(2)
  }
})
