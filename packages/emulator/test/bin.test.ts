import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import { DEFAULT_RULE_ID } from '../src/index.ts'
import { finish, spawnNode } from './run-node.ts'
import type { Finished } from './run-node.ts'

const BIN = new URL('../src/bin.ts', import.meta.url)
const FREE_PORTS = ['--port', '0', '--https-port', '0']

let directory: string
const running = new Set<() => Promise<unknown>>()

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azlogs-test-'))
})
afterEach(async () => {
  await Promise.all([...running].map((stop) => stop()))
  running.clear()
})
afterAll(() => rm(directory, { recursive: true }))

/** The command, and its lines as they come. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawnNode(BIN, args, env)
  const finished = finish(child)
  running.add(() => {
    child.kill('SIGTERM')
    return finished
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const nextLine = async (containing: string): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`no line with ${containing}: ${JSON.stringify(await finished)}`)
      if (value.includes(containing)) return value
    }
  }
  return { child, finished, nextLine }
}

const envOf = (url: string): Readonly<Record<string, string>> => ({
  AZURE_DCE_ENDPOINT: url,
  AZURE_DCR_RULE_ID: DEFAULT_RULE_ID,
  AZURE_DCR_STREAM_NAME: 'Custom-AppLogs_CL',
  IDENTITY_ENDPOINT: `${url}/msi/token`,
  IDENTITY_HEADER: 'azlogs-emulator',
})

async function uploadTo(env: Readonly<Record<string, string>>, body: string): Promise<Response> {
  const identity = await fetch(
    `${env['IDENTITY_ENDPOINT']}?resource=https://monitor.azure.com&api-version=2019-08-01`,
    {
      headers: { 'X-IDENTITY-HEADER': env['IDENTITY_HEADER'] ?? '' },
    },
  )
  const { access_token: token } = (await identity.json()) as { access_token: string }
  const rule = `${env['AZURE_DCE_ENDPOINT']}/dataCollectionRules/${env['AZURE_DCR_RULE_ID']}`
  return fetch(`${rule}/streams/${env['AZURE_DCR_STREAM_NAME']}?api-version=2023-01-01`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body,
  })
}

test('it prints the addresses, and variables to paste, which work', async () => {
  const { child, finished, nextLine } = run(FREE_PORTS)
  const page = (await nextLine('Page:')).split(' ').at(-1) ?? ''
  expect(await nextLine('Ingest:')).toMatch(/http:\/\/127\.0\.0\.1:\d+ {2}https:\/\/127\.0\.0\.1:\d+$/)
  const env: Record<string, string> = {}
  for (let line = await nextLine('export '); !line.includes('https:'); line = await nextLine('export ')) {
    const [, name = '', value = ''] = /^export (\w+)=(.*)$/.exec(line) ?? []
    env[name] = value
  }
  expect(page).toBe(`${env['AZURE_DCE_ENDPOINT']}/`)
  expect(existsSync(env['NODE_EXTRA_CA_CERTS'] ?? '')).toBe(true)
  expect((await uploadTo(env, '[{"Message":"a"}]')).status).toBe(204)
  child.kill('SIGTERM')
  expect(await finished).toMatchObject({ code: 0, stderr: '' })
})

test('it warns of rows that went to stay within the retention, counted', async () => {
  const { child, finished, nextLine } = run([...FREE_PORTS, '--quiet', '--retention', '2'])
  const url = (await nextLine('listening on')).split(' ')[2] ?? ''
  for (let uploads = 0; uploads < 4; uploads += 1) {
    expect((await uploadTo(envOf(url), '[{"Message":"a"},{"Message":"b"}]')).status).toBe(204)
  }
  child.kill('SIGTERM')
  const { stdout } = await finished
  expect(stdout.split('\n').filter((line) => line.includes('retention'))).toEqual([
    '  ! AppLogs_CL: the retention is full, and the oldest 2 rows had to go',
    '  ! AppLogs_CL: the retention is full, and the oldest 6 rows had to go (in 3 uploads)',
  ])
})

test('--json tells of them as events, also of those that went when a file was opened', async () => {
  const database = join(directory, 'evicted.db')
  for (const [retention, evicted] of [
    ['10', []],
    ['2', [1, 3]],
  ] as const) {
    const { child, finished, nextLine } = run([
      ...FREE_PORTS,
      '--json',
      '--retention',
      retention,
      '--db',
      database,
    ])
    const { url } = JSON.parse(await nextLine('"started"')) as { url: string }
    expect((await uploadTo(envOf(url), '[{},{},{}]')).status).toBe(204)
    child.kill('SIGTERM')
    const { stdout } = await finished
    const events = stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as { event: string; rows: number })
    expect(events.filter(({ event }) => event === 'evicted').map(({ rows }) => rows)).toEqual(evicted)
  }
})

test('it prints a line for each row, and each kind of loss once, with a summary at the end', async () => {
  const { child, finished, nextLine } = run(FREE_PORTS, { TZ: 'UTC' })
  const url = (await nextLine('Ingest:')).split(' ').at(-3) ?? ''
  const TimeGenerated = new Date(Math.floor(Date.now() / 1000) * 1000 + 42).toISOString()
  const row = { TimeGenerated, Level: 'warn', Logger: 'shop', Message: 'order placed', Properties: { id: 9 } }
  for (const stray of [{}, { cartItems: 1 }, { cartItems: 2 }, { cartItems: 3 }]) {
    expect((await uploadTo(envOf(url), JSON.stringify([{ ...row, ...stray }]))).status).toBe(204)
  }
  const time = TimeGenerated.slice(11, 23)
  for (let index = 0; index < 4; index += 1) {
    expect(await nextLine('order placed')).toBe(`${time} WARN  shop: order placed id=9`)
  }
  child.kill('SIGTERM')
  const { stdout } = await finished
  const warnings = stdout.split('\n').filter((line) => line.includes('cartItems'))
  expect(warnings).toEqual([
    '  ! column "cartItems" is not in Custom-AppLogs_CL: dropped from 1 row',
    '  ! column "cartItems" is not in Custom-AppLogs_CL: dropped from 3 rows (in 3 uploads)',
  ])
  expect(stdout).not.toContain('\u001B')
})

test('FORCE_COLOR colours a pipe', async () => {
  const { nextLine } = run(FREE_PORTS, { FORCE_COLOR: '1' })
  expect(await nextLine('Page:')).toContain('\u001B[')
})

test('the reader of the pipe may go away', async () => {
  const { child, finished, nextLine } = run(FREE_PORTS)
  const url = (await nextLine('Ingest:')).split(' ').at(-3) ?? ''
  child.stdout.destroy()
  // Makes it write, unless it has noticed already with the rest of what it says at its start.
  await uploadTo(envOf(url), '[{"Message":"into the void"}]').catch(() => undefined)
  expect(await finished).toMatchObject({ code: 0, stderr: '' })
})

test('--fault sets faults from the start, the same for the same --seed', async () => {
  const statusesOf = async (seed: string): Promise<readonly number[]> => {
    const { nextLine } = run([...FREE_PORTS, '--json', '--fault', '503:50%', '--seed', seed])
    const { url } = JSON.parse(await nextLine('"started"')) as { url: string }
    const statuses: number[] = []
    for (let index = 0; index < 20; index += 1) statuses.push((await uploadTo(envOf(url), '[{}]')).status)
    return statuses
  }
  const [first, again, other] = await Promise.all([statusesOf('7'), statusesOf('7'), statusesOf('8')])
  expect(new Set(first)).toEqual(new Set([204, 503]))
  expect(again).toEqual(first)
  expect(other).not.toEqual(first)
})

test('--throttle lowers the limits, and --visible-after holds rows back', async () => {
  const { nextLine } = run([...FREE_PORTS, '--json', '--throttle', '0.01%', '--visible-after', '50ms'])
  const { url } = JSON.parse(await nextLine('"started"')) as { url: string }
  expect((await uploadTo(envOf(url), '[{"Message":"one"}]')).status).toBe(204)
  expect((await uploadTo(envOf(url), '[{"Message":"two"}]')).status).toBe(204)
  const refused = await uploadTo(envOf(url), '[{"Message":"three"}]')
  expect(refused.status).toBe(429)
  expect(JSON.parse(await nextLine('"row"'))).toMatchObject({ table: 'AppLogs_CL', row: { Message: 'one' } })
})

test.each(['SIGINT', 'SIGTERM'] as const)('%s closes it, even with a connection open', async (signal) => {
  const { child, finished, nextLine } = run([...FREE_PORTS, '--json'])
  const { url } = JSON.parse(await nextLine('"started"')) as { url: string }
  await (await fetch(url)).text()
  child.kill(signal)
  expect(await finished).toMatchObject({ code: 0, signal: null })
})

test('--json prints one object a line, and --quiet leaves out what went well', async () => {
  const { nextLine } = run([...FREE_PORTS, '--json', '--quiet', '--mode', 'strict'])
  const { env } = JSON.parse(await nextLine('"started"')) as { env: Record<string, string> }
  expect((await uploadTo(env, '[{"Message":"fine"}]')).status).toBe(204)
  expect((await uploadTo(env, '[{"Lost":1}]')).status).toBe(400)
  expect(JSON.parse(await nextLine('{'))).toMatchObject({
    event: 'verdict',
    status: 400,
    errorCode: 'StrictMode',
    losses: [expect.stringContaining('"Lost"')],
  })
})

test('--db keeps the rows for the next start, and --schema names the table', async () => {
  const schema = join(directory, 'azlogs.schema.json')
  const columns = [
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'Text', type: 'string' },
  ]
  await writeFile(schema, JSON.stringify({ version: 1, table: 'Mine_CL', stream: 'Custom-Mine', columns }))
  const args = [...FREE_PORTS, '--json', '--schema', schema, '--db', join(directory, 'rows.db')]
  for (const starts of [1, 2]) {
    const { child, finished, nextLine } = run(args)
    const { env } = JSON.parse(await nextLine('"started"')) as { env: Record<string, string> }
    expect(env['AZURE_DCR_STREAM_NAME']).toBe('Custom-Mine')
    expect((await uploadTo(env, `[{"Text":"start ${starts}"}]`)).status).toBe(204)
    child.kill('SIGTERM')
    await finished
  }
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const database = new DatabaseSync(join(directory, 'rows.db'))
  const texts = database
    .prepare('SELECT Text FROM Mine_CL ORDER BY rowid')
    .all()
    .map((row) => row['Text'])
  database.close()
  expect(texts).toEqual(['start 1', 'start 2'])
})

async function failure(args: readonly string[]): Promise<Finished> {
  const finished = await run(args).finished
  expect(finished).toMatchObject({ code: 2, stdout: '' })
  expect(finished.stderr).not.toContain('    at ')
  return finished
}

test('--help explains the flags', async () => {
  const { code, stdout } = await run(['--help']).finished
  expect(code).toBe(0)
  for (const flag of [
    '--port',
    '--https-port',
    '--schema',
    '--mode',
    '--db',
    '--fault',
    '--json',
    '--quiet',
  ]) {
    expect(stdout).toContain(flag)
  }
})

test('a wrong flag is named, with the usage, and exits with 2', async () => {
  const { stderr } = await failure(['--colour'])
  expect(stderr).toContain('--colour')
  expect(stderr).toContain('--https-port')
})

test('a port that is taken is named and exits with 2', async () => {
  const blocker = createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  const { port } = blocker.address() as AddressInfo
  const { stderr } = await failure(['--port', '0', '--https-port', String(port)])
  expect(stderr).toContain(`port ${port} is taken`)
  blocker.close()
})

test('a schema that is missing, no JSON or wrong is explained and exits with 2', async () => {
  const file = join(directory, 'wrong.json')
  expect((await failure([...FREE_PORTS, '--schema', join(directory, 'none.json')])).stderr).toContain(
    'none.json',
  )
  await writeFile(file, '{')
  expect((await failure([...FREE_PORTS, '--schema', file])).stderr).toContain('JSON')
  await writeFile(file, '{"table":"A B"}')
  expect((await failure([...FREE_PORTS, '--schema', file])).stderr).toContain('"A B"')
})

test('a database file that cannot be opened is explained and exits with 2', async () => {
  expect((await failure([...FREE_PORTS, '--db', join(directory, 'none', 'rows.db')])).stderr).toContain(
    'database',
  )
})
