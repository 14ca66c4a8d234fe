import { chmod, copyFile, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { defaultSchema } from '@azlogs/emulator'
import { describe, expect, test, vi } from 'vitest'

import { createLock, formatLock } from '../src/schema/lock.ts'
import type { LockColumn } from '../src/schema/lock.ts'
import { runCli, runHere } from './run-cli.ts'
import type { Finished } from './run-cli.ts'
import { directoryForTest } from './surroundings.ts'

// Each test starts several processes, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const ORDER_ID: LockColumn = { name: 'OrderId', type: 'long', from: ['orderId'] }
const AMOUNT: LockColumn = { name: 'AmountEur', type: 'real', from: ['amountEur'] }
const base = defaultSchema.columns as readonly LockColumn[]
const RULE_ID = `dcr-${'a'.repeat(32)}`

interface Column {
  readonly name: string
  readonly type: string
}

interface Answer {
  readonly differences: readonly object[]
  readonly steps: readonly {
    readonly resource: string
    readonly body: { readonly properties: Readonly<Record<string, unknown>> }
  }[]
}

describe('schema and sample', () => {
  test('no differences is exit code 0', async () => {
    const { diff } = await project([...base, ORDER_ID])
    const { code, stdout } = await diff(['--from', await sampleFile({ orderId: 1 })])
    expect(stdout).toBe('No differences: the schema = 1 rows of the sample.\n')
    expect(code).toBe(0)
  })

  test('a new key is an addition, and init --update takes it up', async () => {
    const { diff, folder } = await project([...base, ORDER_ID])
    const sample = await sampleFile({ orderId: 1, amountEur: 1.5 })
    const { code, stdout } = await diff(['--from', sample])
    expect(stdout).toContain('+ schema: AmountEur real\n')
    expect(stdout).toContain(`1. azlogs init --update --from ${sample}`)
    expect(code).toBe(1)
    await runHere(['init', '--update', '--yes', '--from', sample, '--out', folder])
    expect(await diff(['--from', sample])).toMatchObject({ code: 0 })
    expect(JSON.parse(await readFile(join(folder, 'azlogs.schema.json'), 'utf8'))).toMatchObject({
      columns: [...base, ORDER_ID, AMOUNT].map(({ name, type }) => expect.objectContaining({ name, type })),
    })
  })

  test('values that do not fit their column are refused, with a column beside it as the way out', async () => {
    const { answer } = await project([...base, ORDER_ID])
    const { differences } = await answer(['--from', await sampleFile({ orderId: 'A-1' })])
    expect(differences).toEqual([
      {
        kind: 'refuse',
        column: 'OrderId',
        in: 'schema',
        has: 'long',
        wanted: 'string',
        proposal: { name: 'OrderId_v2', type: 'string' },
      },
    ])
  })

  test('a sample comes from a pipe too, which is shown nowhere', async () => {
    const { folder } = await project(base)
    const ran = await runHere(['diff', '--from', '-'], {
      cwd: folder,
      input: '{"level":30,"time":1795000000000,"msg":"x","brandNew":1}\n',
    })
    expect(ran).toMatchObject({ code: 1, stderr: expect.not.stringContaining('INFO') as string })
    expect(ran.stdout).toContain('BrandNew')
  })

  test('values that fit a wider column are no difference', async () => {
    const { diff } = await project([
      ...base,
      { name: 'A_', type: 'real', from: ['a'] },
      { name: 'B_', type: 'string', from: ['b'] },
      { name: 'C_', type: 'int', from: ['c'] },
      { name: 'D_', type: 'dynamic', from: ['d'] },
    ])
    expect(await diff(['--from', await sampleFile({ a: 1, b: true, c: 7, d: 'x' })])).toMatchObject({
      code: 0,
    })
  })
})

describe('schema and what is deployed', () => {
  test('what is deployed as the generated ARM template says is no difference', async () => {
    const { diff, folder } = await project([...base, ORDER_ID])
    await runHere([
      'init',
      '--update',
      '--out',
      folder,
      '--iac',
      'arm',
      '--from',
      await sampleFile({ orderId: 1 }),
    ])
    const { code, stdout } = await diff(['--deployed', join(folder, 'infra/azuredeploy.json')])
    expect(stdout).toBe('No differences: the schema = the table = the rule.\n')
    expect(code).toBe(0)
  })

  test('additions go to the table first, with every column that it has, and then to the rule', async () => {
    const { answer } = await project([...base, ORDER_ID])
    const deployed = await deployedFiles([...base, { name: 'ByHand', type: 'string' }], base)
    const { differences, steps } = await answer(['--deployed', deployed])
    expect(differences).toEqual([
      { kind: 'add', column: 'OrderId', type: 'long', to: 'table' },
      { kind: 'keep', column: 'ByHand', type: 'string', in: 'table' },
      { kind: 'add', column: 'OrderId', type: 'long', to: 'stream' },
    ])
    expect(steps.map(({ resource }) => resource)).toEqual(['table', 'rule'])
    const [table, rule] = steps
    const schema = table?.body.properties['schema'] as { readonly columns: readonly Column[] } | undefined
    expect(schema?.columns.map(({ name }) => name)).toEqual([
      ...base.map(({ name }) => name),
      'ByHand',
      'OrderId',
    ])
    expect(rule?.body).toMatchObject({ kind: 'Direct', location: 'westeurope' })
    expect(rule?.body).not.toHaveProperty('id')
    expect(rule?.body.properties).not.toHaveProperty('immutableId')
    expect(rule?.body.properties['streamDeclarations']).toMatchObject({
      'Custom-Other_CL': { columns: [] },
      'Custom-AppLogs_CL': { columns: expect.arrayContaining([{ name: 'OrderId', type: 'long' }]) },
    })
  })

  test('a change of type is refused, and nothing about that column is in the plan', async () => {
    const { answer, diff } = await project([...base, ORDER_ID, AMOUNT])
    const deployed = await deployedFiles([...base, { name: 'OrderId', type: 'string' }], base)
    const { differences, steps } = await answer(['--deployed', deployed])
    expect(differences).toContainEqual({
      kind: 'refuse',
      column: 'OrderId',
      in: 'table',
      has: 'string',
      wanted: 'long',
      proposal: { name: 'OrderId_v2', type: 'long' },
    })
    const [table, rule] = steps
    expect(JSON.stringify(table)).toContain('{"name":"OrderId","type":"string"}')
    expect(JSON.stringify(rule)).not.toContain('OrderId')
    expect(JSON.stringify(rule)).toContain('AmountEur')
    const { code, stdout } = await diff(['--deployed', deployed])
    expect(stdout).toContain(
      'OrderId is string, not long, and a column cannot be changed; add OrderId_v2 long beside it',
    )
    expect(code).toBe(1)
  })

  test('a name that differs by case only is refused', async () => {
    const { answer } = await project([...base, ORDER_ID])
    const { differences } = await answer([
      '--deployed',
      await deployedFiles([...base, { name: 'orderid', type: 'long' }]),
    ])
    expect(differences).toEqual([
      expect.objectContaining({ kind: 'refuse', has: 'orderid', wanted: 'OrderId' }),
    ])
  })

  test('a guid column of a table is refused: the stream cannot say guid', async () => {
    const { answer } = await project([...base, { name: 'Session', type: 'string', from: ['session'] }])
    const { differences } = await answer([
      '--deployed',
      await deployedFiles([...base, { name: 'Session', type: 'guid' }]),
    ])
    expect(differences).toEqual([expect.objectContaining({ kind: 'refuse', has: 'guid', wanted: 'string' })])
  })

  test('a rule without an endpoint, with a transformation or into another table is named', async () => {
    const { diff } = await project(base)
    const folder = await directoryForTest()
    const flow = {
      streams: ['Custom-AppLogs_CL'],
      outputStream: 'Custom-Other_CL',
      transformKql: 'source | take 1',
    }
    await writeFile(
      join(folder, 'rule.json'),
      JSON.stringify({
        kind: 'Linux',
        properties: { streamDeclarations: { 'Custom-AppLogs_CL': { columns: base } }, dataFlows: [flow] },
      }),
    )
    const { stdout } = await diff(['--deployed', join(folder, 'rule.json')])
    expect(stdout).toMatch(/^! the rule is of the kind Linux and has no endpoint of its own\./m)
    expect(stdout).toMatch(/^! the stream flows into Custom-Other_CL/m)
    expect(stdout).toMatch(/^! the rule transforms the rows/m)
  })

  test('--out writes the bodies, and never over a file', async () => {
    const { diff, folder } = await project([...base, ORDER_ID])
    const args = ['--deployed', await deployedFiles(base, base), '--out', join(folder, 'plan')]
    const { stdout } = await diff(args)
    expect(stdout).toContain(`--body @${join(folder, 'plan', 'table.json')}`)
    expect(JSON.parse(await readFile(join(folder, 'plan/rule.json'), 'utf8'))).toMatchObject({
      kind: 'Direct',
    })
    expect(await diff(args)).toMatchObject({ code: 2, stderr: expect.stringContaining('AZL1002') })
  })
})

test('--live asks Azure through az', async () => {
  const { diff } = await project([...base, ORDER_ID])
  const bin = await directoryForTest()
  await copyFile(new URL('fixtures/az.mjs', import.meta.url), join(bin, 'az'))
  await chmod(join(bin, 'az'), 0o755)
  const rule = ruleResource(base)
  const answers = {
    'Microsoft.ResourceGraph': { data: [rule] },
    '/tables/AppLogs_CL': tableResource(base),
    '/dataCollectionRules/': rule,
  }
  await writeFile(join(bin, 'answers.json'), JSON.stringify(answers))
  const env = {
    PATH: `${bin}:${dirname(process.execPath)}:${process.env['PATH']}`,
    AZ_ANSWERS: join(bin, 'answers.json'),
    AZURE_DCR_RULE_ID: RULE_ID,
  }
  const { code, stdout, stderr } = await diff(['--live'], env)
  expect(stderr).toBe('')
  expect(stdout).toContain('+ table: OrderId long\n+ stream: OrderId long\n')
  expect(stdout).toContain(
    "--url 'https://management.azure.com/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w/tables/AppLogs_CL?api-version=2025-07-01'",
  )
  expect(code).toBe(1)
  await writeFile(join(bin, 'answers.json'), '{}')
  expect(await diff(['--live'], env)).toMatchObject({ code: 2, stderr: expect.stringContaining('AZL2004') })
})

describe('exit code 2', () => {
  test.for<[what: string, args: readonly string[], code: string]>([
    ['nothing to compare with', [], 'AZL1001'],
    ['a file that is not there', ['--deployed', 'none.json'], 'AZL1002'],
    ['a document without table and rule', ['--deployed', 'package.json'], 'AZL2003'],
    ['no JSON', ['--deployed', 'README'], 'AZL2003'],
    ['--live without a rule', ['--live'], 'AZL1001'],
    ['--live with a wrong rule id', ['--live', '--rule-id', 'app-logs'], 'AZL1001'],
    ['an empty sample', ['--from', 'README'], 'AZL2001'],
    ['an unknown format', ['--from', 'README', '--format', 'bunyan'], 'AZL1001'],
  ])('%s', async ([, args, code]) => {
    const { folder } = await project(base)
    await writeFile(join(folder, 'package.json'), '{}')
    await writeFile(join(folder, 'README'), 'words')
    expect(await runHere(['diff', ...args], { cwd: folder })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(code),
    })
  })

  test('no schema', async () => {
    const cwd = await directoryForTest()
    expect(await runHere(['diff', '--from', 'x'], { cwd })).toMatchObject({ code: 2 })
  })
})

