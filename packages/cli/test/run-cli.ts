import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

import { onTestFinished, vi } from 'vitest'

import { main } from '../src/main.ts'

const BIN = new URL('../src/bin.ts', import.meta.url)

/** Half of what a process costs is reading the sources: it is done once for all of them. */
const COMPILE_CACHE = new URL('../../../node_modules/.cache/azlogs-test', import.meta.url).pathname

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** Variables beside those that every child gets; what is undefined is taken away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  readonly input?: string | Uint8Array
}

/** Starts `azlogs` as a process of its own, which does not outlive the test. */
export function startCli(args: readonly string[], options: RunOptions = {}): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, ['--conditions=dev', BIN.pathname, ...args], {
    cwd: options.cwd ?? process.cwd(),
    env: environment(options.env),
    stdio: 'pipe',
  })
  const closed = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await closed
  })
  // A command that fails early does not read its input.
  child.stdin.on('error', () => {})
  return child
}

/** Runs `azlogs` to its end. */
export async function runCli(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = startCli(args, options)
  child.stdin.end(options.input ?? '')
  return finish(child)
}

/**
 * Runs `azlogs` to its end inside this process, one at a time: for tables of cases, beside others of the same command in
 * a process. Not for what gets a token: the identity library keeps the first identity of a process.
 */
export async function runHere(
  args: readonly string[],
  { env, cwd = process.cwd(), input = '' }: RunOptions = {},
): Promise<Finished> {
  const written = { stdout: '', stderr: '' }
  const before = { env: process.env, cwd: process.cwd() }
  const stdin = vi
    .spyOn(process, 'stdin', 'get')
    .mockReturnValue(Readable.from([Buffer.from(input)]) as never)
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      written[name] += String(chunk)
      return true
    }),
  )
  try {
    process.env = environment(env)
    process.chdir(cwd)
    await main(args)
    return { code: Number(process.exitCode ?? 0), ...written }
  } finally {
    process.exitCode = undefined
    process.chdir(before.cwd)
    process.env = before.env
    for (const spy of [stdin, ...spies]) spy.mockRestore()
  }
}

/** What a started process had to say, once it has ended. */
export async function finish(child: ChildProcessWithoutNullStreams): Promise<Finished> {
  const closed = once(child, 'close') as Promise<[number | null]>
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  return { code, stdout, stderr }
}

/** The surroundings of the test without what would change how the command behaves. */
export function environment(extra: RunOptions['env'] = {}): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(AZURE_|IDENTITY_|MSI_|AZLOGS_|NODE_(?!V8_COVERAGE)|VITEST|TEST$|CI$|(HTTPS?|ALL|NO)_PROXY$|.*_COLOR$)/i.test(
          name,
        ),
    ),
  )
  const all = { ...kept, NODE_COMPILE_CACHE: COMPILE_CACHE, ...extra }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
