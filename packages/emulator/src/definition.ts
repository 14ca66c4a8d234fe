import { pathTo } from './schema-problem.ts'
import type { Report } from './schema-problem.ts'
import type { Column, ColumnType } from './schema.ts'

// What a document says, in one shape whatever the document is, with the places that problems are reported at. Names and
// references are not checked yet.

interface Located<Value> {
  readonly value: Value
  readonly path: string
}

export type ColumnDefinition = Column & { readonly path: string }

export interface TableDefinition {
  readonly name: Located<string>
  readonly plan: Located<string>
  readonly columnsPath: string
  /** Those that its owner has added; all of them for a custom table. */
  readonly columns: readonly ColumnDefinition[]
  /** Those that the platform brings. */
  readonly standardColumns: readonly Column[]
  /** Made by the HTTP Data Collector API, and not migrated. */
  readonly classic: boolean
}

export interface StreamDefinition {
  readonly name: Located<string>
  readonly columns: readonly ColumnDefinition[]
}

export interface FlowDefinition {
  readonly path: string
  readonly streams: readonly Located<string>[]
  readonly destination: string
  readonly outputStream: Located<string>
  readonly transformKql: Located<string>
}

export interface RuleDefinition {
  readonly name: string
  readonly path: string
  /** Its own; undefined where it was not deployed yet. */
  readonly immutableId: string | undefined
  /** Where it has none of its own. */
  readonly fallbackId: string
  readonly streams: readonly StreamDefinition[]
  readonly flows: readonly FlowDefinition[]
}

const COLUMN_TYPES: readonly string[] = [
  'string',
  'int',
  'long',
  'real',
  'boolean',
  'datetime',
  'dynamic',
  'guid',
] satisfies ColumnType[]

/** Reads `[{ name, type }]`, leaving out what cannot be read. ARM spells one type `dateTime`, so case does not count. */
export function readColumns(input: unknown, path: string, report: Report): readonly ColumnDefinition[] {
  if (!Array.isArray(input)) {
    report('InvalidDocument', path, `the columns must be an array of { name, type }, not ${shown(input)}`)
    return []
  }
  return input.flatMap((entry: unknown, index): readonly ColumnDefinition[] => {
    const columnPath = pathTo(path, index)
    const { name, type } = isObject(entry) ? entry : {}
    if (typeof name !== 'string' || name === '') {
      report('InvalidDocument', columnPath, `the column has no usable name: ${shown(name)}`)
      return []
    }
    const lowerCase = String(type).toLowerCase()
    if (!COLUMN_TYPES.includes(lowerCase)) {
      report(
        'InvalidTable',
        columnPath,
        `column ${name} has the type ${shown(type)}, which is none of ${COLUMN_TYPES.join(', ')}`,
      )
      return []
    }
    return [{ name, type: lowerCase as ColumnType, path: columnPath }]
  })
}

export function repeated(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.filter((name, index) => names.indexOf(name) !== index))
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value for a message: JSON, shortened. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined'
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
