import { hostname } from 'node:os'

import { checkColumns } from './column.ts'
import { describeError } from './error-description.ts'
import { AzlogsError } from './errors.ts'
import { nextRecordId } from './record-id.ts'
import { nextTimestamp } from './timestamp.ts'

/** One log event, as any logger can tell it. */
export interface LogEntry {
  /** When it happened, in milliseconds since 1970; fractions are kept. @default now */
  readonly timeMs?: number
  /** The level's name as the logger calls it. */
  readonly level: string
  /** OpenTelemetry severity, 1 (trace) … 24 (fatal). */
  readonly severity: number
  /** The text, for the column `Message`. */
  readonly message: string
  /** The logger's name. */
  readonly logger?: string | undefined
  /** W3C trace id, 32 hexadecimal digits; taken as it is. */
  readonly traceId?: string | undefined
  /** W3C span id, 16 hexadecimal digits; taken as it is. */
  readonly spanId?: string | undefined
  /** An Error, or an object that a serializer made of one. */
  readonly error?: unknown
  /** Everything else. Not changed, and not kept after the call. */
  readonly properties?: Readonly<Record<string, unknown>>
  /** @default this host */
  readonly hostName?: string | undefined
  /** @default this process */
  readonly processId?: number | undefined
}

/** How records become rows. */
export interface RowOptions {
  /**
   * Own columns for values that would otherwise stay inside `Properties`: column name → path, such as
   * `{ StatusCode: 'res.statusCode' }`. The DCR's stream and the table must declare them.
   */
  readonly columns?: Readonly<Record<string, string>>
  /**
   * `'passthrough'` sends the logger's own record as it is, for DCRs that transform in KQL.
   * @default 'default'
   */
  readonly mapping?: 'default' | 'passthrough'
}

/** A row of the default table. Keys are column names. */
export type Row = Record<string, unknown>

/**
 * Makes the function that turns log entries into rows of the default table (`AppLogs_CL`): one column for what every
 * logger knows, `Properties` for the rest, so that the service finds no column that it does not know and drops nothing.
 *
 * @throws AzlogsError `AZLOGS_CONFIG` when `columns` names a column that Azure would refuse.
 */
export function createRowMapper(options: RowOptions = {}): (entry: LogEntry) => Row {
  const promoted = Object.entries(options.columns ?? {}).map(([column, path]) => ({
    column,
    path: path.split('.'),
  }))
  const problems = checkColumns(options.columns ?? {})
  if (problems.length > 0) {
    throw new AzlogsError('AZLOGS_CONFIG', `Bad columns: ${problems.join(' ')}`, { problems })
  }
  const thisHost = hostname()
  const thisProcess = process.pid
  return (entry) => {
    const timestamp = nextTimestamp(entry.timeMs ?? Date.now())
    // Only what there is gets a key: JSON.stringify pays for each, also for those that it leaves out.
    const row: Row = {
      TimeGenerated: timestamp,
      Level: entry.level,
      SeverityNumber: entry.severity,
      Message: entry.message,
      HostName: entry.hostName ?? thisHost,
      ProcessId: entry.processId ?? thisProcess,
      RecordId: nextRecordId(),
      EventTime: timestamp,
    }
    if (entry.logger !== undefined) row['Logger'] = entry.logger
    if (entry.traceId !== undefined) row['TraceId'] = entry.traceId
    if (entry.spanId !== undefined) row['SpanId'] = entry.spanId
    let { properties } = entry
    if (entry.error !== undefined && entry.error !== null) {
      const { type, message, stack, details } = describeError(entry.error)
      if (type !== undefined) row['ErrorType'] = type
      if (message !== undefined) row['ErrorMessage'] = message
      if (stack !== undefined) row['ErrorStack'] = stack
      if (details !== undefined) properties = { ...properties, error: details }
    }
    for (const { column, path } of promoted) {
      const taken = takePath(properties, path)
      if (taken === undefined) continue
      row[column] = taken.value
      properties = taken.rest
    }
    if (!isEmpty(properties)) row['Properties'] = properties
    return row
  }
}

/** Reads the value at `path` and gives the owner back without it; copies along the path, changes nothing. */
function takePath(
  owner: Readonly<Record<string, unknown>> | undefined,
  path: readonly string[],
): { readonly value: unknown; readonly rest: Record<string, unknown> } | undefined {
  const [name, ...deeper] = path
  if (owner === undefined || name === undefined || !Object.hasOwn(owner, name)) return undefined
  const value = owner[name]
  if (deeper.length === 0) {
    const { [name]: _taken, ...rest } = owner
    return value === undefined ? undefined : { value, rest }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const inner = takePath(value as Record<string, unknown>, deeper)
  if (inner === undefined) return undefined
  const { [name]: _replaced, ...others } = owner
  return { value: inner.value, rest: isEmpty(inner.rest) ? others : { ...owner, [name]: inner.rest } }
}

function isEmpty(value: object | undefined): boolean {
  if (value === undefined) return true
  for (const _key in value) return false
  return true
}
