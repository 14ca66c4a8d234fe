import { createRowMapper } from '@azlogs/core'
import type { RowOptions } from '@azlogs/core'

import { NO_LEVEL } from './level.ts'
import { createRecordReader } from './record.ts'
import type { PinoConfig, PinoRecord } from './record.ts'
import type { PinoRecordOptions } from './record-options.ts'

/** Turns pino's lines into rows. */
export interface Intake {
  /** Takes one line, without its line break. Never throws. */
  take(line: string): void
  /** Takes what pino says about its configuration; the options given to the transport come first. */
  configure(config: PinoConfig): void
  /** Lines so far that were no JSON object, and became rows with the text in `Message`. */
  unparsedLines(): number
}

/**
 * @throws AzlogsError `AZLOGS_CONFIG` for columns that Azure would refuse.
 */
export function createIntake(
  options: RowOptions & PinoRecordOptions,
  push: (row: object) => unknown,
): Intake {
  const toRow = createRowMapper(options)
  const { messageKey, errorKey, nestedKey, customLevels } = options
  const given = {
    ...(messageKey === undefined ? {} : { messageKey }),
    ...(errorKey === undefined ? {} : { errorKey }),
    ...(nestedKey === undefined ? {} : { nestedKey }),
    ...(customLevels === undefined ? {} : { levels: toLevels(customLevels) }),
  }
  const asItIs = options.mapping === 'passthrough'
  let read = createRecordReader(given)
  let unparsed = 0

  return {
    take(line) {
      const record = parse(line)
      if (record !== undefined) {
        push(asItIs ? record : toRow(read(record)))
      } else if (line.trim() !== '') {
        unparsed += 1
        push(
          asItIs
            ? { [messageKey ?? 'msg']: line }
            : toRow({ level: NO_LEVEL.name, severity: NO_LEVEL.severity, message: line }),
        )
      }
    },
    configure(config) {
      read = createRecordReader({ ...config, ...given })
    },
    unparsedLines: () => unparsed,
  }
}

function parse(line: string): PinoRecord | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as PinoRecord)
      : undefined
  } catch {
    return undefined
  }
}

/** As pino builds its own: the standard levels stay known. */
function toLevels(values: Readonly<Record<string, number>>): NonNullable<PinoConfig['levels']> {
  return {
    values,
    labels: Object.fromEntries(Object.entries(values).map(([label, value]) => [String(value), label])),
  }
}
