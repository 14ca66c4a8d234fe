import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { startEmulator } from '@azlogs/emulator'
import type { TableSchema } from '@azlogs/emulator'
import { describe, expect, test, vi } from 'vitest'

import { kqlColumns, kqlProblems, kqlType } from './kql.ts'
import { runCli, runHere } from './run-cli.ts'
import { directoryForTest } from './surroundings.ts'

// Each test starts several processes, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const GOLDEN = new URL('golden/', import.meta.url)
const CSV = new URL('old-table.csv', GOLDEN).pathname

/** The types of the old columns as Azure made them. */
const OLD_COLUMNS = [
  { name: 'TimeGenerated', type: 'datetime' },
  ...['level', 'message', 'service', 'req_method', 'req_url', 'cart', 'type'].map((stem) => ({
    name: `${stem}_s`,
    type: 'string',
  })),
  ...['pid', 'res_statusCode', 'responseTime', 'amount', 'orderId', 'level'].map((stem) => ({
    name: `${stem}_d`,
    type: 'real',
  })),
  { name: 'retry_b', type: 'boolean' },
  { name: 'startedAt_t', type: 'datetime' },
  { name: 'session_g', type: 'guid' },
]

interface Printed {
  readonly oldTable: string
  readonly columns: readonly { readonly legacy: string; readonly name: string; readonly type: string }[]
  readonly leftOut: readonly { readonly legacy: string }[]
  readonly changes: readonly { readonly before: string; readonly after: readonly string[] }[]
}

async function migrate(args: readonly string[], cwd?: string): Promise<Printed> {
  const folder = cwd ?? (await directoryForTest())
  const { stdout, stderr, code } = await runHere(['migrate', '--json', '--dry-run', ...args], { cwd: folder })
  expect(code, stdout + stderr).toBe(0)
  return JSON.parse(stdout) as Printed
}

test('a CSV export of the old table becomes a new table beside it, and a query over both', async () => {
  const cwd = await directoryForTest()
  const { code, stdout, stderr } = await runCli(['migrate', '--from', CSV], { cwd })
  expect(code, stderr).toBe(0)
  const read = async (path: string): Promise<string> => readFile(join(cwd, path), 'utf8')
  for (const [path, name] of [
    ['azlogs.schema.json', 'migrated.schema.json'],
    ['queries/AppLogsAll.kql', 'AppLogsAll.kql'],
    ['azlogs-migration.md', 'azlogs-migration.md'],
  ] as const) {
    await expect(await read(path)).toMatchFileSnapshot(new URL(`migrate/${name}.golden`, GOLDEN).pathname)
  }
  await expect(stdout).toMatchFileSnapshot(new URL('migrate/stdout.golden', GOLDEN).pathname)

  const schema = JSON.parse(await read('azlogs.schema.json')) as TableSchema
  const tables = { AppLogs_CL: schema.columns, OldLogs_CL: OLD_COLUMNS }
  const query = await read('queries/AppLogsAll.kql')
  expect(kqlProblems(query, tables)).toEqual([])
  // A column of another type would come twice, with its type in its name.
  const columns = schema.columns.map(({ name, type }) => `${name} ${kqlType(type)}`)
  expect(kqlColumns(query, tables).toSorted()).toEqual(columns.toSorted())
  expect(kqlColumns(query.replace('tolong(orderId_d)', 'orderId_d'), tables)).toContain('OrderId_real real')
  expect(kqlProblems(query.replace('amount_d', 'amout_d'), tables)).toHaveLength(1)
  const emulator = await startEmulator({ schema, https: false })
  await emulator.close()
})

