import { createRequire } from 'node:module'

import { encodeRow } from '@azlogs/core'
import type { Logger, LoggerOptions } from 'pino'
import type pino from 'pino'

import { createIntake } from '../src/intake.ts'
import type { Intake } from '../src/intake.ts'
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
  const { intake, rows } = collect(transportOptions)
  const destination = {
    write: (line: string) => take(intake, line.trimEnd()),
    emit(event: string, message: { code: string; config: Parameters<typeof intake.configure>[0] }) {
      if (event === 'message' && message.code === 'PINO_CONFIG') intake.configure(message.config)
    },
  }
  log(load(version)(options, destination))
  return rows
}

/** An intake and the rows that come of it, as they are sent. */
export function collect(
  options: Parameters<typeof createIntake>[0] = {},
  onRow: (row: object) => void = () => {},
): {
  readonly intake: Intake
  readonly rows: Record<string, unknown>[]
} {
  const rows: Record<string, unknown>[] = []
  const intake = createIntake(options, (row) => {
    onRow(row)
    rows.push(JSON.parse(encodeRow(row).json) as Record<string, unknown>)
  })
  return { intake, rows }
}

export function take(intake: Intake, line: string): void {
  intake.take(line, 0, line.length)
}
