import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { startEmulator } from './emulator.ts'
import type { Emulator, EmulatorOptions } from './emulator.ts'
import { readFlags, usage } from './flags.ts'
import type { RunFlags } from './flags.ts'
import { listenForKeys } from './hotkeys.ts'
import { createKeyHandler } from './key-commands.ts'
import type { SchemaDocument } from './read-schema.ts'
import { createJsonReport, createTextReport } from './report.ts'
import type { Report, Shell } from './report.ts'
import { paintFor } from './row-line.ts'

/*
 * The command as functions, for the `azlogs` command line: `@azlogs/emulator/command`. No part of the public interface:
 * it may change in any release.
 */

/** A wrong flag, a file that cannot be used, a port that is taken. */
const MISUSE_EXIT_CODE = 2

/** What the command uses of a process; `process` itself will do. */
export type CommandIo = Pick<
  NodeJS.Process,
  'stdin' | 'stdout' | 'stderr' | 'env' | 'platform' | 'once' | 'off'
>

export interface DevServerOptions extends EmulatorOptions {
  /** One JSON object a line instead of text. @default false */
  readonly json?: boolean
  /** Print no rows, only what fails or loses something. @default false */
  readonly quiet?: boolean
}

export interface DevServer extends AsyncDisposable {
  readonly emulator: Emulator
  /** Resolves once it was closed, by `close()`, a key or a signal. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

/**
 * Starts an emulator and prints what happens to it, until `close()`, SIGINT, SIGTERM or the key `q`. In a terminal it
 * takes keys; elsewhere it prints plain lines.
 *
 * @throws {Error} with a remedy in the message when a port is taken, the schema or the database cannot be used.
 */
export async function runDevServer(options: DevServerOptions, io: CommandIo): Promise<DevServer> {
  const { json = false, quiet = false, ...emulatorOptions } = options
  const { stdin, stdout } = io
  const paint = paintFor(stdout)
  const shell: Shell = io.platform === 'win32' && io.env['MSYSTEM'] === undefined ? 'powershell' : 'posix'
  const startedMs = performance.now()
  let report: Report | undefined
  let emulator: Emulator
  const toldEvicted = new Map<string, number>()
  const reportEvicted = (): void => {
    for (const { name } of report === undefined ? [] : emulator.tables) {
      const evicted = emulator.evictedRows(name)
      const told = toldEvicted.get(name) ?? 0
      toldEvicted.set(name, evicted)
      // After clear() the count begins anew.
      stdout.write(report?.evicted(name, evicted < told ? evicted : evicted - told) ?? '')
    }
  }
  try {
    emulator = await startEmulator({
      ...emulatorOptions,
      onVerdict(verdict) {
        stdout.write(report?.judged(verdict) ?? '')
        reportEvicted()
        options.onVerdict?.(verdict)
      },
    })
  } catch (error) {
    throw explained(error)
  }
  const { tables } = emulator
  report = json
    ? createJsonReport({ quiet })
    : createTextReport({ paint, quiet, shell, severalTables: tables.length > 1 })
  const ending = new AbortController()
  let stopKeys = (): void => {}
  let closing: Promise<void> | undefined
  let markClosed: () => void
  const closed = new Promise<void>((resolve) => (markClosed = resolve))
  const close = (): Promise<void> => {
    closing ??= (async () => {
      // From here on a signal finds no handler and ends the process at once.
      for (const signal of SIGNALS) io.off(signal, close)
      ending.abort()
      stopKeys()
      await emulator.close()
      await Promise.all(printing)
      reportEvicted()
      stdout.write(report.closed())
      markClosed()
    })()
    return closing
  }
  for (const signal of SIGNALS) io.once(signal, close)
  // The reader of a pipe has gone, and every further write will say so again.
  stdout.on('error', () => void close())

  stdout.write(report.started(emulator, performance.now() - startedMs))
  // A file may have held more than is kept.
  reportEvicted()

  const printing = quiet
    ? []
    : tables.map(({ name }) => printRows(emulator, name, { report, stdout, ending: ending.signal }))
  if (!json && stdin.isTTY && stdout.isTTY) {
    stdout.write(`${paint('dim', 'press ? for keys')}\n\n`)
    stopKeys = listenForKeys(
      stdin,
      createKeyHandler({ emulator, report, shell, io, close: () => void close() }),
    )
  }
  return { emulator, closed, close, [Symbol.asyncDispose]: close }
}

async function printRows(
  emulator: Emulator,
  table: string,
  {
    report,
    stdout,
    ending,
  }: { readonly report: Report; readonly stdout: NodeJS.WriteStream; readonly ending: AbortSignal },
): Promise<void> {
  for await (const rows of emulator.follow(table)) {
    if (!stdout.write(report.rows(table, rows))) {
      // Rejects when the reader has gone: whoever pressed q does not wait for it.
      await once(stdout, 'drain', { signal: ending }).catch(() => {})
    }
    if (ending.aborted) return
    // A terminal is written to synchronously: requests must have their turn.
    await nextTurn()
  }
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
  const { kind: _kind, schemaFiles, ...options } = flags
  const schema = await Promise.all(schemaFiles.map(readSchemaFile))
  return schema.length === 0 ? options : { ...options, schema }
}

async function readSchemaFile(file: string): Promise<SchemaDocument> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as SchemaDocument
  } catch (error) {
    throw new Error(`${file} cannot be read as a schema: ${messageOf(error)}`, { cause: error })
  }
}

function explained(error: unknown): unknown {
  const { code = '', port } = error as NodeJS.ErrnoException & { port?: number }
  const problem = PORT_PROBLEMS.get(code)
  if (problem === undefined) return error
  return new Error(
    `port ${port} ${problem}: choose another with --port (http) or --https-port (https); 0 takes a free one`,
    { cause: error },
  )
}

const PORT_PROBLEMS: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'is taken, perhaps by another emulator'],
  ['EACCES', 'is not allowed for this user'],
])

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
