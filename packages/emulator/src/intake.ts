import { convert, valueWhenAbsent } from './convert.ts'
import type { StoredValue } from './convert.ts'
import { readDatetime } from './datetime.ts'
import { bigIntegerText } from './json.ts'
import type { Column, Table } from './schema.ts'
import type { Verdict } from './verdict.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

// "Older than 2 days or more than 1 day in the future is replaced by the received time"
// (azure-monitor-docs, log-standard-columns.md and data-ingestion-time.md, 2026-02).
const OLDEST_MS = 2 * DAY_MS
const NEWEST_MS = DAY_MS

/** The rows of one request in the columns of their table, and what became of what they held. */
export interface Intake extends Pick<
  Verdict,
  | 'rowsReceived'
  | 'rowsDiscarded'
  | 'droppedColumns'
  | 'coercedValues'
  | 'nulledValues'
  | 'truncatedValues'
  | 'restampedRows'
> {
  readonly rows: readonly (readonly StoredValue[])[]
  /** Minutes between the first and the last TimeGenerated as they were sent. */
  readonly timeSpanMinutes: number
}

/** Turns the elements of a body into rows of a table, as the service would, and counts every loss. */
export function takeIn(elements: readonly unknown[], table: Table, receivedAtMs: number): Intake {
  const receivedAt = new Date(receivedAtMs).toISOString()
  const indexes = new Map(table.columns.map((column, index) => [column.name, index]))
  const absent = table.columns.map((column) => valueWhenAbsent(column.type))
  const timeIndex = indexes.get('TimeGenerated') ?? -1
  const dropped = new Map<string, number>()
  const counts = {
    coerced: new Map<string, number>(),
    nulled: new Map<string, number>(),
    truncated: new Map<string, number>(),
  }
  const restampedRows = { tooOld: 0, tooNew: 0, unreadable: 0, missing: 0 }
  const rows: StoredValue[][] = []
  let earliestMs = Infinity
  let latestMs = -Infinity

  const stamp = (sent: unknown): string => {
    if (sent === undefined || sent === null) {
      restampedRows.missing += 1
      return receivedAt
    }
    const time = typeof sent === 'string' ? readDatetime(sent) : undefined
    if (time === undefined) {
      restampedRows.unreadable += 1
      return receivedAt
    }
    earliestMs = Math.min(earliestMs, time.epochMs)
    latestMs = Math.max(latestMs, time.epochMs)
    if (time.epochMs < receivedAtMs - OLDEST_MS) restampedRows.tooOld += 1
    else if (time.epochMs > receivedAtMs + NEWEST_MS) restampedRows.tooNew += 1
    else return time.text
    return receivedAt
  }

  for (const element of elements) {
    if (!isRow(element)) continue
    const row: StoredValue[] = [...absent]
    for (const [name, value] of Object.entries(element)) {
      const index = indexes.get(name)
      if (index === undefined) {
        increment(dropped, name)
        continue
      }
      if (index === timeIndex) continue
      const conversion = convert((table.columns[index] as Column).type, value)
      row[index] = conversion.value
      if (conversion.effect !== 'kept') increment(counts[conversion.effect], name)
    }
    row[timeIndex] = stamp(element['TimeGenerated'])
    rows.push(row)
  }

  return {
    rows,
    timeSpanMinutes: latestMs > earliestMs ? (latestMs - earliestMs) / MINUTE_MS : 0,
    rowsReceived: elements.length,
    rowsDiscarded: elements.length - rows.length,
    droppedColumns: Object.fromEntries(dropped),
    coercedValues: Object.fromEntries(counts.coerced),
    nulledValues: Object.fromEntries(counts.nulled),
    truncatedValues: Object.fromEntries(counts.truncated),
    restampedRows,
  }
}

function isRow(element: unknown): element is Readonly<Record<string, unknown>> {
  return (
    typeof element === 'object' &&
    element !== null &&
    !Array.isArray(element) &&
    bigIntegerText(element) === undefined
  )
}

function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
