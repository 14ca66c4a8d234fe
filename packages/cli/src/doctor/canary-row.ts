import { randomUUID } from 'node:crypto'

import type { DeployedColumn } from './deployed-rule.ts'

/** A row with a value for every column, that can be found again. */
export interface CanaryRow {
  readonly row: Readonly<Record<string, unknown>>
  /** The column that holds {@link CanaryRow.marker}. */
  readonly markerColumn: string
  readonly marker: string
}

const MARKER_PREFIX = 'azlogs-doctor-'

/** True for the JSON of a row that a doctor has sent: nothing of it is the application's. */
export function isCanary(json: string): boolean {
  return json.includes(`"${MARKER_PREFIX}`)
}

const VALUES: Readonly<Record<string, (now: string) => unknown>> = {
  string: () => 'azlogs doctor',
  int: () => 7,
  long: () => 9007199254740991,
  real: () => 1.5,
  boolean: () => true,
  datetime: (now) => now,
  dynamic: () => ({ canary: true }),
  guid: () => randomUUID(),
}

/** What a row of the default table would say in these columns. */
const FITTING: Readonly<Record<string, unknown>> = {
  Level: 'info',
  SeverityNumber: 9,
  Message: 'azlogs doctor was here: this row can be ignored',
}

/** Undefined when there is no column of text to recognise the row by. */
export function createCanaryRow(columns: readonly DeployedColumn[], now: Date): CanaryRow | undefined {
  const texts = columns.filter(({ type }) => type === 'string').map(({ name }) => name)
  const markerColumn = texts.find((name) => name === 'RecordId') ?? texts[0]
  if (markerColumn === undefined) return undefined
  const marker = `${MARKER_PREFIX}${randomUUID()}`
  const row = Object.fromEntries(
    columns.map(({ name, type }) => [name, FITTING[name] ?? VALUES[type]?.(now.toISOString()) ?? null]),
  )
  return { row: { ...row, [markerColumn]: marker }, markerColumn, marker }
}

/** What became of one column. */
export interface ColumnReport {
  readonly column: string
  readonly outcome: 'stored' | 'missing' | 'changed'
  readonly sent: unknown
  readonly stored: unknown
}

/** Column by column, what was sent and what is there. */
export function compareColumns(
  sent: Readonly<Record<string, unknown>>,
  stored: Readonly<Record<string, unknown>>,
): readonly ColumnReport[] {
  return Object.entries(sent).map(([column, value]) => {
    const found = stored[column]
    const isMissing = found === undefined || found === null || found === ''
    const outcome = isMissing ? 'missing' : isSame(value, found) ? 'stored' : 'changed'
    return { column, outcome, sent: value, stored: found ?? null }
  })
}

function isSame(sent: unknown, stored: unknown): boolean {
  if (typeof sent === 'string' && typeof stored === 'string') {
    return sent === stored || (/^\d{4}-/.test(sent) && Date.parse(sent) === Date.parse(stored))
  }
  if (typeof sent === 'object') {
    return (
      JSON.stringify(sent) ===
      (typeof stored === 'string' ? stored.replaceAll(/\s/g, '') : JSON.stringify(stored))
    )
  }
  // A long may come as a bigint or as text, a boolean as 1.
  return typeof sent === 'boolean' ? stored === sent || stored === Number(sent) : Number(stored) === sent
}
