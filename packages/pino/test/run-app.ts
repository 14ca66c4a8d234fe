import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How a child process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** From its last word on stdout, or its start, to its end. */
  readonly endingMs: number
}

/** Runs a fixture to its end. `signalWhenReady` is sent when it has written «ready». */
export function runFixture(
  name: string,
  argument: unknown,
  env: Readonly<Record<string, string>>,
  signalWhenReady?: NodeJS.Signals,
  cwd?: string,
): Promise<Ending> {
  let saidAt = performance.now()
  const file = fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url))
  const child = spawn(process.execPath, ['--conditions=dev', file, JSON.stringify(argument)], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  let signalled = false
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    saidAt = performance.now()
    if (signalWhenReady === undefined || signalled || !stdout.includes('ready')) return
    signalled = child.kill(signalWhenReady)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr, endingMs: performance.now() - saidAt })
    })
  })
}
