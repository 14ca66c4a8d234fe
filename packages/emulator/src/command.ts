import { readFile } from 'node:fs/promises'

import { startEmulator } from './emulator.ts'
import type { Emulator, EmulatorOptions } from './emulator.ts'
import { readFlags, usage } from './flags.ts'
import type { RunFlags } from './flags.ts'
import { createReport } from './report.ts'
import type { TableSchema } from './lock-file.ts'

/*
 * The command as functions, for the `azlogs` command line: `@azlogs/emulator/command`. No part of the public interface:
 * it may change in any release.
 */

/** A wrong flag, a file that cannot be used, a port that is taken. */
const MISUSE_EXIT_CODE = 2

/** What the command uses of a process; `process` itself will do. */
export type CommandIo = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'env' | 'once' | 'off'>

export interface DevServerOptions extends EmulatorOptions {
  /** One JSON object a line instead of text. @default false */
  readonly json?: boolean
  /** Print only requests that fail or lose something. @default false */
  readonly quiet?: boolean
}

export interface DevServer extends AsyncDisposable {
  readonly emulator: Emulator
  /** Resolves once it was closed, by `close()`, a key or a signal. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

/**
 * Starts an emulator and prints what happens to it, until `close()`, the key `q`, SIGINT or SIGTERM.
 *
 * @throws {Error} with a remedy in the message when a port is taken, the schema or the database cannot be used.
 */
export async function runDevServer(options: DevServerOptions, io: CommandIo): Promise<DevServer> {
  const { json = false, quiet = false, ...emulatorOptions } = options
  const report = createReport({ json, quiet })
  let emulator: Emulator
  try {
    emulator = await startEmulator({
      ...emulatorOptions,
      onVerdict(verdict) {
        io.stdout.write(report.judged(verdict))
        options.onVerdict?.(verdict)
      },
    })
  } catch (error) {
    throw explained(error)
  }
  let markClosed: () => void
  const closed = new Promise<void>((resolve) => (markClosed = resolve))
  const close = async (): Promise<void> => {
    // A second signal finds no handler and ends the process at once.
    for (const signal of SIGNALS) io.off(signal, close)
    await emulator.close()
    markClosed()
  }
  for (const signal of SIGNALS) io.once(signal, close)
  io.stdout.write(report.started(emulator))
  return { emulator, closed, close, [Symbol.asyncDispose]: close }
}

/**
 * The whole command: reads the flags, runs until it is told to stop, resolves with the exit code. Writes what is wrong to
 * stderr instead of throwing.
 *
 * @param name how it is called, for the usage text: `azlogs-emulator` or `azlogs dev`.
 */
export async function runCommand(argv: readonly string[], name: string, io: CommandIo): Promise<number> {
  const flags = readFlags(argv)
  switch (flags.kind) {
    case 'help':
      io.stdout.write(usage(name))
      return 0
    case 'wrong':
      io.stderr.write(`${flags.problems.join('\n')}\n\n${usage(name)}`)
      return MISUSE_EXIT_CODE
    case 'run':
      break
  }
  try {
    const server = await runDevServer(await optionsOf(flags), io)
    await server.closed
    return 0
  } catch (error) {
    io.stderr.write(`${messageOf(error)}\n`)
    return MISUSE_EXIT_CODE
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

async function optionsOf(flags: RunFlags): Promise<DevServerOptions> {
  const { kind: _kind, schemaFile, ...options } = flags
  return schemaFile === undefined ? options : { ...options, schema: await readSchemaFile(schemaFile) }
}

async function readSchemaFile(file: string): Promise<TableSchema> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as TableSchema
  } catch (error) {
    throw new Error(`${file} cannot be read as a schema: ${messageOf(error)}`, { cause: error })
  }
}

function explained(error: unknown): unknown {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number }
  if (code !== 'EADDRINUSE') return error
  return new Error(
    `port ${port} is taken: choose another with --port (http) or --https-port (https); 0 takes a free one`,
    { cause: error },
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
