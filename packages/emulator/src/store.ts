import type { StoredValue } from './convert.ts'
import { createRetention, DEFAULT_RETENTION } from './retention.ts'
import type { Retention } from './retention.ts'
import type { Table } from './schema.ts'
import { runSql } from './sql.ts'
import type { SqlAnswer } from './sql.ts'
import { openDatabase, quote } from './sqlite.ts'
import { prepareTable, readRow, ROW_ID } from './stored-table.ts'
import type { Row, StoredTable } from './stored-table.ts'

export type { Row } from './stored-table.ts'

export interface IdentifiedRow {
  readonly id: number
  readonly row: Row
}

export interface Store {
  readonly insert: (table: string, rows: readonly (readonly StoredValue[])[]) => void
  /** In the order in which they arrived. */
  readonly rows: (table: string) => readonly Row[]
  /**
   * Those that arrived after the row with this id, oldest first, at most `limit`. Ids grow with the order of arrival.
   * @param only the columns that are read; all of them by default.
   */
  readonly rowsAfter: (
    table: string,
    id: number,
    limit: number,
    only?: readonly string[],
  ) => readonly IdentifiedRow[]
  /** The id of the newest row; 0 when there is none. */
  readonly newestId: (table: string) => number
  readonly count: (table: string) => number
  /** How many rows went to stay within the retention, since it was opened or cleared. */
  readonly evicted: (table: string) => number
  /**
   * Runs one SQL statement that reads.
   *
   * @throws {TypeError} when it does not only read, or might run away.
   */
  readonly sql: (statement: string, parameters?: readonly StoredValue[]) => SqlAnswer
  readonly clear: () => void
  readonly close: () => void
}

/**
 * Rows in SQLite, one SQL table for each table of the schema, with no index: rowid order is the order of arrival. The
 * oldest rows go when there are more than the retention allows, also when a file is opened.
 *
 * @throws {Error} when the file holds a table of that name with other column types.
 */
export function createStore(
  tables: readonly Table[],
  file: string,
  retention: Retention = DEFAULT_RETENTION,
): Store {
  const database = openDatabase(file)
  const stored = new Map<string, StoredTable>()
  try {
    for (const table of tables) stored.set(table.name, prepareTable(database, table))
  } catch (error) {
    database.close()
    throw error
  }

  const retain = createRetention(database, stored, retention)
  retain()

  const tableOf = (name: string): StoredTable => {
    const table = stored.get(name)
    if (table === undefined) {
      throw new RangeError(
        `There is no table ${JSON.stringify(name)}; there is: ${[...stored.keys()].join(', ')}`,
      )
    }
    return table
  }

  return {
    insert(name, rows) {
      const table = tableOf(name)
      database.exec('BEGIN')
      try {
        for (const row of rows) table.insert.run(...row)
        database.exec('COMMIT')
      } catch (error) {
        database.exec('ROLLBACK')
        throw error
      }
      table.count += rows.length
      retain()
    },
    rows(name) {
      const table = tableOf(name)
      const rows: Row[] = []
      for (const record of table.select.iterate()) rows.push(readRow(table.columns, record))
      return rows
    },
    rowsAfter(name, id, limit, only) {
      const { columns, statement } = tableOf(name).after(only)
      const rows: IdentifiedRow[] = []
      for (const record of statement.iterate(id, limit)) {
        rows.push({ id: Number(record[ROW_ID]), row: readRow(columns, record) })
      }
      return rows
    },
    newestId: (name) => Number(tableOf(name).selectNewestId.get()?.[ROW_ID] ?? 0),
    count: (name) => tableOf(name).count,
    evicted: (name) => tableOf(name).evicted,
    sql: (statement, parameters = []) => runSql(database, statement, parameters),
    clear() {
      for (const [name, table] of stored) {
        database.exec(`DELETE FROM ${quote(name)}`)
        table.count = 0
        table.evicted = 0
      }
    },
    close: () => database.close(),
  }
}
