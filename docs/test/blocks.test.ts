import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import { blocksOf, programOf } from './code-block.ts'
import type { CodeBlock } from './code-block.ts'
import { callProblem, callsIn } from './command-line.ts'
import { DATA_LANGUAGES } from './data-language.ts'
import { kqlSyntaxProblems } from './kql-syntax.ts'
import { pagesOf, ROOT } from './repository.ts'
import { runProgram, runShell } from './run-block.ts'
import { typeProblems } from './type-check.ts'

// Each block starts a process whose deadlines are real: few at once, and time for a machine that is busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000, maxConcurrency: 2 })

const PAGES = ['README.md', 'docs/**/*.md', 'packages/*/README.md', 'examples/*/README.md']
const blocks = pagesOf(...PAGES).flatMap(blocksOf)

const programs = blocks.filter(({ language }) => /^[jt]sx?$/.test(language))
const queries = blocks.filter(({ language }) => language === 'kql')
const shells = blocks.filter(({ language }) => language === 'sh' || language === 'bash')
/** Languages that nothing here can read. */
const UNREAD = ['', 'text', 'console', 'diff', 'dockerfile', 'ini', 'mermaid']

/** Not those that a test runs elsewhere: a file that is repeated, and the examples unless they say what they leave. */
function isToRun({ page, rows, notRun, is }: CodeBlock): boolean {
  return notRun === undefined && is === undefined && (rows !== undefined || !page.startsWith('examples/'))
}

test('every block is in a language that is checked, or is plain text', () => {
  const languages = [...programs, ...queries, ...shells].map(({ language }) => language)
  const known = new Set([...languages, ...Object.keys(DATA_LANGUAGES), ...UNREAD])
  expect(blocks.filter(({ language }) => !known.has(language)).map(({ place }) => place)).toEqual([])
})

describe('the compiler', () => {
  const wrong: CodeBlock = {
    page: 'docs/README.md',
    line: 7,
    place: 'docs/README.md:7',
    language: 'ts',
    given: "import { createShipper } from '@azlogs/core'",
    code: "\ncreateShipper({ flushInterval: '5s' })",
    rows: undefined,
    notRun: undefined,
    fails: undefined,
    is: undefined,
  }
  let problems: readonly string[]
  beforeAll(() => {
    problems = typeProblems([...programs, wrong])
  })

  test('has nothing against any program or part of one', () => {
    expect(problems.slice(0, -1)).toEqual([])
  })

  test('tells what is wrong with a block, with its page and line', () => {
    expect(problems.at(-1)).toMatch(/^docs\/README\.md:8: .*flushInterval/)
  })
})

describe('a program runs as it stands there, and ships its records', () => {
  const whole = programs.filter(isToRun).filter((block) => /^import /m.test(programOf(block)))
  test.concurrent.for(whole)('$place', async (block, { expect }) => {
    const { stderr, rows } = await runProgram(block)
    if (block.fails === undefined) expect(stderr).toBe('')
    else expect(stderr).toContain(block.fails)
    if (block.rows === undefined) expect(rows).not.toEqual([])
    else expect(rows).toHaveLength(block.rows)
  })
})

test.each(blocks.filter(({ is }) => is !== undefined))(
  '$place is the file that it says it is',
  ({ code, is = '' }) => {
    expect(`${code}\n`).toBe(readFileSync(join(ROOT, is), 'utf8'))
  },
)

describe('a shell block that calls our commands does so without a failure', () => {
  const calling = shells.filter(isToRun).filter((block) => callsIn(programOf(block)).length > 0)
  test.concurrent.for(calling)('$place', async (block, { expect }) => {
    await expect(runShell(block)).resolves.toBeDefined()
  })
})

test.each(blocks.filter(({ code }) => callsIn(code).length > 0))(
  'the commands and flags in $place exist',
  ({ code }) => {
    expect(callsIn(code).map(callProblem).filter(Boolean)).toEqual([])
  },
)

test.each(blocks.filter(({ language }) => language in DATA_LANGUAGES))(
  '$place is well-formed',
  async ({ language, code }) => {
    expect(await DATA_LANGUAGES[language]?.(code)).toBeUndefined()
  },
)

describe('what is wrong is told', () => {
  test.each([
    ['json', '{ "a": 1, }'],
    ['jsonc', '{ "a": }'],
    ['yaml', 'a: [1'],
    ['bicep', 'resource table {'],
  ])('in %s', async (language, text) => {
    expect(await DATA_LANGUAGES[language]?.(text)).toEqual(expect.any(String))
  })

  test('in KQL', () => {
    expect(kqlSyntaxProblems('AppLogs_CL | where (Level')).not.toEqual([])
  })

  test('in a call of our commands', () => {
    const calls = callsIn('npx azlogs send app.ndjson --retry 3\nnode app.js | npx azlogs ship')
    expect(calls.map(callProblem)).toEqual([
      'azlogs send app.ndjson --retry 3: there is no --retry',
      'there is no azlogs ship',
    ])
  })
})

describe('queries', () => {
  let emulator: Emulator
  beforeAll(async () => {
    emulator = await startEmulator({ https: false })
  })
  afterAll(() => emulator.close())

  test.each(queries)('Microsoft’s parser has nothing against $place', ({ code }) => {
    expect(kqlSyntaxProblems(code)).toEqual([])
  })

  test.each(queries.filter(({ notRun }) => notRun === undefined))('$place runs', async ({ code }) => {
    await expect(emulator.query(code)).resolves.toBeDefined()
  })
})
