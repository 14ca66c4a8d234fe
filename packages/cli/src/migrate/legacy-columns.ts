import { createColumnNames } from '../schema/column-name.ts'
import type { InferredType } from '../schema/column-type.ts'
import { decideType } from '../schema/column-type.ts'
import { compareText } from '../schema/compare-text.ts'
import { createValueStats, observe } from '../schema/value-stats.ts'
import type { LegacyRow } from './legacy-rows.ts'

/**
 * The types that the HTTP Data Collector API wrote into the names of its columns.
 * https://learn.microsoft.com/azure/azure-monitor/logs/data-collector-api
 */
const SUFFIXES = { s: 'string', d: 'double', b: 'boolean', t: 'date/time', g: 'GUID' } as const

type Suffix = keyof typeof SUFFIXES

/** A column of the old table and what becomes of it. */
export interface MigratedColumn {
  readonly legacy: string
  readonly legacyType: string
  readonly name: string
  readonly type: InferredType
  /** Where the application's records have it, as far as its old name tells. */
  readonly path: string
  /** KQL that makes the new value of the old one. */
  readonly kql: string
  /** True for a column that every row has anyway, such as Message. */
  readonly isOfEveryRow: boolean
  readonly reason: string
}

export interface Migration {
  readonly columns: readonly MigratedColumn[]
  /** Old columns that are left out, and why. */
  readonly leftOut: readonly { readonly legacy: string; readonly why: string }[]
}

/** Columns that Azure adds by itself. */
const OF_AZURE = new Set(
  [
    'TenantId',
    'SourceSystem',
    'MG',
    'ManagementGroupName',
    'Computer',
    'RawData',
    'Type',
    'TimeGenerated',
    '_ResourceId',
    '_SubscriptionId',
    '_ItemId',
    '_TimeReceived',
  ].map((name) => name.toLowerCase()),
)

/** Old names, in lower case and without their suffix, that mean what a column of every row means. */
const OF_EVERY_ROW: ReadonlyMap<string, { readonly name: string; readonly suffixes: string }> = new Map([
  ['level', { name: 'Level', suffixes: 'sd' }],
  ['severity', { name: 'Level', suffixes: 's' }],
  ['loglevel', { name: 'Level', suffixes: 's' }],
  ['message', { name: 'Message', suffixes: 's' }],
  ['msg', { name: 'Message', suffixes: 's' }],
  ['logger', { name: 'Logger', suffixes: 's' }],
  ['name', { name: 'Logger', suffixes: 's' }],
  ['label', { name: 'Logger', suffixes: 's' }],
  ['service', { name: 'Logger', suffixes: 's' }],
  ['hostname', { name: 'HostName', suffixes: 's' }],
  ['pid', { name: 'ProcessId', suffixes: 'd' }],
  ['trace_id', { name: 'TraceId', suffixes: 'sg' }],
  ['traceid', { name: 'TraceId', suffixes: 'sg' }],
  ['span_id', { name: 'SpanId', suffixes: 's' }],
  ['spanid', { name: 'SpanId', suffixes: 's' }],
  ['err_type', { name: 'ErrorType', suffixes: 's' }],
  ['error_type', { name: 'ErrorType', suffixes: 's' }],
  ['error_name', { name: 'ErrorType', suffixes: 's' }],
  ['err_message', { name: 'ErrorMessage', suffixes: 's' }],
  ['error_message', { name: 'ErrorMessage', suffixes: 's' }],
  ['err_stack', { name: 'ErrorStack', suffixes: 's' }],
  ['error_stack', { name: 'ErrorStack', suffixes: 's' }],
  ['stack', { name: 'ErrorStack', suffixes: 's' }],
  ['time', { name: 'EventTime', suffixes: 't' }],
  ['timestamp', { name: 'EventTime', suffixes: 't' }],
])

/** pino's numbers. https://github.com/pinojs/pino/blob/main/docs/api.md#logger-level */
const PINO_LEVEL =
  "case(level_d == 10, 'trace', level_d == 20, 'debug', level_d == 30, 'info', level_d == 40, 'warn', level_d == 50, 'error', level_d == 60, 'fatal', tostring(level_d))"

