import { format } from 'node:util'

import { createRowMapper, SEVERITY } from '@azlogs/core'
import type { Shipper } from '@azlogs/core'

const METHODS = {
  trace: { level: 'trace', severity: SEVERITY.trace },
  debug: { level: 'debug', severity: SEVERITY.debug },
  log: { level: 'info', severity: SEVERITY.info },
  info: { level: 'info', severity: SEVERITY.info },
  warn: { level: 'warn', severity: SEVERITY.warn },
  error: { level: 'error', severity: SEVERITY.error },
} as const

type Method = keyof typeof METHODS

/** Ships what is written to the console from now on, and still writes it. Returns what takes this back. */
export function shipConsole(shipper: Shipper): () => void {
  const toRow = createRowMapper()
  const originals = Object.keys(METHODS).map((name) => ({
    name: name as Method,
    write: console[name as Method],
  }))
  for (const { name, write } of originals) {
    console[name] = (...data: readonly unknown[]): void => {
      write.apply(console, [...data])
      shipper.push(
        toRow({
          ...METHODS[name],
          message: format(...data),
          logger: 'console',
          error: data.find((value) => value instanceof Error),
        }),
      )
    }
  }
  return () => {
    for (const { name, write } of originals) console[name] = write
  }
}
