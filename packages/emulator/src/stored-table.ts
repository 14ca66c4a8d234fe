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

/** No column of a table can have this name. */
export const ROW_ID: string = '#rowid'

/** SQLite's own records are slow dictionaries without a prototype. */
export function readRow(table: StoredTable, record: Readonly<Record<string, unknown>>): Row {
  const row: Record<string, unknown> = {}
  for (const { name, read } of table.columns) {
    const value = record[name] as StoredValue
    row[name] = read === undefined ? value : read(value)
  }
  return row
}

export interface StoredTable {
  /** With `read` only where SQLite does not hand out the value as it is. */
  readonly columns: readonly {
    readonly name: string
    readonly read: ((value: StoredValue) => unknown) | undefined
  }[]
  readonly insert: StatementSync
  readonly select: StatementSync
  readonly selectAfter: StatementSync
  readonly selectNewestId: StatementSync
  count: number
}

export function prepareTable(database: DatabaseSync, table: Table): StoredTable {
  const name = quote(table.name)
  const columns = sqlColumns(table.columns)
  const names = columns.map((column) => quote(column.sqlName)).join(', ')
  database.exec(`CREATE TABLE IF NOT EXISTS ${name} (${columns.map(definition).join(', ')})`)
  addMissingColumns(database, table.name, columns)
  const selected = columns.map((column) => `${quote(column.sqlName)} AS ${quote(column.name)}`).join(', ')
  const select = database.prepare(`SELECT ${selected} FROM ${name} ORDER BY rowid`)
  const selectAfter = database.prepare(
    `SELECT rowid AS ${quote(ROW_ID)}, ${selected} FROM ${name} WHERE rowid > ? ORDER BY rowid LIMIT ?`,
  )
  const hasLong = columns.some((column) => column.type === 'long')
  for (const statement of [select, selectAfter]) statement.setReadBigInts(hasLong)
  return {
    columns: columns.map(({ name, type }) => ({ name, read: readerOf(type, hasLong) })),
    insert: database.prepare(`INSERT INTO ${name} (${names}) VALUES (${columns.map(() => '?').join(', ')})`),
    select,
    selectAfter,
    selectNewestId: database.prepare(`SELECT max(rowid) AS ${quote(ROW_ID)} FROM ${name}`),
    count: Number(database.prepare(`SELECT count(*) AS count FROM ${name}`).get()?.['count']),
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