/** Proposes names and types for the columns of an old table. */
export function migrateColumns(
  rows: readonly LegacyRow[],
  { keepNames }: { readonly keepNames: boolean },
): Migration {
  const names = createColumnNames()
  const taken = new Set<string>()
  const columns: MigratedColumn[] = []
  const leftOut: { readonly legacy: string; readonly why: string }[] = []
  const legacyNames = [...new Set(rows.flatMap((row) => Object.keys(row)))].toSorted(compareText)
  for (const legacy of legacyNames) {
    if (OF_AZURE.has(legacy.toLowerCase())) continue
    const { stem, suffix } = splitName(legacy)
    if (suffix === undefined) {
      leftOut.push({ legacy, why: 'its name has none of the endings _s, _d, _b, _t, _g' })
      continue
    }
    const values = rows.map((row) => readValue(row[legacy], suffix)).filter((value) => value !== undefined)
    if (values.length === 0) {
      leftOut.push({ legacy, why: 'it has no value in the sample' })
      continue
    }
    const everyRow = OF_EVERY_ROW.get(stem.toLowerCase())
    if (everyRow?.suffixes.includes(suffix) === true && !taken.has(everyRow.name)) {
      taken.add(everyRow.name)
      columns.push(ofEveryRow(legacy, suffix, everyRow.name))
      continue
    }
    const { type, reason } = typeOf(stem, suffix, values)
    columns.push({
      legacy,
      legacyType: SUFFIXES[suffix],
      name: keepNames ? legacy : names.nameOf([stem]),
      type,
      path: pathOf(stem),
      kql: toType(legacy, suffix, type),
      isOfEveryRow: false,
      reason,
    })
  }
  return { columns, leftOut }
}

/** KQL for the severity of the old rows: it follows from the level. */
export function severityOf({ legacy }: MigratedColumn): string {
  if (legacy === 'level_d') return 'toint(max_of(1, min_of(24, 1 + (toint(level_d) - 10) * 4 / 10)))'
  const level = `tolower(${legacy})`
  return `toint(case(${level} in ('fatal', 'emerg'), 21, ${level} in ('error', 'err', 'crit', 'alert'), 17, ${level} in ('warn', 'warning'), 13, ${level} in ('debug', 'verbose'), 5, ${level} in ('trace', 'silly'), 1, 9))`
}

function ofEveryRow(legacy: string, suffix: Suffix, name: string): MigratedColumn {
  const type = name === 'ProcessId' ? 'int' : name === 'EventTime' ? 'datetime' : 'string'
  return {
    legacy,
    legacyType: SUFFIXES[suffix],
    name,
    type,
    path: '',
    kql: legacy === 'level_d' ? PINO_LEVEL : toType(legacy, suffix, type),
    isOfEveryRow: true,
    reason: 'every row has it',
  }
}

function splitName(legacy: string): { readonly stem: string; readonly suffix: Suffix | undefined } {
  const { stem, suffix } = /^(?<stem>.+)_(?<suffix>[sdbtg])$/.exec(legacy)?.groups ?? {}
  return stem === undefined ? { stem: legacy, suffix: undefined } : { stem, suffix: suffix as Suffix }
}

/** A value as the old API stored it; CSV says all of them as text. */
function readValue(value: unknown, suffix: Suffix): unknown {
  if (value === undefined || value === null || value === '') return undefined
  if (suffix === 'd') {
    const number = Number(value)
    return Number.isNaN(number) ? undefined : number
  }
  if (suffix === 'b' && typeof value === 'string') return value.toLowerCase() === 'true'
  return value
}

function typeOf(
  stem: string,
  suffix: Suffix,
  values: readonly unknown[],
): { readonly type: InferredType; readonly reason: string } {
  if (suffix === 'b') return { type: 'boolean', reason: 'true and false' }
  if (suffix === 't') return { type: 'datetime', reason: 'a time' }
  if (suffix === 'g') return { type: 'string', reason: 'guid: a stream cannot declare one' }
  const stats = createValueStats()
  for (const value of values) observe(stats, value)
  const lastWord = stem.split('_').at(-1) ?? stem
  const decision = decideType(stats, lastWord)
  if (suffix === 'd') return decision ?? { type: 'real', reason: 'numbers' }
  return stats.jsonTexts === stats.present
    ? { type: 'dynamic', reason: 'JSON in text: the old API could store nothing else' }
    : { type: 'string', reason: 'text' }
}

/** The old API joined the names of nested objects with _; of these it is known what they were. */
function pathOf(stem: string): string {
  return stem.replace(/^(req|res|request|response)_(?=.)/, '$1.')
}

function toType(legacy: string, suffix: Suffix, type: InferredType): string {
  if (suffix === 'd') return type === 'real' ? legacy : `to${type}(${legacy})`
  if (type === 'dynamic') return `parse_json(${legacy})`
  return suffix === 'g' ? `tostring(${legacy})` : legacy
}