interface Project {
  readonly folder: string
  readonly diff: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Finished>
  readonly answer: (args: readonly string[]) => Promise<Answer>
}

async function project(columns: readonly LockColumn[]): Promise<Project> {
  const folder = await directoryForTest()
  await writeFile(join(folder, 'azlogs.schema.json'), formatLock(createLock('AppLogs_CL', columns)))
  const diff: Project['diff'] = (args, env = {}) => runCli(['diff', ...args], { cwd: folder, env })
  return {
    folder,
    diff,
    answer: async (args) =>
      JSON.parse((await runHere(['diff', ...args, '--json'], { cwd: folder })).stdout) as Answer,
  }
}

async function sampleFile(properties: object): Promise<string> {
  const path = join(await directoryForTest(), 'app.ndjson')
  await writeFile(
    path,
    `${JSON.stringify({ level: 30, time: 1_795_000_000_000, msg: 'hi', ...properties })}\n`,
  )
  return path
}

/** What `az rest` says about the table and the rule. */
async function deployedFiles(table: readonly Column[], stream?: readonly Column[]): Promise<string> {
  const folder = await directoryForTest()
  const paths = [join(folder, 'table.json')]
  await writeFile(join(folder, 'table.json'), JSON.stringify(tableResource(table)))
  if (stream !== undefined) {
    paths.push(join(folder, 'rule.json'))
    await writeFile(join(folder, 'rule.json'), JSON.stringify(ruleResource(stream)))
  }
  return paths.join(',')
}

