import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
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

let emulator: Emulator
let folder: string

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
  folder = await mkdtemp(join(tmpdir(), 'azlogs-dist-'))
  const packages = ['core', 'winston', 'pino', 'emulator']
  for (const name of packages) await pack(fileURLToPath(new URL(`../../${name}`, import.meta.url)), folder)
  const tarballs = (await readdir(folder)).filter((file) => file.endsWith('.tgz'))
  expect(tarballs).toHaveLength(packages.length)
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
  await install(...tarballs.map((file) => `./${file}`), 'pino@10', 'winston@3')
  for (const [file, script] of Object.entries(SCRIPTS)) await writeFile(join(folder, file), script)
}, 240_000)

afterAll(async () => {
  await emulator.close()
  await rm(folder, { recursive: true, force: true })
})

beforeEach(() => emulator.clear())

// pnpm packs what it would publish: workspace and catalog versions resolved, publishConfig applied.
async function pack(directory: string, destination: string): Promise<void> {
  await run('npx', ['-y', 'pnpm@10.34.9', 'pack', '--pack-destination', destination], {
    cwd: directory,
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

describe.each([22, 24, 26])('the packed packages on Node.js %i', (major) => {
  let node: string

  beforeAll(async () => {
    node = await nodeBinary(major)
    await install('@azure/identity@4')
  }, 240_000)

  test.each(Object.keys(SCRIPTS))(
    '%s',
    async (script) => {
      const ending = await run(node, [script], { cwd: folder, env: { ...PLAIN_ENV, ...emulator.env } }).catch(
        (error: { stderr: string; signal?: string }) => error,
      )
      expect(ending.stderr.replaceAll(/^\(node:\d+\) .*Warning.*\n(\(Use .*\n)?/gm, '')).toBe('')
      expect(await emulator.waitForRows(2)).toHaveLength(2)
    },
    60_000,
  )

  test('azlogs-emulator explains itself', async () => {
    const { stdout } = await run(
      node,
      [join('node_modules', '@azlogs', 'emulator', 'bin', 'azlogs-emulator.mjs'), '--help'],
      { cwd: folder },
    )
    expect(stdout).toContain('azlogs-emulator')
  }, 30_000)
})
