import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** The environment without what a package manager adds for its scripts: npm must not take our settings for its own. */
export const PLAIN_ENV: Readonly<NodeJS.ProcessEnv> = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm|pnpm)_/i.test(name)),
)

/** Runs a program and resolves with what it prints. What it says on stderr is in the error when it fails. */
export async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await execute(program, args, { cwd, env: PLAIN_ENV, maxBuffer: 64 * 1024 * 1024 })
  return stdout
}
