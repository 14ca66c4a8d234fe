import type { ChangeSignal } from './change-signal.ts'
import type { Row, Store } from './store.ts'

export interface FollowOptions {
  readonly table: string
  readonly store: Pick<Store, 'rowsAfter' | 'newestId'>
  readonly changed: Pick<ChangeSignal, 'until'>
  /** How often the store was cleared: its ids then start anew. */
  readonly clears: () => number
  /** Ends it when it is aborted. */
  readonly signal?: AbortSignal | undefined
}

/** Read at once; the consumer holds no more than these. */
const ROWS_PER_READ = 500

/**
 * Rows as they arrive, from this call on, until `changed` is closed or `signal` aborted. It reads from the store at the pace of its
 * consumer, and leaves out what has been removed from the store in the meantime.
 */
export function followRows({
  table,
  store,
  changed,
  clears,
  signal,
}: FollowOptions): AsyncIterable<readonly Row[]> {
  let epoch = clears()
  let cursor = store.newestId(table)
  const isNews = (): boolean => epoch !== clears() || store.newestId(table) > cursor

  return {
    async *[Symbol.asyncIterator]() {
      for (;;) {
        try {
          await changed.until(isNews, { signal, describe: () => `following ${table}` })
        } catch {
          return
        }
        if (epoch !== clears()) {
          epoch = clears()
          cursor = 0
        }
        const found = store.rowsAfter(table, cursor, ROWS_PER_READ)
        cursor = found.at(-1)?.id ?? cursor
        if (found.length > 0) yield found.map(({ row }) => row)
      }
    },
  }
}
