import { createRowMapper } from '@azlogs/core'
import type { LogEntry, Row } from '@azlogs/core'

import { copyOf, entryOf, levelOf, readable } from './entry.ts'
import type { Info } from './entry.ts'
import { createSeverityOf } from './level-severity.ts'
import type { Levels } from './level-severity.ts'
import { isError } from './readable-errors.ts'
import type { MappingOptions } from './transport-options.ts'

/** Makes rows of winston's records. */
export interface InfoMapper {
  /** The row for a record, or undefined when it is to be skipped. Never throws. */
  rowOf(info: Info, levels: Levels | undefined): object | undefined
  /** Records that `mapRecord` failed on and the default mapping took. */
  mapRecordFailures(): number
}

/**
 * Makes the mapper for the options.
 *
 * @throws AzlogsError `AZLOGS_CONFIG` when `columns` cannot be used.
 */
export function createInfoMapper(options: MappingOptions): InfoMapper {
  const { mapRecord } = options
  const toRow = createRowMapper(options)
  const severityOf = createSeverityOf()
  let mapRecordFailures = 0

  function defaultRow(info: Info, levels: Levels | undefined): Row {
    return toRow(entryOf(info, (level) => severityOf(level, levels)))
  }

  function customRow(
    map: NonNullable<MappingOptions['mapRecord']>,
    info: Info,
    levels: Levels | undefined,
  ): object | undefined {
    let failure: string
    try {
      const row: unknown = map(info)
      if (row === undefined || isRow(row)) return row
      failure = `mapRecord returned ${describe(row)}; it must return an object or undefined`
    } catch (error) {
      failure = reasonOf(error)
    }
    mapRecordFailures += 1
    const entry = entryOf(info, (level) => severityOf(level, levels))
    return toRow({ ...entry, properties: { ...entry.properties, mapRecordError: failure } })
  }

  return {
    rowOf(info, levels) {
      try {
        if (mapRecord !== undefined) return customRow(mapRecord, info, levels)
        return options.mapping === 'passthrough' ? passthroughRow(info) : defaultRow(info, levels)
      } catch (error) {
        return toRow(unreadableEntry(info, error))
      }
    },
    mapRecordFailures: () => mapRecordFailures,
  }
}

/** The record as it is. An Error's own texts are no enumerable properties, and are added. */
function passthroughRow(info: Info): Row {
  const row = readable(copyOf(info))
  return isError(info) ? { ...row, message: info.message, stack: info.stack } : row
}

function isRow(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isPromise(value)
}

function isPromise(value: object): value is Promise<unknown> {
  return value instanceof Promise
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : `a ${typeof value}`
  if (!isPromise(value)) return 'an array'
  // It is nobody's any more: without a handler its rejection would end the application.
  value.catch(() => {})
  return 'a promise'
}

function unreadableEntry(info: Info, error: unknown): LogEntry {
  let level = 'unknown'
  try {
    level = levelOf(info)
  } catch {
    // A proxy that refuses everything: its row says so.
  }
  return { level, severity: 9, message: `[This record could not be read: ${reasonOf(error)}]` }
}

function reasonOf(error: unknown): string {
  return isError(error) ? `${error.name}: ${error.message}` : String(error)
}
