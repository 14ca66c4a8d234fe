import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

const run = promisify(execFile)

/** What users of a CommonJS application write. */
const SCRIPTS = {
  'core.cjs': `
    const { createShipper, LogsIngestionClient } = require('@azlogs/core')
    const { AZURE_DCE_ENDPOINT: endpoint, AZURE_DCR_RULE_ID: rule, AZURE_DCR_STREAM_NAME: stream } = process.env
    const credential = { kind: 'managed-identity' }
    async function main() {
      const shipper = createShipper({ credential })
      shipper.push({ Message: 'from the shipper' })
      await shipper.close()
      const client = new LogsIngestionClient(endpoint, credential)
      await client.upload(rule, stream, [{ Message: 'from upload' }])
      await client.close()
    }
    main()
  `,
  'winston.cjs': `
    const winston = require('winston')
    const { AzureLogsTransport } = require('@azlogs/winston')
    const transport = new AzureLogsTransport({ credential: { kind: 'managed-identity' } })
    const logger = winston.createLogger({ transports: [transport] })
    logger.info('one')
    logger.error(new Error('two'))
    logger.end()
  `,
  'winston-worker.cjs': `
    const winston = require('winston')
    const { AzureLogsTransport } = require('@azlogs/winston')
    const transport = new AzureLogsTransport({ credential: { kind: 'managed-identity' }, worker: true })
    const logger = winston.createLogger({ transports: [transport] })
    logger.info('one')
    logger.info('two')
    process.exit(0)
  `,
  'pino.cjs': `
    const pino = require('pino')
    const logger = pino(pino.transport({ target: '@azlogs/pino', options: { credential: { kind: 'managed-identity' } } }))
    logger.info('one')
    logger.error(new Error('two'))
  `,
  'pino-named.cjs': `
    const pino = require('pino')
    const { azureLogsTransport, flushTransport } = require('@azlogs/pino')
    const transport = azureLogsTransport({ credential: { kind: 'managed-identity' } })
    const logger = pino(transport)
    logger.info('one')
    logger.info('two')
    flushTransport(transport).then(() => process.kill(process.pid, 'SIGKILL'))
  `,
  'esm.mjs': `
    import { createShipper } from '@azlogs/core'
    import { AzureLogsTransport } from '@azlogs/winston'
    import { createAzureLogsStream } from '@azlogs/pino'
    import pino from 'pino'
    import winston from 'winston'
    const credential = { kind: 'managed-identity' }
    winston.createLogger({ transports: [new AzureLogsTransport({ credential })] }).info('one')
    pino(createAzureLogsStream({ credential })).info('two')
  `,
}

/** A test of an application, without a runner. */
const EMULATOR_SCRIPT = `
  const { LogsIngestionClient } = require('@azlogs/core')
  const { startEmulator } = require('@azlogs/emulator')
  const { assertIngested, assertNothingDropped } = require('@azlogs/emulator/testing')
  async function main() {
    const emulator = await startEmulator({ https: false })
    const client = new LogsIngestionClient(emulator.url, emulator.credential)
    await client.upload(emulator.ruleId, emulator.streamName, [{ Message: 'one' }, { Message: 'two' }])
    await client.close()
    const rows = await assertIngested(emulator, { Message: 'two' })
    assertNothingDropped(emulator)
    await assertIngested(emulator, { Message: 'three' }, { within: 0 }).then(
      () => console.log('three is there'),
      () => console.log(rows.length, 'of', emulator.rows().length),
    )
    await emulator.close()
  }
  main()
`

/** What an application has logged with pino. */
const LINES = `
{"level":30,"time":1795000000000,"pid":7,"hostname":"web","orderId":1,"msg":"one"}
{"level":50,"time":1795000000001,"pid":7,"hostname":"web","orderId":2,"msg":"two"}
`

let emulator: Emulator
let folder: string

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
  folder = await mkdtemp(join(tmpdir(), 'azlogs-dist-'))
  for (const name of ['core', 'winston', 'pino', 'emulator', 'cli']) await pack(name)
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
  await install('./core.tgz', './winston.tgz', './pino.tgz', './emulator.tgz', 'pino@10', 'winston@3')
  const files = { ...SCRIPTS, 'emulator.cjs': EMULATOR_SCRIPT, 'lines.ndjson': LINES.trimStart() }
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text)
}, 240_000)