describe('the sample', () => {
  test('types come from the endings and from the values', async () => {
    const { columns, leftOut, oldTable } = await migrate(['--from', CSV])
    expect(oldTable).toBe('OldLogs_CL')
    expect(Object.fromEntries(columns.map(({ legacy, name, type }) => [legacy, `${name} ${type}`]))).toEqual({
      level_s: 'Level string',
      message_s: 'Message string',
      service_s: 'Logger string',
      pid_d: 'ProcessId int',
      req_method_s: 'ReqMethod string',
      req_url_s: 'ReqUrl string',
      res_statusCode_d: 'ResStatusCode int',
      responseTime_d: 'ResponseTime real',
      amount_d: 'Amount real',
      orderId_d: 'OrderId long',
      retry_b: 'Retry boolean',
      startedAt_t: 'StartedAt datetime',
      session_g: 'Session string',
      cart_s: 'Cart dynamic',
      type_s: 'EventType string',
    })
    expect(leftOut.map(({ legacy }) => legacy)).toEqual(['empty_s', 'plain'])
  })

  test.for<[form: string, text: string | Uint8Array]>([
    ['a JSON array', '[{"orderId_d":1,"message_s":"hi","Type":"OldLogs_CL"}]'],
    ['NDJSON', '{"orderId_d":1,"Type":"OldLogs_CL"}\n{"orderId_d":2,"message_s":"hi"}\n'],
    ['gzipped NDJSON', gzipSync('{"orderId_d":1,"message_s":"hi","Type":"OldLogs_CL"}\n')],
    [
      'an answer of the query API',
      JSON.stringify({
        tables: [
          {
            columns: [{ name: 'orderId_d' }, { name: 'message_s' }, { name: 'Type' }],
            rows: [[1, 'hi', 'OldLogs_CL']],
          },
        ],
      }),
    ],
    ['CSV with a byte order mark', '\uFEFForderId_d,message_s,Type\r\n1,hi,OldLogs_CL\r\n'],
  ])('%s is read', async ([, text]) => {
    const cwd = await directoryForTest()
    await writeFile(join(cwd, 'old'), text)
    const { columns } = await migrate(['--from', 'old'], cwd)
    expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual(['Message string', 'OrderId long'])
  })

  test('numbers of pino become the names of its levels', async () => {
    const cwd = await directoryForTest()
    await writeFile(join(cwd, 'old.json'), '[{"level_d":30,"msg_s":"hi","Type":"OldLogs_CL"}]')
    await runHere(['migrate', '--from', 'old.json'], { cwd })
    const schema = JSON.parse(await readFile(join(cwd, 'azlogs.schema.json'), 'utf8')) as TableSchema
    const query = await readFile(join(cwd, 'queries/AppLogsAll.kql'), 'utf8')
    expect(query).toContain("Level = case(level_d == 10, 'trace'")
    const old = [...OLD_COLUMNS, { name: 'msg_s', type: 'string' }]
    const tables = { AppLogs_CL: schema.columns, OldLogs_CL: old }
    expect(kqlProblems(query, tables)).toEqual([])
    expect(kqlColumns(query, tables)).toHaveLength(schema.columns.length)
  })

  test('--keep-names keeps the old names, which dashboards use', async () => {
    const { columns } = await migrate(['--from', CSV, '--keep-names'])
    expect(columns.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['orderId_d', 'req_url_s', 'Level']),
    )
  })
})

describe('the code', () => {
  test.for<[what: string, dependencies: object, before: string, after: string]>([
    [
      'a known transport of winston',
      { winston: '3', 'winston-azure-loganalytics': '1' },
      'winston-azure-loganalytics',
      'AzureLogsTransport',
    ],
    [
      'a known client',
      { 'azure-log-analytics-data-collector-client': '1' },
      'DataCollectorClient',
      'LogsIngestionClient',
    ],
    ['winston', { winston: '3' }, 'a transport of your own for winston', '@azlogs/winston'],
    ['pino', { pino: '10' }, 'a transport of your own for pino', "target: '@azlogs/pino'"],
    ['neither', {}, 'a signed POST', 'client.upload('],
  ])('%s', async ([, dependencies, before, after]) => {
    const cwd = await directoryForTest()
    await writeFile(join(cwd, 'package.json'), JSON.stringify({ dependencies }))
    const { changes } = await migrate(['--from', CSV], cwd)
    expect(changes).toHaveLength(1)
    expect(changes[0]?.before).toContain(before)
    expect(changes[0]?.after.join('\n')).toContain(after)
  })
})

describe('exit code 2', () => {
  test.for<[what: string, args: readonly string[], code: string]>([
    ['no sample', [], 'AZL1001'],
    ['no such file', ['--from', 'none.csv'], 'AZL1002'],
    ['no legacy columns', ['--from', 'package.json', '--old-table', 'Old_CL'], 'AZL2001'],
    ['broken CSV', ['--from', 'broken.csv'], 'AZL1002'],
    ['no rows', ['--from', 'empty.csv'], 'AZL2001'],
    ['an unknown old table', ['--from', 'unnamed.json'], 'AZL1001'],
    ['a bad old table', ['--from', CSV, '--old-table', 'Heartbeat'], 'AZL1001'],
    ['the same table', ['--from', CSV, '--table', 'OldLogs_CL'], 'AZL1001'],
  ])('%s', async ([, args, code]) => {
    const cwd = await directoryForTest()
    await writeFile(join(cwd, 'package.json'), '[{"a":1}]')
    await writeFile(join(cwd, 'broken.csv'), 'a_s,b_s\n"x,y\n')
    await writeFile(join(cwd, 'empty.csv'), 'a_s,b_s\n')
    await writeFile(join(cwd, 'unnamed.json'), '[{"a_s":"x"}]')
    const before = await readdir(cwd)
    expect(await runHere(['migrate', ...args], { cwd })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(`error ${code}`),
    })
    expect(await readdir(cwd)).toEqual(before)
  })
})

test('a file in the way stays, and nothing is written', async () => {
  const cwd = await directoryForTest()
  await writeFile(join(cwd, 'azlogs-migration.md'), 'mine\n')
  expect(await runCli(['migrate', '--from', CSV], { cwd })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('AZL2002'),
  })
  expect(await readdir(cwd)).toEqual(['azlogs-migration.md'])
})
