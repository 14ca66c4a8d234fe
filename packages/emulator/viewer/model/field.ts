import { bigIntegerText } from '../../src/json.ts'
import type { ColumnType } from '../../src/schema.ts'
import type { Row } from '../../src/store.ts'

/** A column, or a member of a dynamic column: what can be shown, counted and filtered by. */
export interface Field {
  readonly column: string
  readonly type: ColumnType
  /** Keys and indexes inside a dynamic column; empty for the column itself. */
  readonly path: readonly (string | number)[]
}

/** Unique among the fields of a table, and what the user reads: `Properties.items[0]`. */
export function fieldName({ column, path }: Field): string {
  return (
    column +
    path
      .map((step) =>
        typeof step === 'number'
          ? `[${step}]`
          : /^[A-Za-z_]\w*$/.test(step)
            ? `.${step}`
            : `[${JSON.stringify(step)}]`,
      )
      .join('')
  )
}

export function valueAt(row: Row, { column, path }: Field): unknown {
  let value: unknown = row[column]
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Readonly<Record<string | number, unknown>>)[step]
  }
  return value
}

/** A value as one line of text; undefined for what is not there, which Kusto cannot tell from null. */
export function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'string') return value
  return bigIntegerText(value) ?? JSON.stringify(value)
}
