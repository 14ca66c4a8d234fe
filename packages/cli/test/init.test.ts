import { spawnSync } from 'node:child_process'
import { access, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { createAzureLogsStream } from '@azlogs/pino'
import { pino } from 'pino'
import { describe, expect, test, vi } from 'vitest'

import { parseBicep } from './bicep.ts'
import { finish, runCli, runHere, startCli } from './run-cli.ts'
import type { RunOptions } from './run-cli.ts'
import { directoryForTest, emulatorForTest, httpServer, identityEnv, tokenWith } from './surroundings.ts'
import { openTerminal } from './terminal.ts'

// Each test starts several processes, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const BIN = new URL('../src/bin.ts', import.meta.url).pathname
const LINE = '{"level":30,"time":1795000000000,"pid":7,"hostname":"web","orderId":1,"msg":"placed"}\n'

interface Printed {
  readonly rows: number
  readonly textLines: number
  readonly formats: Readonly<Record<string, number>>
  readonly columns: readonly {
    readonly name: string
    readonly path?: string
    readonly promoted: boolean
    readonly sample?: unknown
  }[]
  readonly files: readonly { readonly path: string; readonly state: string }[]
}

async function dryRun(args: readonly string[], options: RunOptions = {}): Promise<Printed> {
  const { stdout, stderr, code } = await runHere(['init', '--json', '--dry-run', ...args], options)
  expect(code, stdout + stderr).toBe(0)
  return JSON.parse(stdout) as Printed
}

describe('the sample', () => {
  test('comes from several files: plain, gzipped, a JSON array', async () => {
    const folder = await directoryForTest()
    await writeFile(join(folder, 'a.ndjson'), `\uFEFF${LINE}\r\n\nplain text\n${LINE.trimEnd()}`)
    await writeFile(join(folder, 'b'), gzipSync(LINE))
    await writeFile(join(folder, 'c.json'), `\n[\n${LINE},${LINE}]`)
    const files = ['a.ndjson', 'b', 'c.json'].map((name) => join(folder, name))
    expect(await dryRun(['--from', ...files])).toMatchObject({ rows: 5, textLines: 1, formats: { pino: 5 } })
  })

  test('comes from stdin, and its lines are shown meanwhile on stderr', async () => {
    const cwd = await directoryForTest()
    const child = startCli(['init'], { cwd })
    const finished = finish(child)
    child.stdin.write(`\n${LINE}\n`)
    child.stdin.end('no JSON\n')
    expect(await finished).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^1 rows \(1 of pino\); 1 lines of plain text were left out\n/),
      stderr: '11:06:40.000 INFO  placed\nno JSON\n',
    })
  })

  test('is what has been said when Ctrl-C ends the pipe', async () => {
    const cwd = await directoryForTest()
    const child = startCli(['init'], { cwd })
    const finished = finish(child)
    child.stdin.write(LINE)
    await new Promise<void>((resolve) => {
      child.stderr.once('data', () => resolve())
    })
    child.kill('SIGINT')
    expect(await finished).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('write azlogs.schema.json\n'),
    })
  })

  test('comes from a running emulator', async () => {
    const emulator = await emulatorForTest({ https: false })
    const { url: endpoint, ruleId, streamName, credential } = emulator
    const stream = createAzureLogsStream({ endpoint, ruleId, streamName, credential })
    pino(stream).info({ orderId: 5, req: { method: 'GET' } }, 'placed')
    stream.flush()
    // What a doctor sends to try the way is not the application's.
    const env = { ...emulator.env, ...(await identityEnv(tokenWith())) }
    await runCli(['doctor', '--send'], { env })
    await emulator.waitForRows(2)
    const { rows, columns } = await dryRun(['--from-dev', '--dev-url', emulator.url])
    expect(rows).toBe(1)
    expect(columns.filter(({ path }) => path !== undefined).map(({ name }) => name)).toEqual([
      'OrderId',
      'ReqMethod',
    ])
  })

  test('does not come from a server that is no emulator', async () => {
    const url = await httpServer((request, response) => {
      request.resume()
      response.writeHead(404).end()
    })
    const { code, stderr } = await runHere(['init', '--from-dev', '--dev-url', url])
    expect(stderr).toContain(`There is no azlogs dev at ${url}: /viewer/api/about answers 404.`)
    expect(code).toBe(2)
  })

  test.for<[what: string, args: readonly string[], input: string, code: string]>([
    ['no rows', [], '', 'AZL2001'],
    ['only text', [], 'hello\nworld\n', 'AZL2001'],
    ['no such file', ['--from', 'none.ndjson'], '', 'AZL1002'],
    ['a folder', ['--from', '.'], '', 'AZL1002'],
    ['no emulator', ['--from-dev', '--dev-url', 'http://127.0.0.1:1'], '', 'AZL2001'],
    ['a bad table', ['--table', 'AppLogs'], LINE, 'AZL1001'],
    ['a bad plan', ['--plan', 'Free'], LINE, 'AZL1001'],
    ['a bad rule name', ['--rule-name', 'app_logs'], LINE, 'AZL1001'],
    ['a bad column count', ['--max-columns', '1000'], LINE, 'AZL1001'],
    ['a bad kind of deployment', ['--iac', 'pulumi'], LINE, 'AZL1001'],
  ])('%s is exit code 2', async ([, args, input, code]) => {
    const cwd = await directoryForTest()
    expect(await runHere(['init', ...args], { cwd, input })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(`error ${code}`),
    })
    expect(await readdir(cwd)).toEqual([])
  })
})

