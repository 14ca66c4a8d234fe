import { createRowMapper } from '@azlogs/core'
import type { RowOptions, ShipperOptions } from '@azlogs/core'

import { NO_LEVEL } from './level.ts'
import { createLineWriter, writePassedThrough } from './line-writer.ts'
import type { WriteLine } from './line-writer.ts'
import { createRecordReader } from './record.ts'
import type { PinoConfig, PinoRecord } from './record.ts'
import type { PinoRecordOptions } from './record-options.ts'

/** Turns pino's lines into rows. */
export interface Intake {
  /** Takes the line that lies in `text` from `begin` to `end`, without its line break. Never throws. */
  take(text: string, begin: number, end: number): void
  /** Takes what pino says about its configuration; the options given to the transport come first. */
  configure(config: PinoConfig): void
  /** Lines so far that were no JSON object, and became rows with the text in `Message`. */
  unparsedLines(): number
}

/**
 * @throws AzlogsError `AZLOGS_CONFIG` for columns that Azure would refuse.
 */
export function createIntake(
  options: RowOptions & PinoRecordOptions & Pick<ShipperOptions, 'plan' | 'schema'>,
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
  let write = writerFor(given)
  let unparsed = 0

  /** None where values move or change: a column of its own, a declared type, a value inside another. */
  function writerFor(config: PinoConfig): WriteLine {
    const { columns = {}, plan, schema } = options
    const asWritten = schema === undefined && plan !== 'auxiliary'
    if (asItIs) return asWritten ? writePassedThrough : writeNone
    return asWritten && nestedKey === undefined && Object.keys(columns).length === 0
      ? createLineWriter(config)
      : writeNone
  }

  return {
    take(text, begin, end) {
      const row = write(text, begin, end)
      if (row !== undefined) {
        push(row)
        return
      }
      const line = text.slice(begin, end)
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
      write = writerFor({ ...config, ...given })
    },
    unparsedLines: () => unparsed,
  }
}

function writeNone(): undefined {}

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
