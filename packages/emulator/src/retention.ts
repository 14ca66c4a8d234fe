import type { DatabaseSync } from 'node:sqlite'

import { quote } from './sqlite.ts'
import type { StoredTable } from './stored-table.ts'

/** How much is kept; beyond it the oldest rows are dropped. */
export interface Retention {
  /** Rows of one table. @default 1,000,000 */
  readonly maxRows?: number
  /** Bytes of the whole database. @default 536,870,912 (512 MiB) */
  readonly maxBytes?: number
}

export const DEFAULT_RETENTION: Required<Retention> = { maxRows: 1_000_000, maxBytes: 512 * 1024 * 1024 }

/** The part of each table that goes at a time when there are too many bytes. */
const STEP = 0.05

/**
 * Makes a function that drops what is too much and counts it at its table. Row ids have no gaps: rows are added at the end
 * and dropped at the start.
 *
 * @throws {RangeError} when a limit is no positive integer.
 */
export function createRetention(
  database: DatabaseSync,
  tables: ReadonlyMap<string, StoredTable>,
  retention: Retention,
): () => void {
  const { maxRows, maxBytes } = { ...DEFAULT_RETENTION, ...retention }
  for (const [name, limit] of Object.entries({ maxRows, maxBytes })) {
    if (!Number.isSafeInteger(limit) || limit < 1) {
      throw new RangeError(`retention.${name} must be a positive integer, not ${String(limit)}`)
    }
  }
  const pageSize = Number(database.prepare('PRAGMA page_size').get()?.['page_size'])
  const pages = database.prepare('PRAGMA page_count')
  const freePages = database.prepare('PRAGMA freelist_count')
  const usedBytes = (): number =>
    (Number(pages.get()?.['page_count']) - Number(freePages.get()?.['freelist_count'])) * pageSize

  const dropOldest = (name: string, table: StoredTable, rows: number): number => {
    if (rows <= 0) return 0
    const statement = `DELETE FROM ${quote(name)} WHERE rowid < (SELECT min(rowid) FROM ${quote(name)}) + ?`
    const dropped = Number(database.prepare(statement).run(rows).changes)
    table.count -= dropped
    table.evicted += dropped
    return dropped
  }

  return () => {
    for (const [name, table] of tables) dropOldest(name, table, table.count - maxRows)
    while (usedBytes() > maxBytes) {
      let gone = 0
      for (const [name, table] of tables) {
        // The newest row stays, however large it is.
        gone += dropOldest(name, table, Math.min(Math.ceil(table.count * STEP), table.count - 1))
      }
      if (gone === 0) break
    }
  }
}