describe('the choice', () => {
  test('--promote, --demote, --names and --iac are obeyed', async () => {
    const { columns, files } = await dryRun(
      ['--demote', 'orderId', '--promote', 'req.headers', '--names', 'keep', '--iac', 'bicep'],
      { input: '{"level":30,"msg":"","orderId":1,"a":1,"req":{"url":"/","headers":{"host":"x"}}}\n' },
    )
    const own = columns.filter(({ path }) => path !== undefined)
    expect(own.filter(({ promoted }) => promoted).map(({ name }) => name)).toEqual([
      'a_',
      'req_headers',
      'req_url',
    ])
    expect(files.map(({ path }) => path).filter((path) => /main|deploy/.test(path))).toEqual([
      'infra/main.bicep',
    ])
  })

  test('a person chooses in the terminal what gets a column', async () => {
    const cwd = await directoryForTest()
    await writeFile(join(cwd, 'app.ndjson'), '{"level":30,"msg":"","amount":1,"orderId":1}\n')
    const terminal = openTerminal(['init', '--from', 'app.ndjson'], { cwd })
    await terminal.until(/Which values get a column\?/)
    // The cursor is on the first, amount: take its column away.
    terminal.pty.write(' ')
    terminal.pty.write('\r')
    expect(await terminal.ended).toBe(0)
    const text = await readFile(join(cwd, 'azlogs.schema.json'), 'utf8')
    expect(text).toContain('OrderId')
    expect(text).not.toContain('Amount')
  })

  test('a person is asked at the end of a pipe too', async () => {
    const cwd = await directoryForTest()
    await writeFile(join(cwd, 'app.ndjson'), LINE)
    const azlogs = `"${process.execPath}" --conditions=dev "${BIN}" init`
    const terminal = openTerminal([], { cwd }, ['/bin/sh', '-c', `cat app.ndjson | ${azlogs}`])
    await terminal.until(/Which values get a column\?/)
    terminal.pty.write('\r')
    expect(await terminal.ended).toBe(0)
    expect(await readFile(join(cwd, 'azlogs.schema.json'), 'utf8')).toContain('OrderId')
  })

  test('who gives up leaves nothing behind', async () => {
    const cwd = await directoryForTest()
    await writeFile(join(cwd, 'app.ndjson'), LINE)
    const terminal = openTerminal(['init', '--from', 'app.ndjson'], { cwd })
    await terminal.until(/Which values get a column\?/)
    terminal.pty.write('\u0003')
    expect(await terminal.ended).toBe(1)
    expect(await readdir(cwd)).toEqual(['app.ndjson'])
  })

  test('a value under a secret’s name is shown nowhere', async () => {
    const input = '{"level":30,"msg":"","password":"hunter2","user":{"apiKey":"hunter2"}}\n'
    const cwd = await directoryForTest()
    const { stdout } = await runCli(['init'], { cwd, input })
    expect(stdout).toContain('password: looks like a secret')
    expect(stdout).not.toContain('hunter2')
    expect(JSON.stringify(await dryRun([], { input }))).not.toContain('hunter2')
  })
})

test('hostile keys do no harm: not on the screen, not in the files', async () => {
  const cwd = await directoryForTest()
  const record = {
    level: 30,
    msg: '\u001b[31mred',
    "a'b": 1,
    '${x}': 2,
    "'; exit 1 #": 3,
    'q"uote': { "in'ner": 1 },
    'back\\slash': true,
    'line\nbreak': 'x\ny',
    '\u001b[2J': 1,
    constructor: 5,
    toString: 'x',
  }
  const line = JSON.stringify(record).replace('{', '{"__proto__":{"polluted":1},')
  const { code, stdout, stderr } = await runCli(['init'], { cwd, input: `${line}\n` })
  expect(code, stderr).toBe(0)
  expect(stdout + stderr).not.toContain('\u001b')
  const generated = (await import(join(cwd, 'azlogs.generated.ts'))) as {
    readonly azlogsOptions: { readonly columns: Readonly<Record<string, string>> }
  }
  expect(Object.values(generated.azlogsOptions.columns).toSorted()).toEqual(
    [
      '\u001b[2J',
      '${x}',
      "'; exit 1 #",
      '__proto__.polluted',
      "a'b",
      'back\\slash',
      'constructor',
      'line\nbreak',
      'q"uote.in\'ner',
      'toString',
    ].toSorted(),
  )
  expect(spawnSync('bash', ['-n', join(cwd, 'infra/deploy.sh')]).status).toBe(0)
  expect((await parseBicep(await readFile(join(cwd, 'infra/main.bicep'), 'utf8'))).hasError).toBe(false)
})

