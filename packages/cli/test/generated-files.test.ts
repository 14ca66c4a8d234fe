import { execFile } from 'node:child_process'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { LogsIngestionClient } from '@azlogs/core'
import type { ArmDocument } from '@azlogs/emulator'
import { parse as parseHcl } from '@cdktf/hcl2json'
import { Ajv } from 'ajv'
import { beforeAll, describe, expect, test, vi } from 'vitest'

import { generateFiles } from '../src/generate/generate.ts'
import type { GeneratedFile } from '../src/generate/generated-file.ts'
import { createLock, isLock, parseLock } from '../src/schema/lock.ts'
import type { SchemaLock } from '../src/schema/lock.ts'
import { parseBicep } from './bicep.ts'
import type { BicepFile } from './bicep.ts'
import { kqlProblems } from './kql.ts'
import { runCli, runHere } from './run-cli.ts'
import { directoryForTest, emulatorForTest } from './surroundings.ts'

// Each test starts several processes, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const run = promisify(execFile)
const ROOT = new URL('../../../', import.meta.url).pathname
const GOLDEN = new URL('golden/', import.meta.url)
const SAMPLE = new URL('sample.ndjson', GOLDEN).pathname

interface ArmTemplate {
  readonly resources: readonly ArmResource[]
  readonly outputs: Readonly<Record<string, unknown>>
}

interface ArmResource {
  readonly type: string
  readonly apiVersion: string
  readonly name: string
  readonly kind?: string
  readonly scope?: string
  readonly dependsOn?: readonly string[]
  readonly properties: Readonly<Record<string, unknown>>
}

interface Column {
  readonly name: string
  readonly type: string
}

let lock: SchemaLock
let files: ReadonlyMap<string, string>
let arm: ArmTemplate
let bicep: BicepFile
let terraform: string
let script: string

beforeAll(async () => {
  const parsed = parseLock(await readFile(new URL('azlogs.schema.json.golden', GOLDEN), 'utf8'))
  if (!isLock(parsed)) throw new Error(parsed.join('; '))
  lock = parsed
  const generated = generateFiles({ lock, ruleName: 'app-logs', typeScriptPath: 'azlogs.generated.ts' })
  files = new Map(generated.map(({ path, text }: GeneratedFile) => [path, text]))
  arm = JSON.parse(fileNamed('infra/azuredeploy.json')) as ArmTemplate
  bicep = await parseBicep(fileNamed('infra/main.bicep'))
  terraform = fileNamed('infra/main.tf')
  script = fileNamed('infra/deploy.sh')
})

function fileNamed(path: string): string {
  const text = files.get(path)
  if (text === undefined) throw new Error(`no ${path}`)
  return text
}

test('azlogs init writes the same bytes every time', async () => {
  for (const run of [runCli, runHere]) {
    const folder = await directoryForTest()
    const { code, stdout, stderr } = await run(['init', '--yes', '--from', SAMPLE, '--out', folder])
    expect(code, stderr).toBe(0)
    await expect(stdout).toMatchFileSnapshot(new URL('stdout.golden', GOLDEN).pathname)
    for (const path of files.keys()) {
      const text = await readFile(join(folder, path), 'utf8')
      await expect(text).toMatchFileSnapshot(new URL(`${path}.golden`, GOLDEN).pathname)
    }
  }
})

