import { compileQuery } from '../../src/kql/index.ts'
import type { Column, ColumnType } from '../../src/schema.ts'

/** Columns of a table, from an object of names and types. */
export function columnsOf(declared: Readonly<Record<string, ColumnType>>): readonly Column[] {
  return Object.entries(declared).map(([name, type]) => ({ name, type }))
}

/** The rows that a query gives over the rows of a table `T`. */
export async function rowsOf(
  query: string,
  declared: Readonly<Record<string, ColumnType>> = {},
  rows: readonly Readonly<Record<string, unknown>>[] = [],
): Promise<readonly (readonly unknown[])[]> {
  const compiled = compileQuery(query, new Map([['T', columnsOf(declared)]]))
  const result = await compiled.run([rows], { deadlineMs: Infinity })
  return result.rows
}

/** The value of one expression. */
export async function valueOf(expression: string): Promise<unknown> {
  const [[value] = []] = await rowsOf(`print x = ${expression}`)
  return value
}
