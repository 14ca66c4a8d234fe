import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { createShipper } from '@azlogs/core'
import { defaultSchema } from '@azlogs/emulator'
import { expect, onTestFinished, test, vi } from 'vitest'

import { checkCanary } from '../src/doctor/check-canary.ts'
import type { CanaryOptions } from '../src/doctor/check-canary.ts'
import { createAsker } from '../src/query/ask.ts'
import { queryPlace } from '../src/query/place.ts'
import { createLock, formatLock } from '../src/schema/lock.ts'
import { runCli } from './run-cli.ts'
import type { Finished } from './run-cli.ts'
import {
  directoryForTest,
  emulatorForTest,
  httpServer,
  identityEnv,
  proxy,
  tokenWith,
} from './surroundings.ts'

// Each test starts processes, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 })

interface Printed {
  readonly checks: readonly { readonly name: string; readonly status: string; readonly evidence: string }[]
  readonly columns: readonly { readonly column: string; readonly outcome: string }[]
}

const printed = ({ stdout }: Finished): Printed => JSON.parse(stdout) as Printed

async function withLock(...columns: Parameters<typeof createLock>[1]): Promise<string> {
  const cwd = await directoryForTest()
  const lock = createLock('AppLogs_CL', [{ name: 'TimeGenerated', type: 'datetime' }, ...columns])
  await writeFile(join(cwd, 'azlogs.schema.json'), formatLock(lock))
  return cwd
}

test('--send puts a value into every column and finds them all in the emulator', async () => {
  const emulator = await emulatorForTest({ https: false })
  const env = { ...emulator.env, ...(await identityEnv(tokenWith())) }
  const ran = await runCli(['doctor', '--send', '--json'], { env })
  expect(ran.code).toBe(0)
  const { checks, columns } = printed(ran)
  expect(checks.find(({ name }) => name === 'canary')).toMatchObject({
    status: 'ok',
    evidence: 'the row is there, all 15 columns as sent',
  })
  expect(columns).toHaveLength(defaultSchema.columns.length)
  expect(columns.every(({ outcome }) => outcome === 'stored')).toBe(true)
  emulator.assertNothingDropped()
})

test('--send tells which columns of the schema file are dropped and which do not fit', async () => {
  const emulator = await emulatorForTest({ https: false })
  const env = { ...emulator.env, ...(await identityEnv(tokenWith())) }
  const cwd = await withLock(
    { name: 'Message', type: 'string' },
    { name: 'RecordId', type: 'string' },
    { name: 'CartItems', type: 'int' },
    { name: 'SeverityNumber', type: 'string' },
    { name: 'ProcessId', type: 'long' },
  )
  const ran = await runCli(['doctor', '--send', '--json'], { env, cwd })
  expect(ran.code).toBe(1)
  const { checks, columns } = printed(ran)
  const canary = checks.find(({ name }) => name === 'canary')
  expect(canary).toMatchObject({
    status: 'fail',
    code: 'AZL3020',
    remedy: expect.stringContaining('azlogs diff') as string,
  })
  expect(canary?.evidence).toContain('column "CartItems" is not in Custom-AppLogs_CL: dropped from 1 row')
  expect(columns.filter(({ outcome }) => outcome !== 'stored').map(({ column }) => column)).toEqual([
    'CartItems',
    'ProcessId',
  ])
})

test('a row that can be read only later is waited for', async () => {
  const emulator = await emulatorForTest({ https: false, visibleAfterMs: 1500 })
  const env = { ...emulator.env, ...(await identityEnv(tokenWith())) }
  const ran = await runCli(['doctor', '--send'], { env })
  expect(ran.stdout).toContain('✓ canary      the row is there')
  expect(ran.code).toBe(0)
})

/** A row of Azure’s own: an endpoint that takes it, and a workspace that answers queries. */
async function azure(answers: (row: Readonly<Record<string, unknown>>, asked: number) => object | undefined) {
  let row: Record<string, unknown> = {}
  const ingestion = await httpServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      ;[row = {}] = JSON.parse(body) as [Record<string, unknown>]
      response.writeHead(204).end()
    })
  })
  let asked = 0
  const workspace = await httpServer((request, response) => {
    request.resume()
    const stored = answers(row, (asked += 1))
    response.writeHead(stored === undefined ? 400 : 200, { 'content-type': 'application/json' })
    const columns = Object.keys(stored ?? {}).map((name) => ({ name, type: 'string' }))
    const rows = columns.length === 0 ? [] : [Object.values(stored ?? {})]
    response.end(
      JSON.stringify(
        stored === undefined
          ? { error: { code: 'BadArgumentError', message: "Failed to resolve table 'Orders_CL'" } }
          : { tables: [{ name: 'PrimaryResult', columns, rows }] },
      ),
    )
  })
  const tunnel = await proxy('200 OK', Number(new URL(ingestion).port))
  const lock = createLock('Orders_CL', [
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'RecordId', type: 'string' },
    { name: 'Amount', type: 'real' },
    { name: 'Total', type: 'long' },
    { name: 'Paid', type: 'boolean' },
    { name: 'Properties', type: 'dynamic' },
  ])
  const credential = {
    getToken: async () => ({ token: tokenWith(), expiresOnTimestamp: Date.now() + 60_000 }),
  }
  const notes: string[] = []
  const options: CanaryOptions = {
    access: {
      destination: {
        endpoint: new URL('http://applogs.example'),
        ruleId: 'dcr-0123456789abcdef0123456789abcdef',
        streamName: lock.stream,
        cloud: { suffix: '', audience: 'https://monitor.azure.com', authorityHost: undefined },
      },
      token: { text: tokenWith(), claims: undefined },
      proxy: { url: new URL(tunnel), variable: 'HTTPS_PROXY' },
      timeoutMs: 15_000,
      findRule: async () => undefined,
    },
    lock,
    rule: undefined,
    waitMs: 10_000,
    asker: createAsker(queryPlace(workspace, undefined), credential),
    note: (text) => void notes.push(text),
  }
  return { options, notes }
}

