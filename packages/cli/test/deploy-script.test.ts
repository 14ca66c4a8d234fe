import { execFile, spawnSync } from 'node:child_process'
import { chmod, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { defaultSchema } from '@azlogs/emulator'
import { expect, test, vi } from 'vitest'

import { generateFiles } from '../src/generate/generate.ts'
import { createLock } from '../src/schema/lock.ts'
import type { LockColumn } from '../src/schema/lock.ts'
import { directoryForTest } from './surroundings.ts'

// Each test starts several processes, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const run = promisify(execFile)
const AZ = new URL('fixtures/az-stateful.mjs', import.meta.url).pathname
const TABLE =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w/tables/AppLogs_CL'
const RULE = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/dataCollectionRules/app-logs'
const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0

interface State {
  readonly resources: Readonly<Record<string, { readonly properties: Readonly<Record<string, unknown>> }>>
  readonly roles: readonly unknown[]
}

interface Deployment {
  readonly deploy: (columns: readonly LockColumn[], env?: Readonly<Record<string, string>>) => Promise<string>
  readonly state: () => Promise<State>
  readonly commands: () => Promise<readonly string[]>
}

const columns = defaultSchema.columns as readonly LockColumn[]

test('the script deploys table, rule and role, and tells the variables', async () => {
  const { deploy, state } = await deployment()
  const said = await deploy(columns, { PUBLISHER_PRINCIPAL_IDS: 'oid-1 oid-2' })
  const { resources, roles } = await state()
  expect(Object.keys(resources)).toEqual([TABLE, RULE])
  expect(resources[RULE]).toMatchObject({ kind: 'Direct', location: 'westeurope' })
  expect(roles).toEqual([
    { id: 'oid-1', scope: RULE },
    { id: 'oid-2', scope: RULE },
  ])
  expect(said).toContain('AZURE_DCE_ENDPOINT=https://app-logs-x1y2.westeurope-1.ingest.monitor.azure.com\n')
  expect(said).toContain(`AZURE_DCR_RULE_ID=dcr-${'0'.repeat(32)}\nAZURE_DCR_STREAM_NAME=Custom-AppLogs_CL\n`)
})

test('running it again changes nothing', async () => {
  const { deploy, state } = await deployment()
  await deploy(columns, { PUBLISHER_PRINCIPAL_IDS: 'oid-1' })
  const before = await state()
  await deploy(columns, { PUBLISHER_PRINCIPAL_IDS: 'oid-1' })
  expect(await state()).toEqual(before)
})

test('a new column reaches the table before the rule', async () => {
  const { deploy, commands, state } = await deployment()
  await deploy(columns)
  await deploy([...columns, { name: 'OrderId', type: 'long', from: ['orderId'] }])
  expect(JSON.stringify((await state()).resources[RULE])).toContain('OrderId')
  const puts = (await commands()).filter((line) => line.includes('--method put'))
  expect(puts.map((line) => (line.includes('/tables/') ? 'table' : 'rule'))).toEqual([
    'table',
    'rule',
    'table',
    'rule',
  ])
})

test('it refuses to delete a column, and does it when told to', async () => {
  const { deploy, state } = await deployment()
  await deploy([...columns, { name: 'OrderId', type: 'long' }])
  const before = await state()
  await expect(deploy(columns)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining(': OrderId'),
  })
  expect(await state()).toEqual(before)
  await deploy(columns, { ALLOW_COLUMN_LOSS: '1' })
  expect(JSON.stringify((await state()).resources[TABLE])).not.toContain('OrderId')
})

test('it waits until rules see the new table', async () => {
  const { deploy, state } = await deployment()
  await deploy(columns, { AZ_HIDE_TABLE: '2', RETRY_SECONDS: '0' })
  expect(Object.keys((await state()).resources)).toContain(RULE)
})

test('it says what is missing', async () => {
  const { deploy } = await deployment()
  await expect(deploy(columns, { RESOURCE_GROUP: '' })).rejects.toMatchObject({
    stderr: expect.stringContaining('set it to the resource group of the workspace'),
  })
})

test.runIf(hasShellcheck)('shellcheck has nothing against it', async () => {
  const { path } = await scriptFor(columns)
  await expect(run('shellcheck', [path])).resolves.toMatchObject({ stdout: '' })
})

async function scriptFor(
  of: readonly LockColumn[],
): Promise<{ readonly folder: string; readonly path: string }> {
  const folder = await directoryForTest()
  const files = generateFiles({
    lock: createLock('AppLogs_CL', of),
    ruleName: 'app-logs',
    iac: ['azcli'],
    typeScriptPath: 'azlogs.generated.ts',
  })
  const path = join(folder, 'deploy.sh')
  await writeFile(path, files.find((file) => file.path === 'infra/deploy.sh')?.text ?? '')
  return { folder, path }
}

async function deployment(): Promise<Deployment> {
  const bin = await directoryForTest()
  await symlink(AZ, join(bin, 'az'))
  await chmod(AZ, 0o755)
  const [stateFile, logFile] = [join(bin, 'state.json'), join(bin, 'log')]
  return {
    async deploy(of, env = {}) {
      const { path } = await scriptFor(of)
      const { stdout } = await run('bash', [path], {
        env: {
          PATH: `${bin}:${dirname(process.execPath)}:${process.env['PATH']}`,
          AZ_STATE: stateFile,
          AZ_LOG: logFile,
          RESOURCE_GROUP: 'g',
          WORKSPACE_NAME: 'w',
          ...env,
        },
      })
      return stdout
    },
    state: async () => JSON.parse(await readFile(stateFile, 'utf8')) as State,
    commands: async () => (await readFile(logFile, 'utf8')).trim().split('\n'),
  }
}