describe('each file is what its reader reads', () => {
  test('Bicep', () => {
    expect(bicep.hasError).toBe(false)
  })

  test('Terraform', async () => {
    const parsed = (await parseHcl('main.tf', terraform)) as { readonly resource: object }
    expect(Object.keys(parsed.resource).sort()).toEqual(['azapi_resource', 'azurerm_role_assignment'])
  })

  test('KQL, by the language service of Microsoft', () => {
    const queries = [...files].filter(([path]) => path.endsWith('.kql'))
    expect(queries.length).toBeGreaterThan(7)
    for (const [path, text] of queries) {
      expect(kqlProblems(text, { [lock.table]: lock.columns }), path).toEqual([])
    }
    expect(kqlProblems(`${lock.table} | where Levl == ''`, { [lock.table]: lock.columns })).toHaveLength(1)
  })

  test('the queries in the workbook', () => {
    const workbook = JSON.parse(fileNamed('infra/workbook.json')) as {
      readonly items: readonly { readonly content: { readonly query?: string } }[]
    }
    const queries = workbook.items.flatMap(({ content: { query } }) => (query === undefined ? [] : [query]))
    expect(queries).toHaveLength(5)
    for (const query of queries) expect(kqlProblems(query, { [lock.table]: lock.columns })).toEqual([])
  })

  test('ARM, by the published schemas', async () => {
    const schema = JSON.parse(
      await readFile(new URL('fixtures/arm-resources.schema.json', import.meta.url), 'utf8'),
    ) as object
    const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema)
    validate(arm)
    expect(validate.errors ?? []).toEqual([])
    const broken = structuredClone(arm) as unknown as { resources: { properties: Record<string, unknown> }[] }
    for (const { properties } of broken.resources) properties['dataFlows'] = 'source'
    expect(validate(broken)).toBe(false)
  })
})