afterAll(async () => {
  await emulator.close()
  await rm(folder, { recursive: true, force: true })
})

beforeEach(() => emulator.clear())

// pnpm packs what it would publish: workspace and catalog versions resolved, publishConfig applied.
async function pack(name: string): Promise<void> {
  await run('npx', ['-y', 'pnpm@10.34.9', 'pack', '--out', join(folder, `${name}.tgz`)], {
    cwd: fileURLToPath(new URL(`../../${name}`, import.meta.url)),
    env: PLAIN_ENV,
  })
}

async function install(...packages: string[]): Promise<void> {
  await run('npm', ['install', '--no-audit', '--no-fund', '--omit=peer', ...packages], {
    cwd: folder,
    env: PLAIN_ENV,
  })
}

/** The environment without what a package manager adds for its scripts: npm must not take our settings for its own. */
const PLAIN_ENV = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm|pnpm)_/i.test(name)),
)

async function nodeBinary(major: number): Promise<string> {
  const { stdout } = await run('npx', ['-y', '-p', `node@${major}`, 'node', '-p', 'process.execPath'], {
    cwd: tmpdir(),
    env: PLAIN_ENV,
  })
  return stdout.trim()
}

test('without @azure/identity the error names the command that installs it', async () => {
  const { stderr } = await run(process.execPath, ['winston.cjs'], {
    cwd: folder,
    env: { ...PLAIN_ENV, ...emulator.env },
  })
  expect(stderr).toContain('AZLOGS_IDENTITY_MISSING')
  expect(stderr).toContain('npm install @azure/identity')
}, 30_000)

describe('with @azure/identity, which azlogs brings along', () => {
  beforeAll(() => install('./cli.tgz'), 240_000)

  describe.each([22, 24, 26])('the packed packages on Node.js %i', (major) => {
    let node: string

    beforeAll(async () => {
      node = await nodeBinary(major)
    }, 240_000)

    /** Runs a file of the folder: what it printed, without the warnings of Node.js. */
    async function runFile(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
      const env = { ...PLAIN_ENV, ...emulator.env }
      const { stdout, stderr } = await run(node, args, { cwd: folder, env }).catch(
        (error: { stdout: string; stderr: string; signal?: string }) => error,
      )
      return { stdout, stderr: stderr.replaceAll(/^\(node:\d+\) .*Warning.*\n(\(Use .*\n)?/gm, '') }
    }

    const AZLOGS = join('node_modules', 'azlogs', 'bin', 'azlogs.mjs')
    const AZLOGS_EMULATOR = join('node_modules', '@azlogs', 'emulator', 'bin', 'azlogs-emulator.mjs')

    test.each(Object.keys(SCRIPTS))(
      '%s',
      async (script) => {
        expect(await runFile(script)).toMatchObject({ stderr: '' })
        expect(await emulator.waitForRows(2)).toHaveLength(2)
      },
      60_000,
    )

    test('an emulator of its own, and the assertions for it', async () => {
      expect(await runFile('emulator.cjs')).toEqual({ stdout: '1 of 2\n', stderr: '' })
    }, 60_000)

    test('azlogs-emulator explains itself', async () => {
      expect((await runFile(AZLOGS_EMULATOR, '--help')).stdout).toContain('azlogs-emulator')
    }, 60_000)

    test('azlogs explains itself, infers a schema from lines, and sends them', async () => {
      expect(await runFile(AZLOGS, '--help')).toMatchObject({
        stdout: expect.stringContaining('doctor') as string,
        stderr: '',
      })
      const init = await runFile(AZLOGS, 'init', '--from', 'lines.ndjson', '--dry-run')
      expect(init.stderr).toBe('')
      expect(init.stdout).toMatch(/OrderId +long/)
      expect(await runFile(AZLOGS, 'send', 'lines.ndjson')).toMatchObject({
        stdout: expect.stringContaining('2 records accepted') as string,
        stderr: '',
      })
      expect(emulator.rows()).toMatchObject([{ Message: 'one' }, { Message: 'two' }])
    }, 120_000)
  })
})
