import { createRequire } from 'node:module'

import type { Logger, LoggerOptions } from 'pino'
import type pino from 'pino'

import { createIntake } from '../src/intake.ts'
import type { PinoRecordOptions } from '../src/record-options.ts'

const require = createRequire(import.meta.url)

/** Every major version that the package says it works with. */
export const VERSIONS = ['pino', 'pino-9'] as const

export type Version = (typeof VERSIONS)[number]

export function load(version: Version): typeof pino {
  return require(version) as typeof pino
}

/** The rows that come of what `log` logs, without worker and network: pino's real lines and its real configuration. */
export function rowsOf(
  version: Version,
  options: LoggerOptions<string>,
  log: (logger: Logger<string>) => void,
  transportOptions: PinoRecordOptions & { readonly mapping?: 'passthrough' } = {},
): Record<string, unknown>[] {
  const rows: Record<string, unknown>[] = []
  const intake = createIntake(transportOptions, (row) => rows.push(row as Record<string, unknown>))
  const destination = {
    write: (line: string) => intake.take(line.trimEnd()),
    emit(event: string, message: { code: string; config: Parameters<typeof intake.configure>[0] }) {
      if (event === 'message' && message.code === 'PINO_CONFIG') intake.configure(message.config)
    },
  }
  log(load(version)(options, destination))
  return rows
}
