import { compileQuery } from './kql/index.ts'
import type { Table } from './schema.ts'
import type { Row, Store } from './store.ts'
import type { QueryResult } from './viewer-protocol.ts'

export interface ViewerQueryOptions {
  readonly tables: readonly Table[]
  readonly store: Pick<Store, 'rowsAfter'>
}

/** As many as the page can show; the query endpoint gives more. */
const MAX_SHOWN_ROWS = 50_000
const ROWS_PER_READ = 1_000
const TIMEOUT_MS = 30_000

/**
 * Runs the text of the page's query box over what is stored.
 *
 * @throws {Error} whose message says where and what is wrong with the query, or that it took too long.
 */
export async function runViewerQuery(
  text: string,
  { tables, store }: ViewerQueryOptions,
): Promise<QueryResult> {
  const startedAt = performance.now()
  const query = compileQuery(text, new Map(tables.map(({ name, columns }) => [name, columns])))
  const { rows, isTruncated } = await query.run(
    query.table === undefined ? [] : pagesOf(store, query.table.name),
    { deadlineMs: startedAt + TIMEOUT_MS },
  )
  return {
    columns: query.columns,
    rows: rows.slice(0, MAX_SHOWN_ROWS),
    isTruncated: isTruncated || rows.length > MAX_SHOWN_ROWS,
    durationMs: performance.now() - startedAt,
  }
}

function* pagesOf(store: Pick<Store, 'rowsAfter'>, table: string): Generator<readonly Row[]> {
  let id = 0
  for (;;) {
    const found = store.rowsAfter(table, id, ROWS_PER_READ)
    const last = found.at(-1)
    if (last === undefined) return
    id = last.id
    yield found.map(({ row }) => row)
  }
}
