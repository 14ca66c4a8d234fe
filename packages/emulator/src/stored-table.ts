import type { DatabaseSync, StatementSync } from 'node:sqlite'

import { valueWhenAbsent } from './convert.ts'
import type { StoredValue } from './convert.ts'
import type { Column, ColumnType, Table } from './schema.ts'
import { quote } from './sqlite.ts'

/**
 * A stored row: every declared column, in the types of JSON. A datetime is ISO text (100 ns ticks do not fit a Date), a
 * dynamic is its parsed value, a `long` beyond 2^53 is a bigint.
 */
export type Row = Readonly<Record<string, unknown>>

/**
 * The declared type rides on SQLite's own: SQLite only looks for INT, REAL or TEXT in it, and a file that is opened
 * again can be checked against the schema.
 */
const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'TEXT_string',
  guid: 'TEXT_guid',
  datetime: 'TEXT_datetime',
  dynamic: 'TEXT_dynamic',
  int: 'INTEGER_int',
  long: 'INTEGER_long',
  boolean: 'INTEGER_boolean',
  real: 'REAL_real',
}

/** How many choices of columns are kept prepared. */
const MAX_PREPARED = 100

/** No column of a table can have this name. */
export const ROW_ID: string = '#rowid'

/** SQLite's own records are slow dictionaries without a prototype. */
export function readRow(columns: readonly ReadColumn[], record: Readonly<Record<string, unknown>>): Row {
  const row: Record<string, unknown> = {}
  for (const { name, read } of columns) {
    const value = record[name] as StoredValue
    row[name] = read === undefined ? value : read(value)
  }
  return row
}

interface ReadColumn {
  readonly name: string
  /** Only where SQLite does not hand out the value as it is. */
  readonly read: ((value: StoredValue) => unknown) | undefined
}

/** Rows after an id, and how many: the two parameters of the statement. */
interface SelectAfter {
  readonly columns: readonly ReadColumn[]
  readonly statement: StatementSync
}

export interface StoredTable {
  readonly columns: readonly ReadColumn[]
  readonly insert: StatementSync
  readonly select: StatementSync
  /** Of these columns only, or of all. */
  readonly after: (only?: readonly string[]) => SelectAfter
  readonly selectNewestId: StatementSync
  count: number
  /** Rows that went to stay within the retention. */
  evicted: number
}

export function prepareTable(database: DatabaseSync, table: Table): StoredTable {
  const name = quote(table.name)
  const columns = sqlColumns(table.columns)
  const names = columns.map((column) => quote(column.sqlName)).join(', ')
  database.exec(`CREATE TABLE IF NOT EXISTS ${name} (${columns.map(definition).join(', ')})`)
  addMissingColumns(database, table.name, columns)
  const list = (chosen: readonly SqlColumn[]): string =>
    chosen.map((column) => `${quote(column.sqlName)} AS ${quote(column.name)}`).join(', ')
  const hasLong = columns.some((column) => column.type === 'long')
  const prepare = (sql: string): StatementSync => {
    const statement = database.prepare(sql)
    statement.setReadBigInts(hasLong)
    return statement
  }
  const readColumns = (chosen: readonly SqlColumn[]): readonly ReadColumn[] =>
    chosen.map(({ name, type }) => ({ name, read: readerOf(type, hasLong) }))
  const selectAfter = (chosen: readonly SqlColumn[]): SelectAfter => {
    const selected = [`rowid AS ${quote(ROW_ID)}`, list(chosen)].filter((part) => part !== '').join(', ')
    const sql = `SELECT ${selected} FROM ${name} WHERE rowid > ? ORDER BY rowid LIMIT ?`
    return { columns: readColumns(chosen), statement: prepare(sql) }
  }
  const allAfter = selectAfter(columns)
  const someAfter = new Map<string, SelectAfter>()
  return {
    columns: readColumns(columns),
    insert: database.prepare(`INSERT INTO ${name} (${names}) VALUES (${columns.map(() => '?').join(', ')})`),
    select: prepare(`SELECT ${list(columns)} FROM ${name} ORDER BY rowid`),
    after(only) {
      const chosen = columns.filter((column) => only === undefined || only.includes(column.name))
      if (chosen.length === columns.length) return allAfter
      const key = chosen.map((column) => column.sqlName).join()
      const prepared = someAfter.get(key) ?? selectAfter(chosen)
      if (someAfter.size >= MAX_PREPARED) someAfter.clear()
      someAfter.set(key, prepared)
      return prepared
    },
    selectNewestId: database.prepare(`SELECT max(rowid) AS ${quote(ROW_ID)} FROM ${name}`),
    count: Number(database.prepare(`SELECT count(*) AS count FROM ${name}`).get()?.['count']),
    evicted: 0,
  }
}

interface SqlColumn extends Column {
  readonly sqlName: string
}

/** Kusto tells columns apart by case and SQLite does not: the later of two such names gets its position appended. */
function sqlColumns(columns: readonly Column[]): readonly SqlColumn[] {
  const taken = new Set<string>()
  return columns.map(({ name, type }, index) => {
    const folded = name.toLowerCase()
    const sqlName = taken.has(folded) ? `${name}#${index}` : name
    taken.add(folded)
    return { name, type, sqlName }
  })
}

/** The default is for the rows that are already there when a column is added. */
function definition({ sqlName, type }: SqlColumn): string {
  return `${quote(sqlName)} ${SQL_TYPES[type]} DEFAULT ${valueWhenAbsent(type) === '' ? "''" : 'NULL'}`
}

function addMissingColumns(database: DatabaseSync, table: string, columns: readonly SqlColumn[]): void {
  const present = new Map(
    database
      .prepare(`PRAGMA table_info(${quote(table)})`)
      .all()
      .map((info) => [String(info['name']), String(info['type'])]),
  )
  for (const column of columns) {
    const held = present.get(column.sqlName)
    const wanted = SQL_TYPES[column.type]
    if (held === undefined) {
      database.exec(`ALTER TABLE ${quote(table)} ADD COLUMN ${definition(column)}`)
    } else if (held !== wanted) {
      throw new Error(
        `The database file holds ${table}.${column.name} as ${held}, the schema says ${wanted}: ` +
          'Azure does not change the type of a column either. Use another file, or another column name.',
      )
    }
  }
}

/** With a `long` in the table, SQLite hands out every integer as a bigint. */
function readerOf(type: ColumnType, hasLong: boolean): ((value: StoredValue) => unknown) | undefined {
  switch (type) {
    case 'boolean':
      return (value) => (value === null ? null : Number(value) === 1)
    case 'dynamic':
      return (value) => (value === null ? null : JSON.parse(String(value)))
    case 'long':
      return (value) => (Number.isSafeInteger(Number(value)) && value !== null ? Number(value) : value)
    case 'int':
      return hasLong ? (value) => (value === null ? null : Number(value)) : undefined
    default:
      return undefined
  }
}
