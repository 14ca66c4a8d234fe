import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

/** The programs among a README's code blocks: those in JavaScript that import something. */
async function programsOf(readme: string): Promise<readonly string[]> {
  const text = await readFile(new URL(`../../../${readme}`, import.meta.url), 'utf8')
  const blocks = [...text.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, code = '']) => code)
  return blocks.filter((code) => code.startsWith('import '))
}

/** A directory of an application with our packages; what its programs leave there goes with the test. */
function newApplication(): string {
  const directory = mkdtempSync(join(tmpdir(), 'azlogs-readme-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  symlinkSync(fileURLToPath(new URL('../node_modules', import.meta.url)), join(directory, 'node_modules'))
  return directory
}

test.each([
  { readme: 'README.md', rows: [2, 2] },
  { readme: 'packages/core/README.md', rows: [2, 1, 1] },
  // It starts an emulator of its own.
  { readme: 'packages/emulator/README.md', rows: [0] },
])('every program of $readme runs as it stands there, and ships its records', async ({ readme, rows }) => {
  const programs = await programsOf(readme)
  expect(programs).toHaveLength(rows.length)
  const cwd = newApplication()
  for (const [index, program] of programs.entries()) {
    emulator.clear()
    const { stderr } = await promisify(execFile)(
      process.execPath,
      ['--conditions=dev', '--input-type=module', '--eval', program],
      { cwd, env: { ...process.env, ...emulator.env } },
    )
    expect(stderr).toBe('')
    expect(emulator.rows()).toHaveLength(rows[index] ?? 0)
  }
})

test('the test in the README of the emulator is the one that runs here', async () => {
  const readme = await readFile(new URL('../../emulator/README.md', import.meta.url), 'utf8')
  expect(readme).toContain(await readFile(new URL('emulator-example.test.ts', import.meta.url), 'utf8'))
})