const WORKSPACE = '/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w'

function tableResource(columns: readonly Column[]): object {
  const standardColumns = [{ name: 'TenantId', type: 'guid' }]
  return {
    id: `${WORKSPACE}/tables/AppLogs_CL`,
    name: 'AppLogs_CL',
    properties: {
      plan: 'Analytics',
      schema: { name: 'AppLogs_CL', columns: plain(columns), standardColumns },
    },
  }
}

function ruleResource(columns: readonly Column[]): object {
  return {
    id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/dataCollectionRules/app-logs',
    name: 'app-logs',
    location: 'westeurope',
    kind: 'Direct',
    properties: {
      immutableId: RULE_ID,
      endpoints: { logsIngestion: 'https://app-logs-x1y2.westeurope-1.ingest.monitor.azure.com' },
      streamDeclarations: {
        'Custom-Other_CL': { columns: [] },
        'Custom-AppLogs_CL': { columns: plain(columns) },
      },
      destinations: { logAnalytics: [{ name: 'workspace', workspaceResourceId: WORKSPACE }] },
      dataFlows: [
        {
          streams: ['Custom-AppLogs_CL'],
          destinations: ['workspace'],
          transformKql: 'source',
          outputStream: 'Custom-AppLogs_CL',
        },
      ],
    },
  }
}

function plain(columns: readonly Column[]): readonly Column[] {
  return columns.map(({ name, type }) => ({ name, type }))
}
