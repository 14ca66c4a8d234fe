import { rename } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { bundle, FORMATS } from './bundles.ts'
import { createConsumer, NODE_VERSIONS } from './consumer.ts'
import type { Consumer } from './consumer.ts'
import { EMULATOR_PROGRAM, LINES, PROGRAMS } from './programs.ts'
import type { Program } from './programs.ts'
import { runProgram } from './run-program.ts'
import { complaintsOf, TYPESCRIPT_VERSIONS } from './types.ts'
import { COMMONJS_FILE, USER_FILES, VITEST_FILE } from './user-files.ts'

/*
 * The tarballs as npm installs them, in the ways that users use them. One installation serves all; everything that only
 * reads it runs at the same time.
 */
let consumer: Consumer

beforeAll(async () => {
  consumer = await createConsumer()
  await consumer.write({
    ...PROGRAMS,
    ...USER_FILES,
    ...VITEST_FILE,
    ...COMMONJS_FILE,
    'emulator.cjs': EMULATOR_PROGRAM,
    // Each has its own: an upload keeps its state beside its file.
    ...Object.fromEntries(NODE_VERSIONS.map((major) => [`lines-${major}.ndjson`, LINES])),
  })
}, 240_000)

afterAll(() => consumer.remove(), 120_000)

test('without @azure/identity the error names the command that installs it', async () => {
  const identity = join(consumer.folder, 'node_modules', '@azure', 'identity')
  await rename(identity, `${identity}.away`)
  try {
    const { stderr } = await runProgram(process.execPath, ['winston.cjs'], consumer.folder)
    expect(stderr).toContain('AZLOGS_IDENTITY_MISSING')
    expect(stderr).toContain('npm install @azure/identity')
  } finally {
    await rename(`${identity}.away`, identity)
  }
}, 120_000)

const AZLOGS = join('node_modules', 'azlogs', 'bin', 'azlogs.mjs')
const AZLOGS_EMULATOR = join('node_modules', '@azlogs', 'emulator', 'bin', 'azlogs-emulator.mjs')

describe.concurrent.each(NODE_VERSIONS)('installed, on Node.js %i', (major) => {
  const runFile = (...args: readonly string[]): ReturnType<typeof runProgram> =>
    runProgram(consumer.nodes.get(major) ?? '', args, consumer.folder)

  test.each(Object.keys(PROGRAMS))(
    '%s',
    async (program) => {
      expect(await runFile(program)).toEqual({ stdout: '', stderr: '', messages: ['one', 'two'] })
    },
    120_000,
  )

  test('an emulator of its own, and the assertions for it', async () => {
    expect(await runFile('emulator.cjs')).toMatchObject({ stdout: '1 of 2\n', stderr: '' })
  }, 120_000)

  test('azlogs-emulator explains itself', async () => {
    const { stdout } = await runFile(AZLOGS_EMULATOR, '--help')
    expect(stdout).toContain('azlogs-emulator')
  }, 120_000)

  test('azlogs explains itself, infers a schema from lines, and sends them', async () => {
    const lines = `lines-${major}.ndjson`
    const help = await runFile(AZLOGS, '--help')
    expect(help.stderr).toBe('')
    expect(help.stdout).toContain('doctor')
    const init = await runFile(AZLOGS, 'init', '--from', lines, '--dry-run')
    expect(init.stderr).toBe('')
    expect(init.stdout).toMatch(/OrderId +long/)
    const sent = await runFile(AZLOGS, 'send', lines)
    expect(sent).toMatchObject({ stderr: '', messages: ['one', 'two'] })
    expect(sent.stdout).toContain('2 records accepted')
  }, 120_000)
})

describe.concurrent.each(TYPESCRIPT_VERSIONS)('read by TypeScript %s', (version) => {
  test('our declarations are without fault', async () => {
    expect(await complaintsOf(consumer, version, 'nodenext', Object.keys(USER_FILES), 'checked')).toEqual([])
  }, 240_000)

  test.each(['node16', 'bundler'] as const)(
    'a user’s files are without fault with moduleResolution %s',
    async (resolution) => {
      expect(await complaintsOf(consumer, version, resolution, Object.keys(USER_FILES), 'read')).toEqual([])
    },
    240_000,
  )
})

test.concurrent('vitest’s expect knows our matchers', async () => {
  expect(await complaintsOf(consumer, '7', 'nodenext', Object.keys(VITEST_FILE), 'read')).toEqual([])
}, 240_000)

test.concurrent.each(['5.9', '7'] as const)(
  'TypeScript %s lets a CommonJS file import them, with moduleResolution nodenext',
  async (version) => {
    expect(await complaintsOf(consumer, version, 'nodenext', Object.keys(COMMONJS_FILE), 'read')).toEqual([])
  },
  240_000,
)

describe.concurrent.each(FORMATS)('bundled by esbuild as %s', (format) => {
  const runBundle = async (path: string): ReturnType<typeof runProgram> =>
    runProgram(process.execPath, [path], consumer.folder)
  const both = { stdout: '', stderr: '', messages: ['one', 'two'] }

  test.each<Program>(['core.mjs', 'winston.mjs', 'pino-stream.mjs'])(
    '%s needs nothing beside its bundle',
    async (program) => {
      expect(await runBundle(await bundle(consumer, program, format))).toEqual(both)
    },
    120_000,
  )

  test('a target by its name needs esbuild-plugin-pino', async () => {
    const path = await bundle(consumer, 'pino-target.mjs', format, { transports: ['@azlogs/pino'] })
    expect(await runBundle(path)).toEqual(both)
  }, 120_000)

  test('a target by its URL needs the plugin, and the worker as an entry point named worker', async () => {
    const path = await bundle(consumer, 'pino-target-url.mjs', format, {
      transports: [],
      entries: { worker: '@azlogs/pino/worker' },
    })
    expect(await runBundle(path)).toEqual(both)
  }, 120_000)

  test('worker: true of winston says at construction that it cannot be bundled, and what to do', async () => {
    const { stderr, messages } = await runBundle(await bundle(consumer, 'winston-worker.mjs', format))
    expect(stderr).toContain('AZLOGS_CONFIG')
    expect(stderr).toContain('probably because @azlogs/winston has been bundled')
    expect(stderr).toContain('Make it an external package of your bundler, or leave worker out.')
    expect(messages).toEqual([])
  }, 120_000)
})
