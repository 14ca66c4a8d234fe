import { execFile } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Results } from '../src/report/results.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azlogs-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command on the packages' sources: these tests need no build. */
function bench(...arguments_: readonly string[]): Promise<Run> {
  const env = { ...process.env, NODE_OPTIONS: '--conditions=dev', INIT_CWD: folder }
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...arguments_], { cwd: folder, env }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr })
    })
  })
}

test('a tiny run goes all the way: every record arrives, and every value is written', async () => {
  const { code, stdout, stderr } = await bench(
    '--quick',
    '--scale',
    'tiny',
    '--rounds',
    '1',
    'upload',
    'winston',
    'pino',
  )
  expect(code, stderr).toBe(0)
  expect(stdout).toContain('what it says of targets means little')
  const { benches, rounds, scale, machine } = JSON.parse(
    await readFile(join(folder, 'results.json'), 'utf8'),
  ) as Results
  expect({ rounds, scale, node: machine.node }).toEqual({ rounds: 1, scale: 0.005, node: process.version })
  expect(Object.keys(benches)).toEqual(['upload', 'winston', 'pino'])
  for (const { subjects, targets } of Object.values(benches)) {
    for (const { figures } of subjects) {
      for (const { values } of figures) expect(values).toEqual([expect.any(Number)])
    }
    expect(targets.length).toBeGreaterThan(0)
    for (const { value } of targets) expect(value).toBeGreaterThan(0)
  }

  const drawn = await bench('--chart', 'bench.svg')
  expect(drawn, drawn.stderr).toMatchObject({ code: 0 })
  const svg = await readFile(join(folder, 'bench.svg'), 'utf8')
  expect(svg).toContain('winston-loki')
  expect(svg).not.toContain('NaN')

  const same = await bench('--compare', 'results.json', 'results.json')
  expect(same).toMatchObject({ code: 0 })
  expect(same.stdout).toContain('| winston | azlogs |')
}, 300_000)

test('profiles come from the processes that are measured, threads included', async () => {
  const { code, stderr } = await bench(
    '--quick',
    '--scale',
    'tiny',
    '--rounds',
    '1',
    '--out',
    'profiled.json',
    '--profiles',
    'my profiles',
    'pino',
  )
  expect(code, stderr).toBe(0)
  const profiles = await readdir(join(folder, 'my profiles'))
  const texts = await Promise.all(profiles.map((name) => readFile(join(folder, 'my profiles', name), 'utf8')))
  for (const program of ['logger-process.ts', 'receiver-process.ts', 'line-writer.ts']) {
    expect(texts.filter((text) => text.includes(program)).length, program).toBeGreaterThan(0)
  }
}, 300_000)

test('wrong use is told on stderr, with how it is used', async () => {
  const { code, stdout, stderr } = await bench('winstone')
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^There is no bench winstone\. There are upload, file, winston/)
  expect(stderr).toContain('--quick')
})

test('a file that holds no results is named', async () => {
  await writeFile(join(folder, 'other.json'), '{}')
  const { code, stderr } = await bench('--compare', 'other.json', 'other.json')
  expect(code).toBe(1)
  expect(stderr).toContain('other.json holds no results of the bench')
})
