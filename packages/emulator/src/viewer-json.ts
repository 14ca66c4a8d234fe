import type { IdentifiedRow, Row } from './store.ts'
import { rawNumber } from './json.ts'
import type { TailEvents } from './viewer-protocol.ts'

/** A row as JSON; a `long` beyond 2^53 keeps every digit. */
export function rowJson(row: Row): string {
  return JSON.stringify(row, exactly)
}

/** The data of the tail's event `rows`. */
export function rowsJson(
  rows: readonly IdentifiedRow[],
  { total, evicted }: Omit<TailEvents['rows'], 'rows'>,
): string {
  return `{"rows":[${rows.map(({ id, row }) => `[${id},${rowJson(row)}]`).join(',')}],"total":${total},"evicted":${evicted}}`
}

/** JSON.stringify's replacer for values that it refuses. */
export function exactly(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? rawNumber(String(value)) : value
}