test('the options are what the transports take, and the row’s type refuses what is no column', async () => {
  const folder = await directoryForTest()
  await symlink(new URL('../node_modules', import.meta.url).pathname, join(folder, 'node_modules'))
  await writeFile(join(folder, 'azlogs.generated.ts'), fileNamed('azlogs.generated.ts'))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  const compile = async (row: string): Promise<string> => {
    await writeFile(
      join(folder, 'use.ts'),
      [
        "import { azureLogsTransport, createAzureLogsStream } from '@azlogs/pino'",
        "import { AzureLogsTransport } from '@azlogs/winston'",
        "import { azlogsOptions } from './azlogs.generated.ts'",
        "import type { AppLogsRow } from './azlogs.generated.ts'",
        'export const transports: readonly unknown[] = [',
        '  azureLogsTransport({ ...azlogsOptions }),',
        '  createAzureLogsStream({ ...azlogsOptions, flushIntervalMs: 1 }),',
        '  new AzureLogsTransport({ ...azlogsOptions }),',
        ']',
        `export const row: AppLogsRow = { TimeGenerated: new Date(), ${row} }`,
      ].join('\n'),
    )
    const config = { extends: join(ROOT, 'tsconfig.json'), include: ['*.ts'] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const tsc = join(ROOT, 'node_modules', '.bin', 'tsc')
    return run(tsc, ['-p', folder, '--typeRoots', join(ROOT, 'node_modules', '@types')]).then(
      ({ stdout }) => stdout,
      ({ stdout }: { readonly stdout: string }) => stdout,
    )
  }
  expect(await compile('OrderId: 1, Items: [1]')).toBe('')
  expect(await compile('Paid: 1')).toContain("Type 'number' is not assignable to type 'boolean'")
  expect(await compile('Orderid: 1')).toContain("'Orderid' does not exist in type 'AppLogsRow'")
})

test('the emulator, which reads ARM by itself, takes the template and stores a value in every column', async () => {
  const emulator = await emulatorForTest({
    schema: [JSON.parse(fileNamed('infra/azuredeploy.json')) as ArmDocument],
    mode: 'strict',
    https: false,
  })
  const client = new LogsIngestionClient(emulator.url, emulator.credential)
  const row = Object.fromEntries(lock.columns.map(({ name, type }) => [name, VALUES[type]]))
  await client.upload(emulator.ruleId, emulator.streamName, [row])
  await client.close()
  const [stored] = await emulator.waitForRows(1)
  emulator.assertNothingDropped()
  expect(Object.values(stored ?? {}).filter((value) => value === null || value === '')).toEqual([])
})

const VALUES = {
  string: 'text',
  int: 1,
  long: 2 ** 40,
  real: 1.5,
  boolean: true,
  datetime: new Date().toISOString(),
  dynamic: { a: 1 },
}

describe('the traps of the documentation and its samples are avoided', () => {
  const resource = (type: string): ArmResource => {
    const found = arm.resources.find((candidate) => candidate.type === type)
    if (found === undefined) throw new Error(`no ${type}`)
    return found
  }
  const rule = (): ArmResource => resource('Microsoft.Insights/dataCollectionRules')
  const table = (): ArmResource => resource('Microsoft.OperationalInsights/workspaces/tables')
  const bicepResource = (type: string): Readonly<Record<string, unknown>> => {
    const found = [...bicep.resources].find(([key]) => key.startsWith(`${type}@`))
    if (found === undefined) throw new Error(`no ${type} in Bicep`)
    return found[1]
  }
  const streams = (): Readonly<Record<string, { readonly columns: readonly Column[] }>> =>
    rule().properties['streamDeclarations'] as Readonly<
      Record<string, { readonly columns: readonly Column[] }>
    >
  const tableColumns = (): readonly Column[] =>
    (table().properties['schema'] as { readonly columns: readonly Column[] }).columns
  const all = (): string =>
    [fileNamed('infra/azuredeploy.json'), fileNamed('infra/main.bicep'), terraform, script].join()

  test('the key of the stream begins with Custom-', () => {
    expect(Object.keys(streams())).toEqual(['Custom-AppLogs_CL'])
  })

  test('the rule has a version of the rules’ API and not of the tables’', () => {
    expect(rule().apiVersion).toBe('2023-03-11')
    expect(table().apiVersion).toBe('2025-07-01')
    expect([...bicep.resources.keys()]).toEqual(
      expect.arrayContaining([
        'Microsoft.Insights/dataCollectionRules@2023-03-11',
        'Microsoft.OperationalInsights/workspaces/tables@2025-07-01',
      ]),
    )
    expect(all()).not.toMatch(/dataCollectionRules@2025|2021-04-01|2022-06-01/)
  })

  test('the rule is of the kind Direct: it has an endpoint of its own', () => {
    expect(rule().kind).toBe('Direct')
    expect(bicepResource('Microsoft.Insights/dataCollectionRules')['kind']).toBe('Direct')
    expect(terraform).toContain('kind = "Direct"')
    expect(script).toContain('"kind": "Direct"')
  })

  test('dataCollectionEndpointId stands inside properties', () => {
    expect(rule()).not.toHaveProperty('dataCollectionEndpointId')
    expect(rule().properties).toHaveProperty('dataCollectionEndpointId')
    expect(bicepResource('Microsoft.Insights/dataCollectionRules')).not.toHaveProperty(
      'dataCollectionEndpointId',
    )
  })

  test('the output stream is Custom-T_CL and not T_CL', () => {
    expect(rule().properties['dataFlows']).toEqual([
      {
        streams: ['Custom-AppLogs_CL'],
        destinations: ['workspace'],
        transformKql: 'source',
        outputStream: 'Custom-AppLogs_CL',
      },
    ])
  })

  test('stream and table have the same columns, so that the transform cannot misfit', () => {
    const lower = (columns: readonly Column[]): readonly Column[] =>
      columns.map(({ name, type }) => ({ name, type: type.toLowerCase() }))
    expect(lower(tableColumns())).toEqual(Object.values(streams())[0]?.columns)
  })

  test('TimeGenerated is a datetime in stream and table', () => {
    expect(Object.values(streams())[0]?.columns[0]).toEqual({ name: 'TimeGenerated', type: 'datetime' })
    expect(tableColumns()[0]).toEqual({ name: 'TimeGenerated', type: 'dateTime' })
  })

  test('no column is a guid, which a stream cannot declare', () => {
    expect(lock.columns.find(({ name }) => name === 'Session')).toMatchObject({ type: 'string' })
    expect(
      [...tableColumns(), ...(Object.values(streams())[0]?.columns ?? [])].map(({ type }) => type),
    ).not.toContain('guid')
  })

  test('no data type hints, which the live API refuses', () => {
    expect(all()).not.toContain('dataTypeHint')
  })

  test('no column has a name that Azure keeps for itself', () => {
    expect(lock.columns.map(({ name }) => name)).toContain('EventType')
    for (const reserved of ['Type', 'Id', 'Title', 'TenantId']) {
      expect(tableColumns().map(({ name }) => name)).not.toContain(reserved)
    }
  })

  test('the rule waits for its table', () => {
    expect(rule().dependsOn).toEqual([expect.stringContaining('workspaces/tables')])
    expect(bicepResource('Microsoft.Insights/dataCollectionRules')['dependsOn']).toEqual(['table'])
    expect(terraform).toContain('depends_on = [azapi_resource.table]')
    expect(terraform).toContain('error_message_regex = ["InvalidOutputTable"]')
  })

  test('the role is Monitoring Metrics Publisher, on the rule, with the kind of the principal', () => {
    const role = resource('Microsoft.Authorization/roleAssignments')
    expect(role.scope).toContain('Microsoft.Insights/dataCollectionRules/')
    expect(role.properties).toHaveProperty('principalType')
    expect(role.properties['roleDefinitionId']).toContain('3913510d-42f4-4e42-8a64-420c390055eb')
  })

  test('the name of the rule fits into a host name', () => {
    expect(fileNamed('infra/main.bicep')).toContain('@minLength(3)\n@maxLength(30)\nparam ruleName string')
  })

  test('the rule lies in the region of the workspace', () => {
    expect(terraform).toContain('location  = data.azurerm_log_analytics_workspace.workspace.location')
    expect(script).toContain('--query location')
  })

  test('Terraform makes the rule with azapi: azurerm refuses the kind Direct', () => {
    expect(terraform).not.toContain('azurerm_monitor_data_collection_rule')
  })

  test('the script uses az rest: the extension for rules has a version of its own', () => {
    expect(script).not.toMatch(/^[^#]*az monitor data-collection/m)
  })

  test('the errors of the rule go to DCRLogErrors', () => {
    expect(resource('Microsoft.Insights/diagnosticSettings').properties['logs']).toEqual([
      { category: 'LogErrors', enabled: true },
    ])
  })

  test('no file has more columns than another', async () => {
    const names = lock.columns.map(({ name }) => name)
    expect((bicep.variables.get('columns') as readonly Column[]).map(({ name }) => name)).toEqual(names)
    const hcl = (await parseHcl('main.tf', terraform)) as {
      readonly locals: readonly [{ readonly columns: readonly Column[] }]
    }
    expect(hcl.locals[0].columns).toEqual(lock.columns.map(({ name, type }) => ({ name, type })))
  })

  test('every way of deploying ends with the variables that the application needs', () => {
    const variables = ['AZURE_DCE_ENDPOINT', 'AZURE_DCR_RULE_ID', 'AZURE_DCR_STREAM_NAME']
    expect(Object.keys(arm.outputs)).toEqual(variables)
    expect(bicep.outputs).toEqual(variables)
    for (const variable of variables) {
      expect(terraform).toContain(`output "${variable}"`)
      expect(script).toContain(`${variable}=`)
      expect(fileNamed('.env.example')).toContain(`${variable}=`)
    }
  })
})

test('no value of the sample is in any file', () => {
  for (const [path, text] of files) expect(text, path).not.toMatch(/hunter2|gold|10\.0\.0|no such item/)
})

test('the plan Auxiliary reaches the table and the transport', () => {
  const auxiliary = generateFiles({
    lock: createLock('Quiet_CL', lock.columns, 'Auxiliary'),
    ruleName: 'quiet',
    typeScriptPath: 'azlogs.generated.ts',
  })
  const textOf = (path: string): string => auxiliary.find((file) => file.path === path)?.text ?? ''
  expect(textOf('infra/main.bicep')).toContain("plan: 'Auxiliary'")
  expect(textOf('infra/main.tf')).toContain('plan   = "Auxiliary"')
  expect(textOf('azlogs.generated.ts')).toContain("plan: 'auxiliary'")
})
