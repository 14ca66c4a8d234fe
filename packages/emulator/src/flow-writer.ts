import { cut, valueWhenAbsent } from './convert.ts'
import type { StoredValue } from './convert.ts'
import { fromKql, toKql } from './kql-value.ts'
import { KqlError } from './kql/index.ts'
import type { KqlRow, ResultColumn, Transform } from './kql/index.ts'
import type { Column, Flow, Stream } from './schema.ts'
import type { Stamp } from './stamp.ts'

/** A row in the columns that its stream declares. */
export interface ArrivedRow {
  readonly values: readonly StoredValue[]
  /** Whether TimeGenerated was sent, and not as null. */
  readonly timeWasSent: boolean
}

export interface FlowObserver {
  readonly droppedFromTable: (name: string) => void
  readonly truncated: (name: string) => void
}

/** The rows of the flow's table that a row becomes: none when a transformation filters it out, undefined when it fails. */
export type FlowWriter = (row: ArrivedRow) => readonly (readonly StoredValue[])[] | undefined

export function createFlowWriter(
  flow: Flow,
  stream: Stream,
  stamp: Stamp,
  observer: FlowObserver,
): FlowWriter {
  const { table, transform } = flow
  const produced = transform === undefined ? stream.columns : transform.resultColumns.map(asColumn)
  const tableIndexes = new Map(table.columns.map((column, index) => [column.name, index]))
  const targets = produced.map((column) => tableIndexes.get(column.name))
  const absent = table.columns.map((column) => valueWhenAbsent(column.type))
  const declaresTime = stream.columns.some((column) => column.name === 'TimeGenerated')
  // With a transformation the datetime is Kusto's, whatever was sent.
  const microsecondsOnly = table.plan === 'Auxiliary' && transform === undefined

  const write = (values: readonly StoredValue[], timeWasSent: boolean): readonly StoredValue[] => {
    const row: StoredValue[] = [...absent]
    for (const [index, { name, type }] of produced.entries()) {
      const value = values[index] as StoredValue
      const target = targets[index]
      if (target === undefined) {
        if (value !== null && value !== '') observer.droppedFromTable(`${table.name}.${name}`)
      } else if (name === 'TimeGenerated') {
        row[target] = stamp.of(value as string | null, { wasSent: timeWasSent, microsecondsOnly })
      } else {
        const shortened = cut(type, value)
        if (shortened !== undefined) observer.truncated(name)
        row[target] = shortened ?? value
      }
    }
    return row
  }

  if (transform === undefined) {
    return ({ values, timeWasSent }) => [write(values, timeWasSent)]
  }
  return ({ values, timeWasSent }) => {
    const input = Object.fromEntries(
      stream.columns.map(({ name, type }: Column, index) => [
        name,
        toKql(type, values[index] as StoredValue),
      ]),
    )
    // A time that the transformation makes and that comes out as null was no datetime.
    return run(transform, input)?.map((result) =>
      write(
        produced.map(({ name, type }) => fromKql(type, result[name])),
        timeWasSent || !declaresTime,
      ),
    )
  }
}

/** No table has a timespan: such a column is dropped, whatever its values. */
function asColumn({ name, type }: ResultColumn): Column {
  return { name, type: type === 'timespan' ? 'string' : type }
}

/** "Errors in the transformation" drop the row (azure-monitor-docs, data-collection-monitor.md). */
function run(transform: Transform, row: KqlRow): readonly KqlRow[] | undefined {
  try {
    return transform.run(row)
  } catch (error) {
    if (error instanceof KqlError) return undefined
    throw error
  }
}
