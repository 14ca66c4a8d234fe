#!/usr/bin/env node
import { readFile } from 'node:fs/promises'

import { startEmulator } from './emulator.ts'
import type { Emulator } from './emulator.ts'
import { readFlags, USAGE } from './flags.ts'
import type { Flags } from './flags.ts'
import { createReport } from './report.ts'
import type { TableSchema } from './schema.ts'

/** A wrong flag, a file that cannot be used, a port that is taken. */
const MISUSE_EXIT_CODE = 2

const flags = readFlags(process.argv.slice(2))
if (flags.kind === 'help') process.stdout.write(USAGE)
else if (flags.kind === 'wrong') refuse(`${flags.problems.join('\n')}\n\n${USAGE}`)
else await run(flags)

async function run(flags: Extract<Flags, { readonly kind: 'run' }>): Promise<void> {
  const report = createReport(flags)
  let emulator: Emulator
  try {
    emulator = await startEmulator({
      port: flags.port,
      httpsPort: flags.httpsPort,
      mode: flags.mode,
      ...(flags.schemaFile === undefined ? {} : { schema: await readSchemaFile(flags.schemaFile) }),
      ...(flags.database === undefined ? {} : { database: flags.database }),
      onVerdict: (verdict) => process.stdout.write(report.judged(verdict)),
    })
  } catch (error) {
    refuse(`${describeFailure(error)}\n`)
    return
  }
  process.stdout.write(report.started(emulator))
  // A second signal finds no handler and ends the process at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void emulator.close())
}

async function readSchemaFile(file: string): Promise<TableSchema> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as TableSchema
  } catch (error) {
    throw new Error(`${file} cannot be read as a schema: ${messageOf(error)}`, { cause: error })
  }
}

function describeFailure(error: unknown): string {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE') {
    return `port ${port} is taken: choose another with --port (http) or --https-port (https); 0 takes a free one`
  }
  return messageOf(error)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function refuse(text: string): void {
  process.stderr.write(text)
  process.exitCode = MISUSE_EXIT_CODE
}