test('in a workspace the row is polled for, through errors of a table that is new, and compared', async () => {
  const { options, notes } = await azure((row, asked) => {
    if (asked === 1) return undefined
    if (asked === 2) return {}
    return { ...row, Paid: 1, Total: '9007199254740991', Properties: '{"canary": true}' }
  })
  const { finding } = await checkCanary(options)
  expect(finding).toMatchObject({ status: 'ok' })
  expect(finding.evidence).toMatch(/^the row is there after \d+ s, all 6 columns as sent$/)
  expect(notes).toEqual([
    "   waiting for the row in Orders_CL: The query is refused: Failed to resolve table 'Orders_CL'",
    '   waiting for the row in Orders_CL: it is not there',
  ])
})

test('in a workspace, columns that are empty or changed are named', async () => {
  const { options } = await azure((row) => ({ ...row, Amount: null, TimeGenerated: '2026-01-01T00:00:00Z' }))
  const { finding } = await checkCanary(options)
  expect(finding).toMatchObject({
    status: 'fail',
    code: 'AZL3020',
    evidence:
      'the row is there after 0 s, but 2 of 6 columns are not as sent: TimeGenerated is changed; Amount is missing',
  })
})

test('without a workspace to look in, that is said', async () => {
  const { options } = await azure(() => ({}))
  const { finding } = await checkCanary({ ...options, asker: undefined })
  expect(finding).toMatchObject({
    status: 'warn',
    remedy: expect.stringContaining('--workspace GUID') as string,
  })
})

test('without a schema file the row is looked for where the rule sends it, else in the table of the stream', async () => {
  const columns = [
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'RecordId', type: 'string' },
  ]
  const { options, notes } = await azure((row, asked) => (asked % 2 === 1 ? {} : row))
  const { streamName } = options.access.destination
  const flow = {
    streams: [streamName],
    destinations: ['w'],
    transformKql: 'source',
    outputStream: 'Microsoft-Syslog',
  }
  for (const flows of [[flow], []]) {
    const rule = { streams: { [streamName]: columns }, flows } as unknown as NonNullable<
      CanaryOptions['rule']
    >
    const { finding } = await checkCanary({ ...options, lock: undefined, rule })
    expect(finding).toMatchObject({ status: 'ok' })
  }
  expect(notes.map((note) => /the row in (\w+):/.exec(note)?.[1])).toEqual(['Syslog', 'Orders_CL'])
})

test.each([
  [10_000, /^azlogs doctor --send --wait 15 /],
  [15 * 60_000, /^azlogs query "DCRLogErrors \| where ClientRequestId == '[-0-9a-f]{36}'"/],
])('a row that is not there after %i ms is told with what to do next', async (waitMs, remedy) => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  // Time passes while the workspace is asked.
  const { options, notes } = await azure(() => {
    vi.setSystemTime(Date.now() + 3_600_000)
    return {}
  })
  const { finding } = await checkCanary({ ...options, waitMs })
  expect(finding).toMatchObject({
    status: 'fail',
    code: 'AZL3020',
    evidence: '204, and after 3600 s: it is not there',
    remedy: expect.stringMatching(remedy) as string,
  })
  expect(notes).toEqual([])
})

test('in an emulator that others log into, the row is found among theirs', async () => {
  const emulator = await emulatorForTest({ https: false })
  const shipper = createShipper({
    endpoint: emulator.url,
    ruleId: emulator.ruleId,
    streamName: emulator.streamName,
    credential: emulator.credential,
  })
  for (let round = 0; round < 3; round += 1) {
    for (let n = 0; n < 20; n += 1) shipper.push({ Message: `m${n}`, RecordId: `r-${round}-${n}` })
    await shipper.flush()
  }
  const { options } = await azure(() => ({}))
  const { token } = await emulator.credential.getToken('https://monitor.azure.com/.default')
  const { finding } = await checkCanary({
    ...options,
    lock: undefined,
    access: {
      ...options.access,
      destination: {
        ...options.access.destination,
        endpoint: new URL(emulator.url),
        ruleId: emulator.ruleId,
        streamName: emulator.streamName,
      },
      token: { text: token, claims: undefined },
      proxy: undefined,
    },
  })
  expect(finding).toMatchObject({ status: 'ok', evidence: 'the row is there, all 15 columns as sent' })
  await shipper.close()
})
