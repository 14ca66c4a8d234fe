import type { Row } from '../../src/store.ts'
import { textOf, valueAt } from './field.ts'
import type { Field } from './field.ts'

export interface Facet {
  readonly field: Field
  /** The most frequent values. */
  readonly values: readonly { readonly text: string; readonly count: number }[]
  readonly distinct: number
  /** Rows that have a value. */
  readonly filled: number
}

/** What values a field has, and how often. */
export function facetOf(entries: readonly { readonly row: Row }[], field: Field, limit: number): Facet {
  const counts = new Map<string, number>()
  let filled = 0
  for (const { row } of entries) {
    const text = textOf(valueAt(row, field))
    if (text === undefined || text === '') continue
    filled += 1
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  const values = [...counts]
    .map(([text, count]) => ({ text, count }))
    .sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1))
  return { field, values: values.slice(0, limit), distinct: counts.size, filled }
}
