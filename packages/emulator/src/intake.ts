import { convert, valueWhenAbsent } from './convert.ts'
import type { StoredValue } from './convert.ts'
import { createFlowWriter } from './flow-writer.ts'
import type { ArrivedRow } from './flow-writer.ts'
import { bigIntegerText } from './json.ts'
import type { Column, Stream } from './schema.ts'
import { createStamp } from './stamp.ts'
import type { Verdict } from './verdict.ts'

const MINUTE_MS = 60_000

/** The rows of one request in the columns of their tables, and what became of what they held. */
export interface Intake {
  /** One for each flow of the stream. */
  readonly stored: readonly {
    readonly table: string
    readonly rows: readonly (readonly StoredValue[])[]
  }[]
  /** Minutes between the first and the last TimeGenerated as they were sent. */
  readonly timeSpanMinutes: number
  /** Declared columns, none of them dynamic, for which an object or an array was sent. */
  readonly nestedColumns: ReadonlySet<string>
  readonly counts: Pick<
    Verdict,
    | 'rowsReceived'
    | 'rowsDiscarded'
    | 'rowsFailed'
    | 'rowsFiltered'
    | 'droppedColumns'
    | 'droppedFromTable'
    | 'coercedValues'
    | 'nulledValues'
    | 'truncatedValues'
    | 'restampedRows'
  >
}

/**
 * Turns the elements of a body into rows of tables, as the service would, and counts every loss: first into the columns
 * of the stream, then through the transformation of each flow, then into the columns of its table.
 */
export function takeIn(elements: readonly unknown[], stream: Stream, receivedAtMs: number): Intake {
  const counts = {
    dropped: new Map<string, number>(),
    droppedFromTable: new Map<string, number>(),
    coerced: new Map<string, number>(),
    nulled: new Map<string, number>(),
    truncated: new Map<string, number>(),
  }
  const nestedColumns = new Set<string>()
  const indexes = new Map(stream.columns.map((column, index) => [column.name, index]))
  const timeIndex = indexes.get('TimeGenerated') ?? -1
  const absent = stream.columns.map((column) => valueWhenAbsent(column.type))

  const arrive = (element: Readonly<Record<string, unknown>>): ArrivedRow => {
    const values: StoredValue[] = [...absent]
    let timeWasSent = false
    for (const [name, value] of Object.entries(element)) {
      const index = indexes.get(name)
      if (index === undefined) {
        increment(counts.dropped, name)
        continue
      }
      if (value === null) continue
      const { type } = stream.columns[index] as Column
      const conversion = convert(type, value)
      values[index] = conversion.value
      if (index === timeIndex) timeWasSent = true
      // A time that is none is told apart from other values: it is replaced.
      if (conversion.effect !== 'kept' && index !== timeIndex) increment(counts[conversion.effect], name)
      if (type !== 'dynamic' && typeof value === 'object' && bigIntegerText(value) === undefined)
        nestedColumns.add(name)
    }
    return { values, timeWasSent }
  }

  const stamp = createStamp(receivedAtMs)
  const flows = stream.flows.map((flow) => {
    const rows: (readonly StoredValue[])[] = []
    const write = createFlowWriter(flow, stream, stamp, {
      droppedFromTable: (name) => increment(counts.droppedFromTable, name),
      truncated: (name) => increment(counts.truncated, name),
    })
    return { table: flow.table.name, rows, write }
  })
  const rowCounts = { rowsDiscarded: 0, rowsFailed: 0, rowsFiltered: 0 }
  const span = createSpan()
  // One element after the other: a million of them in each state on their way would be gigabytes.
  for (const element of elements) {
    if (!isRow(element)) {
      rowCounts.rowsDiscarded += 1
      continue
    }
    const row = arrive(element)
    span.add(row.values[timeIndex] ?? null)
    for (const { rows, write } of flows) {
      const results = write(row)
      if (results === undefined) rowCounts.rowsFailed += 1
      else if (results.length === 0) rowCounts.rowsFiltered += 1
      else for (const result of results) rows.push(result)
    }
  }

  return {
    stored: flows.map(({ table, rows }) => ({ table, rows })),
    timeSpanMinutes: span.minutes(),
    nestedColumns,
    counts: {
      rowsReceived: elements.length,
      ...rowCounts,
      droppedColumns: Object.fromEntries(counts.dropped),
      droppedFromTable: Object.fromEntries(counts.droppedFromTable),
      coercedValues: Object.fromEntries(counts.coerced),
      nulledValues: Object.fromEntries(counts.nulled),
      truncatedValues: Object.fromEntries(counts.truncated),
      restampedRows: stamp.counts,
    },
  }
}

interface Span {
  readonly add: (time: StoredValue) => void
  readonly minutes: () => number
}

function createSpan(): Span {
  let earliestMs = Infinity
  let latestMs = -Infinity
  return {
    add(time) {
      if (typeof time !== 'string') return
      const epochMs = Date.parse(time)
      earliestMs = Math.min(earliestMs, epochMs)
      latestMs = Math.max(latestMs, epochMs)
    },
    minutes: () => (latestMs > earliestMs ? (latestMs - earliestMs) / MINUTE_MS : 0),
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

/** Thousands of verdicts are remembered: one must not hold every key of a map that was logged as columns. */
const MAX_NAMES = 200
const OTHER_NAMES = '…'
/** No column of Azure has a name of more than 45; a key may have fifty million. */
const MAX_NAME_LENGTH = 200

function increment(counts: Map<string, number>, name: string): void {
  const short = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}…` : name
  const key = counts.has(short) || counts.size < MAX_NAMES ? short : OTHER_NAMES
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
