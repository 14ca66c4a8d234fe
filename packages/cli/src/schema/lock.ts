import { createHash } from 'node:crypto'

import { columnNameProblem } from './column-name.ts'
import type { InferredType } from './column-type.ts'

export type TablePlan = 'Analytics' | 'Basic' | 'Auxiliary'

/** A column of the table and of the stream. */
export interface LockColumn {
  readonly name: string
  readonly type: InferredType
  /** Where the transports take its value from; absent for the columns of every row. */
  readonly from?: readonly string[]
  /** Share of the sample's rows that had it, 0 to 1. */
  readonly seen?: number
  /** True for the column that keeps what has no other. */
  readonly rest?: true
}

/** `azlogs.schema.json`: what the table, the rule, the transports, the emulator and `doctor` agree on. */
export interface SchemaLock {
  readonly version: 1
  readonly table: string
  readonly stream: string
  readonly plan: TablePlan
  /** Name of the data collection rule in what is generated; absent where nobody has named it. */
  readonly ruleName?: string
  readonly columns: readonly LockColumn[]
  /** The stream's columns are the table's columns: nothing is transformed. */
  readonly transformKql: 'source'
  /** Of all that Azure sees; `seen` does not count. */
  readonly hash: string
}

/** Of a rule of the kind Direct: it becomes a part of a host name. */
export const RULE_NAME: RegExp = /^[A-Za-z0-9][A-Za-z0-9-]{1,28}[A-Za-z0-9]$/

export const LOCK_FILE = 'azlogs.schema.json'

const TYPES: readonly string[] = [
  'string',
  'int',
  'long',
  'real',
  'boolean',
  'datetime',
  'dynamic',
] satisfies InferredType[]

export const PLANS: readonly TablePlan[] = ['Analytics', 'Basic', 'Auxiliary']

/** Azure's limit. https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits */
const MAX_COLUMNS = 500

/** Puts a lock together; its stream is named after its table. */
export function createLock(
  table: string,
  columns: readonly LockColumn[],
  plan: TablePlan = 'Analytics',
  ruleName?: string,
): SchemaLock {
  const content = { table, stream: `Custom-${table}`, plan, columns, transformKql: 'source' } as const
  const named = ruleName === undefined ? {} : { ruleName }
  return { version: 1, ...content, ...named, hash: hashOf(content) }
}

/** Two locks with the same hash describe the same table, stream and origins. */
function hashOf(lock: Pick<SchemaLock, 'table' | 'stream' | 'plan' | 'columns'>): string {
  const { table, stream, plan } = lock
  const columns = lock.columns.map(({ name, type, from = [] }) => [name, type, ...from])
  const digest = createHash('sha256')
    .update(JSON.stringify([table, stream, plan, columns]))
    .digest('hex')
  return `sha256:${digest}`
}

/** The lock as text: one column a line, so that a changed column is a changed line. */
export function formatLock({ columns, hash, transformKql, ...head }: SchemaLock): string {
  const members = Object.entries({ ...head, transformKql, hash }).map(
    ([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  )
  const lines = columns.map((column) => `    ${JSON.stringify(column)}`)
  return `{\n${members.join(',\n')},\n  "columns": [\n${lines.join(',\n')}\n  ]\n}\n`
}

/**
 * Reads a lock.
 *
 * @returns the lock, or what is wrong with the text, one sentence each.
 */
export function parseLock(text: string): SchemaLock | readonly string[] {
  let input: unknown
  try {
    input = JSON.parse(text)
  } catch (error) {
    return [`it is no JSON: ${(error as Error).message}`]
  }
  const problems = lockProblems(input)
  return problems.length > 0 ? problems : (input as SchemaLock)
}

/** Columns that the lock takes out of `Properties`, by the path that it takes them from: the transports' option `columns`. */
export function columnPaths(lock: SchemaLock | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (lock?.columns ?? []).flatMap(({ name, from: [path] = [] }) =>
      path === undefined ? [] : [[name, path]],
    ),
  )
}

export function isLock(result: SchemaLock | readonly string[]): result is SchemaLock {
  return !Array.isArray(result)
}

/** What is wrong with a table's name, or undefined. */
export function tableNameProblem(table: unknown): string | undefined {
  return typeof table === 'string' && /^[A-Za-z][A-Za-z0-9_]{0,59}_CL$/.test(table)
    ? undefined
    : `${JSON.stringify(table)} is no name for a custom table: a letter first, then letters, digits and _, "_CL" at the end, 63 characters at most`
}

function lockProblems(input: unknown): readonly string[] {
  if (typeof input !== 'object' || input === null) return ['it is no object']
  const { version, table, stream, plan, ruleName, columns } = input as Record<string, unknown>
  const problems: string[] = []
  if (version !== 1) problems.push(`"version" is ${JSON.stringify(version)}; this azlogs reads version 1`)
  const tableProblem = tableNameProblem(table)
  if (tableProblem !== undefined) problems.push(tableProblem)
  if (typeof stream !== 'string' || !/^Custom-[A-Za-z0-9_-]+$/.test(stream)) {
    problems.push(`"stream" is ${JSON.stringify(stream)}; it begins with "Custom-"`)
  }
  if (!PLANS.some((known) => known === plan)) {
    problems.push(`"plan" is ${JSON.stringify(plan)}; known plans: ${PLANS.join(', ')}`)
  }
  if (ruleName !== undefined && (typeof ruleName !== 'string' || !RULE_NAME.test(ruleName))) {
    problems.push(`"ruleName" is ${JSON.stringify(ruleName)}; it has 3 to 30 letters, digits and hyphens`)
  }
  return [...problems, ...columnsProblems(columns)]
}

function columnsProblems(columns: unknown): readonly string[] {
  if (!Array.isArray(columns)) return ['"columns" must be an array of { name, type }']
  const problems: string[] = []
  const names = new Set<string>()
  for (const [index, column] of (columns as readonly unknown[]).entries()) {
    const { name, type } = (column ?? {}) as Record<string, unknown>
    if (typeof name !== 'string') {
      problems.push(`column ${index + 1} has no name`)
      continue
    }
    const nameProblem = columnNameProblem(name)
    if (nameProblem !== undefined) problems.push(nameProblem)
    if (names.has(name.toLowerCase())) problems.push(`column ${name} is there twice (case does not count)`)
    names.add(name.toLowerCase())
    if (typeof type !== 'string' || !TYPES.includes(type)) {
      problems.push(`column ${name} has the type ${JSON.stringify(type)}; known types: ${TYPES.join(', ')}`)
    }
  }
  const time = (columns as readonly { readonly name?: unknown; readonly type?: unknown }[]).find(
    ({ name }) => name === 'TimeGenerated',
  )
  if (time?.type !== 'datetime') problems.push('every table needs the column TimeGenerated of type datetime')
  if (columns.length > MAX_COLUMNS) problems.push(`${columns.length} columns; a table holds ${MAX_COLUMNS}`)
  return problems
}