describe('files', () => {
  test('types go to src where there is one, and the script can be run', async () => {
    const cwd = await directoryForTest()
    await mkdir(join(cwd, 'src'))
    await runHere(['init'], { cwd, input: LINE })
    await access(join(cwd, 'src/azlogs.generated.ts'))
    expect((await stat(join(cwd, 'infra/deploy.sh'))).mode & 0o111).not.toBe(0)
  })

  test('one file in the way, and none is written', async () => {
    const cwd = await directoryForTest()
    await writeFile(join(cwd, '.env.example'), 'MINE=1\n')
    const { code, stderr } = await runCli(['init', '--yes'], { cwd, input: LINE })
    expect(code).toBe(1)
    expect(stderr).toContain('error AZL2002 Nothing was written: .env.example would be overwritten.')
    expect(await readdir(cwd)).toEqual(['.env.example'])
    expect(await readFile(join(cwd, '.env.example'), 'utf8')).toBe('MINE=1\n')
    expect(await runHere(['init', '--force'], { cwd, input: LINE })).toMatchObject({ code: 0 })
    expect(await readFile(join(cwd, '.env.example'), 'utf8')).toContain('AZURE_DCR_RULE_ID')
  })

  test('a person is asked before a file is overwritten', async () => {
    const cwd = await directoryForTest()
    await writeFile(join(cwd, 'app.ndjson'), LINE)
    await writeFile(join(cwd, '.env.example'), 'MINE=1\n')
    const terminal = openTerminal(['init', '--from', 'app.ndjson'], { cwd })
    await terminal.until(/Which values get a column\?/)
    terminal.pty.write('\r')
    await terminal.until(/Overwrite \.env\.example\?/)
    terminal.pty.write('y')
    expect(await terminal.ended).toBe(0)
    expect(await readFile(join(cwd, '.env.example'), 'utf8')).toContain('AZURE_DCR_RULE_ID')
  })

  test('--update adds new columns behind the old ones and rewrites what azlogs wrote', async () => {
    const cwd = await directoryForTest()
    await runHere(['init'], { cwd, input: LINE })
    const { code, stdout } = await runCli(['init', '--update'], {
      cwd,
      input: '{"level":30,"msg":"","aNew":"one"}\n',
    })
    expect(code).toBe(0)
    expect(stdout).toContain('update infra/main.bicep\n')
    const { columns } = JSON.parse(await readFile(join(cwd, 'azlogs.schema.json'), 'utf8')) as {
      readonly columns: readonly { readonly name: string }[]
    }
    expect(columns.slice(15).map(({ name }) => name)).toEqual(['OrderId', 'ANew'])
  })

  test('--update keeps the rule’s name and the ways of deploying that were chosen', async () => {
    const cwd = await directoryForTest()
    await runHere(['init', '--rule-name', 'my-rule', '--iac', 'bicep'], { cwd, input: LINE })
    const { code } = await runCli(['init', '--update'], { cwd, input: '{"level":30,"msg":"","x1":1}\n' })
    expect(code).toBe(0)
    expect(await readdir(join(cwd, 'infra'))).toEqual(['main.bicep', 'workbook.json'])
    const bicep = await readFile(join(cwd, 'infra/main.bicep'), 'utf8')
    expect(bicep).toContain("param ruleName string = 'my-rule'")
    expect(bicep).toContain("name: 'X1'")
  })

  test('--update does not overwrite what somebody has changed by hand', async () => {
    const cwd = await directoryForTest()
    await runHere(['init'], { cwd, input: LINE })
    await writeFile(join(cwd, 'infra/main.bicep'), '// mine\n')
    const { code, stderr } = await runCli(['init', '--update'], {
      cwd,
      input: '{"level":30,"msg":"","x1":1}\n',
    })
    expect(code).toBe(1)
    expect(stderr).toContain('infra/main.bicep would be overwritten')
    expect(await readFile(join(cwd, 'azlogs.schema.json'), 'utf8')).not.toContain('X1')
  })

  test('--update without a sample follows a schema that was changed by hand', async () => {
    const cwd = await directoryForTest()
    await runHere(['init'], { cwd, input: LINE })
    const path = join(cwd, 'azlogs.schema.json')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('"OrderId","type":"long"', '"Order","type":"real"'))
    await runHere(['init', '--update', '--force'], { cwd })
    expect(await readFile(join(cwd, 'infra/main.bicep'), 'utf8')).toContain("name: 'Order'\n    type: 'real'")
    expect(await readFile(path, 'utf8')).not.toContain(/"hash": "(.*)"/.exec(text)?.[1])
  })

  test('--update says what is wrong with the schema', async () => {
    const cwd = await directoryForTest()
    await writeFile(join(cwd, 'azlogs.schema.json'), '{"version":1,"table":"x"}')
    expect(await runHere(['init', '--update'], { cwd, input: LINE })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('error AZL1004'),
    })
  })
})
