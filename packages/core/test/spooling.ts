import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { onTestFinished } from 'vitest'

/** How an application with a spool ended, and what it had said until then. */
export interface Ending {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
  /** Records from the first on that it had called durable. */
  readonly durable: number
}

/** A path for a spool directory that is not there yet; what will be there goes with the test. */
export function spoolPath(): string {
  const parent = mkdtempSync(join(tmpdir(), 'azlogs-test-'))
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }))
  return join(parent, 'spool')
}

/** Runs `fixtures/spooling.ts`. */
export function runSpooling(
  args: readonly (string | number)[],
  env: Readonly<Record<string, string>>,
  onOutput?: OnOutput,
): Promise<Ending> {
  return runFixture('spooling.ts', args, env, onOutput)
}

/** Sees all of a child's output so far, and may kill it. */
type OnOutput = (stdout: string, kill: (signal: NodeJS.Signals) => void) => void

/** Runs one of the fixtures as a process. */
export function runFixture(
  name: string,
  args: readonly (string | number)[],
  env: Readonly<Record<string, string>>,
  onOutput: OnOutput = () => {},
): Promise<Ending> {
  const fixture = fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
  const child = spawn(process.execPath, ['--conditions=dev', fixture, ...args.map(String)], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    onOutput(stdout, (signal) => child.kill(signal))
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      const durable = Number(stdout.match(/durable (\d+)\n(?!.*durable \d+\n)/s)?.[1] ?? 0)
      resolve({ code, signal, stdout, stderr, durable })
    })
  })
}
