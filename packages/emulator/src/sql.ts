import type { DatabaseSync } from 'node:sqlite'

import type { StoredValue } from './convert.ts'
import { quote } from './sqlite.ts'

/** What an SQL statement gave. */
export interface SqlAnswer {
  /** Names, in the order of the statement. */
  readonly columns: readonly string[]
  /** Values as SQLite keeps them: a boolean as 0 or 1, a `dynamic` as JSON text, an integer beyond 2^53 as a bigint. */
  readonly rows: readonly (readonly unknown[])[]
  /** There were more than 100,000, or more than 64 MB of them. */
  readonly isTruncated: boolean
}

const MAX_ROWS = 100_000
const MAX_LENGTH = 100_000
const MAX_BYTES = 64 * 1024 * 1024
/** How many combinations of rows a statement may look at. */
const MAX_STEPS = 200_000_000
/** The least rows of a subquery: SQLite takes 500 terms of a `UNION ALL`. */
const ASSUMED_ROWS = 500
/** What `json_each` is taken to give. */
const ITEMS_OF_ARRAY = 100

const READS = /^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/)*(?:SELECT|WITH|VALUES|EXPLAIN)\b/i
const UNBOUNDED = /\b(?:zeroblob|randomblob|printf|format|load_extension)\s*\(/i

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
  const [refused] = UNBOUNDED.exec(statement) ?? []
  if (refused !== undefined)
    throw new TypeError(`${refused}: not allowed in SQL here, it makes values of any size`)
  database.exec('PRAGMA query_only = ON')
  try {
    if (!/^\s*EXPLAIN\b/i.test(statement)) checkCost(database, statement, parameters)
    const prepared = database.prepare(statement)
    prepared.setReadBigInts(true)
    // Node.js 22.16 and later: columns keep their names without rows, and those of one name are not merged.
    const inArrays = typeof prepared.setReturnArrays === 'function'
    if (inArrays) prepared.setReturnArrays(true)
    let columns: readonly string[] = inArrays ? prepared.columns().map(({ name }) => name) : []
    const rows: (readonly unknown[])[] = []
    let bytes = 0
    for (const record of prepared.iterate(...parameters)) {
      if (rows.length === MAX_ROWS || bytes > MAX_BYTES) return { columns, rows, isTruncated: true }
      if (!inArrays) columns = Object.keys(record)
      const values: readonly unknown[] = Object.values(record)
      for (const value of values) bytes += typeof value === 'string' ? value.length : 8
      rows.push(values.map(narrowed))
    }
    return { columns, rows, isTruncated: false }
  } catch (error) {
    if (error instanceof TypeError) throw error
    throw new TypeError(error instanceof Error ? error.message : String(error), { cause: error })
  } finally {
    database.exec('PRAGMA query_only = OFF')
  }
}

function narrowed(value: unknown): unknown {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
}

interface PlanStep {
  readonly id: number
  readonly parent: number
  readonly detail: string
}

/** @throws {TypeError} when SQLite's plan has a recursion, or full scans nested too deep for the size of the tables. */
function checkCost(database: DatabaseSync, statement: string, parameters: readonly StoredValue[]): void {
  const steps = database
    .prepare(`EXPLAIN QUERY PLAN ${statement}`)
    .all(...parameters)
    .map(({ id, parent, detail }): PlanStep => ({
      id: Number(id),
      parent: Number(parent),
      detail: String(detail),
    }))
  // The keyword RECURSIVE is optional, so the plan has to tell.
  if (steps.some(({ detail }) => detail === 'RECURSIVE STEP')) {
    throw new TypeError('recursion: not allowed in SQL here, it might never end')
  }
  const cost = costOf(0, steps, createEstimate(database))
  if (cost > MAX_STEPS) {
    throw new TypeError(
      `this statement might look at ${cost.toPrecision(2)} combinations of rows: join fewer`,
    )
  }
}

/** The scans of one level are nested loops; a correlated subquery runs once for each of their rows, any other once. */
function costOf(parent: number, steps: readonly PlanStep[], rowsOf: (detail: string) => number): number {
  const level = steps.filter((step) => step.parent === parent)
  const loops = level.reduce((product, { detail }) => product * rowsOf(detail), 1)
  return level.reduce((sum, { id, detail }) => {
    const inner = costOf(id, steps, rowsOf)
    return sum + (detail.startsWith('CORRELATED') ? loops : 1) * (inner - 1)
  }, loops)
}

/** The rows that `SCAN …` goes through; 1 for any other step. An alias or a subquery counts as the largest table. */
function createEstimate(database: DatabaseSync): (detail: string) => number {
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  const counts = new Map(
    names.map(({ name }): [string, number] => {
      const table = quote(String(name))
      const { rows } =
        database.prepare(`SELECT max(rowid) - min(rowid) + 1 AS rows FROM ${table}`).get() ?? {}
      return [String(name), Math.max(Number(rows ?? 0), 1)]
    }),
  )
  const largest = Math.max(ASSUMED_ROWS, ...counts.values())
  return (detail) => {
    const [, constant, name = ''] = /^SCAN (?:(\d*) ?CONSTANT ROWS?|(\S+))/.exec(detail) ?? []
    if (!detail.startsWith('SCAN ')) return 1
    if (constant !== undefined) return Number(constant === '' ? 1 : constant)
    return detail.includes(' VIRTUAL TABLE ') ? ITEMS_OF_ARRAY : (counts.get(name) ?? largest)
  }
}
