import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How a child process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a fixture application to its end; SIGTERM comes when it says that it is ready. */
export function runFixture(
  file: URL,
  parameters: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd?: string,
): Promise<Ending> {
  const child = spawn(process.execPath, ['--conditions=dev', fileURLToPath(file), ...parameters], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    if (stdout === 'ready\n') child.kill('SIGTERM')
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  )
}
