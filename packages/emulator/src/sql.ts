import type { DatabaseSync } from 'node:sqlite'

import type { StoredValue } from './convert.ts'

export interface SqlAnswer {
  readonly columns: readonly string[]
  /** Values as SQLite keeps them: a boolean as 0 or 1, a `dynamic` as JSON text, an integer beyond 2^53 as a bigint. */
  readonly rows: readonly (readonly unknown[])[]
  /** There were more than {@link MAX_ROWS}. */
  readonly isTruncated: boolean
}

const MAX_ROWS = 100_000
const MAX_LENGTH = 100_000
const MAX_BYTES = 64 * 1024 * 1024
/** How many combinations of rows a statement may look at. */
const MAX_STEPS = 200_000_000
/** The rows of what is no table: a subquery, `VALUES`, `json_each`. SQLite takes 500 terms of a `UNION ALL`. */
const ASSUMED_ROWS = 500

const READS = /^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/)*(?:SELECT|WITH|VALUES|EXPLAIN)\b/i
const RECURSIVE = /\bRECURSIVE\b|\b(?:zeroblob|randomblob|printf|format|load_extension)\s*\(/i

/**
 * Runs one statement that only reads. SQLite cannot be interrupted, so what would run away is refused: recursion, functions
 * that make values of any size, and joins that look at too many combinations of rows.
 *
 * @throws {TypeError} when the statement is refused, or is no SQL.
 */
export function runSql(
  database: DatabaseSync,
  statement: string,
  parameters: readonly StoredValue[],
): SqlAnswer {
  if (statement.length > MAX_LENGTH) throw new TypeError(`SQL has at most ${MAX_LENGTH} characters here`)
  if (!READS.test(statement))
    throw new TypeError('only SELECT, WITH, VALUES and EXPLAIN: SQL can only read here')
  const [refused] = RECURSIVE.exec(statement) ?? []
  if (refused !== undefined) throw new TypeError(`${refused}: not allowed in SQL here, it might never end`)
  database.exec('PRAGMA query_only = ON')
  try {
    if (!/^\s*EXPLAIN\b/i.test(statement)) checkCost(database, statement, parameters)
    const prepared = database.prepare(statement)
    prepared.setReadBigInts(true)
    prepared.setReturnArrays(true)
    const rows: (readonly unknown[])[] = []
    let bytes = 0
    for (const record of prepared.iterate(...parameters) as Iterable<unknown> as Iterable<
      readonly unknown[]
    >) {
      if (rows.length === MAX_ROWS || bytes > MAX_BYTES) {
        return { columns: namesOf(prepared), rows, isTruncated: true }
      }
      for (const value of record) bytes += typeof value === 'string' ? value.length : 8
      rows.push(record.map(narrowed))
    }
    return { columns: namesOf(prepared), rows, isTruncated: false }
  } catch (error) {
    if (error instanceof TypeError) throw error
    throw new TypeError(error instanceof Error ? error.message : String(error), { cause: error })
  } finally {
    database.exec('PRAGMA query_only = OFF')
  }
}

function namesOf(statement: { columns(): readonly { readonly name: string }[] }): readonly string[] {
  return statement.columns().map(({ name }) => name)
}

function narrowed(value: unknown): unknown {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
}

/** Every full scan in the plan multiplies, as if all were nested. */
function checkCost(database: DatabaseSync, statement: string, parameters: readonly StoredValue[]): void {
  let steps = 1
  for (const { detail } of database.prepare(`EXPLAIN QUERY PLAN ${statement}`).all(...parameters)) {
    const [, name, constant] = /^SCAN (?:(\d+) CONSTANT ROWS?|(.+))/.exec(String(detail)) ?? []
    if (name !== undefined) steps *= Number(name)
    else if (constant !== undefined) steps *= rowsOf(database, constant)
  }
  if (steps > MAX_STEPS) {
    throw new TypeError(
      `this statement might look at ${steps.toPrecision(2)} combinations of rows: join on fewer`,
    )
  }
}

function rowsOf(database: DatabaseSync, scanned: string): number {
  const [name = ''] = scanned.split(' ')
  const table = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name)
  if (table === undefined) return ASSUMED_ROWS
  const { rows } =
    database
      .prepare(`SELECT max(rowid) - min(rowid) + 1 AS rows FROM "${name.replaceAll('"', '""')}"`)
      .get() ?? {}
  return Math.max(Number(rows ?? 0), 1)
}
