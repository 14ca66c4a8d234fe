import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, onTestFinished, test } from 'vitest'

import type { SoakResult } from '../src/result.ts'

interface Run {
  readonly child: ChildProcess
  /** The folder for temporary files, and nothing else in it. */
  readonly folder: string
  readonly out: string
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>
}

function run(script: string, args: string, onOutput: (text: string) => void = () => {}): Run {
  const parent = mkdtempSync(join(tmpdir(), 'azlogs-test-'))
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }))
  const folder = mkdtempSync(join(parent, 'temporary-'))
  const out = join(parent, 'results.json')
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url))
  const child = spawn(process.execPath, ['--conditions=dev', path, ...args.split(' '), '--out', out], {
    env: { ...process.env, NODE_OPTIONS: '', TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => {
    child.kill('SIGTERM')
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      onOutput(output)
    })
  }
  const ended = new Promise<{ readonly code: number | null; readonly output: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, output }))
  })
  return { child, folder, out, ended }
}

test('every record of applications that are killed is accounted for', { timeout: 120_000 }, async () => {
  const { ended, folder, out } = run(
    'src/main.ts',
    '--minutes 0.1 --seed 62 --only core-wal,winston-memory,pino-worker-wal',
  )
  const { code, output } = await ended
  expect(output).toContain('all accounted for')
  expect(code).toBe(0)
  expect(readdirSync(folder)).toEqual([])
  const result = JSON.parse(readFileSync(out, 'utf8')) as SoakResult
  expect(result).toMatchObject({ seed: 62, interrupted: false, violations: [] })
  expect(result.recordsStored).toBeGreaterThan(100)
  expect(Object.keys(result.kills)).not.toEqual([])
})

test('a record that an application loses ends the run, with its number', { timeout: 120_000 }, async () => {
  const { ended, folder } = run(
    'test/fixtures/lossy-soak.ts',
    '--minutes 0.1 --seed 1 --only steady-core-memory',
  )
  const { code, output } = await ended
  expect(output).toMatch(/VIOLATION: steady-core-memory\.1: 1 records? .*nowhere.* \(42\)/)
  expect(output).toMatch(/^seed +1$/m)
  expect(code).toBe(1)
  expect(readdirSync(folder)).toEqual([])
})

test.runIf(process.platform === 'linux')(
  'Ctrl-C ends every process and leaves no file',
  { timeout: 120_000 },
  async () => {
    let children: readonly number[] = []
    const { child, ended, folder } = run(
      'src/main.ts',
      '--minutes 0.15 --seed 1 --only core-wal,pino-worker-memory',
      (output) => {
        // The first check is over: everything has been running for a while.
        if (!output.includes('minute 0.') || children.length > 0) return
        children = childrenOf(child.pid ?? 0)
        child.kill('SIGINT')
      },
    )
    const { code, output } = await ended
    expect(output).toContain('interrupted')
    expect(code).toBe(130)
    expect(children.length).toBeGreaterThanOrEqual(2)
    expect(children.filter(isThere)).toEqual([])
    expect(readdirSync(folder)).toEqual([])
  },
)

test('what cannot be run is said, with what can', async () => {
  const { ended } = run('src/main.ts', '--minutes ten --only log4j')
  const { code, output } = await ended
  expect(output).toContain('--minutes must be a number of 0.05 at least, not "ten".')
  expect(output).toContain('there is no application "log4j"')
  expect(output).toContain('winston-worker-memory')
  expect(code).toBe(2)
})

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
