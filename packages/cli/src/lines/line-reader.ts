import { createRowMapper } from '@azlogs/core'
import type { LogEntry, Row, RowOptions } from '@azlogs/core'

import { formatOf } from './line-format.ts'
import type { LineFormat, LineRecord } from './line-format.ts'
import { parseLine } from './parse-line.ts'
import { readPinoLine } from './pino-line.ts'
import { readWinstonLine } from './winston-line.ts'

export interface LineReaderOptions {
  /** Whose lines they are. @default 'auto', decided line by line */
  readonly format?: 'auto' | 'pino' | 'winston'
  /** Columns to take out of `Properties`, as the transports do: column → path. */
  readonly columns?: NonNullable<RowOptions['columns']>
}

/** A logger's line as a row of the table. */
interface ReadLine {
  readonly format: LineFormat
  readonly row: Row
}

/** Turns the lines that a logger wrote into the rows that our transport for that logger sends. */
export interface LineReader {
  /** The row of a line, or undefined for a blank line and for text that is no JSON object. Never throws. */
  read(line: string): ReadLine | undefined
  /** The same for a record that is parsed already. */
  readRecord(record: LineRecord): ReadLine
  /** A row for text that is no JSON object, with the text in `Message`, as @azlogs/pino sends it. */
  readText(text: string): Row
}

/** @throws AzlogsError `AZLOGS_CONFIG` when `columns` names a column that Azure would refuse. */
export function createLineReader({ format = 'auto', columns = {} }: LineReaderOptions = {}): LineReader {
  const mapRow = createRowMapper({ columns })

  // The process that wrote the line is not this one; a line that does not name it has no process id and no host.
  const toRow = (entry: LogEntry): Row => {
    const row = mapRow(entry)
    if (entry.processId === undefined) row['ProcessId'] = undefined
    if (entry.hostName === undefined) row['HostName'] = undefined
    return row
  }
  const readRecord = (record: LineRecord): ReadLine => {
    const found = formatOf(record)
    if (found === 'row') return { format: found, row: { ...record } }
    const chosen = format === 'auto' ? found : format
    const entry = chosen === 'winston' ? readWinstonLine(record) : readPinoLine(record)
    return { format: chosen, row: toRow(entry) }
  }

  return {
    read(line) {
      const record = parseLine(line)
      return record === undefined ? undefined : readRecord(record)
    },
    readRecord,
    readText: (text) => toRow({ level: 'info', severity: 9, message: text }),
  }
}
