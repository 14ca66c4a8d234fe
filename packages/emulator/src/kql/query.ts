import { setImmediate as nextTurn } from 'node:timers/promises'

import type { Column } from '../schema.ts'
import { RowFault } from './bound.ts'
import { compile } from './compile.ts'
import { KqlError } from './error.ts'
import { applySteps, createAccount, decode, encode } from './rows.ts'
import type { Account, Step } from './rows.ts'
import type { Operator } from './syntax.ts'
import { fromEpochMs } from './ticks.ts'
import { columnTypeOf } from './types.ts'
import type { ResultColumn, Row } from './types.ts'

/** A query that has been read and checked. */
export interface CompiledQuery {
  readonly columns: readonly ResultColumn[]
  /** The table that it reads, and which of its columns; undefined when its rows are in the text. */
  readonly table: { readonly name: string; readonly columns: readonly string[] } | undefined
  /** What `render` asks for. */
  readonly render?: Extract<Operator, { readonly kind: 'render' }>
  /**
   * Runs it over the rows of its table, which come in pages, and gives the event loop its turns.
   *
   * @throws {KqlError} `LimitExceeded` over a bound of memory.
   * @throws {QueryTimeout} when `deadlineMs` has passed.
   */
  readonly run: (pages: Iterable<readonly StoredRow[]>, limits: QueryLimits) => Promise<QueryResult>
}

/** A row as the store hands it out. */
type StoredRow = Readonly<Record<string, unknown>>

interface QueryLimits {
  /** On the clock of `performance.now()`. */
  readonly deadlineMs: number
}

interface QueryResult {
  /** Values in the types of JSON, in the order of the columns; a `long` beyond 2^53 is a bigint. */
  readonly rows: readonly (readonly unknown[])[]
  /** There were more rows than a result may have. */
  readonly isTruncated: boolean
}

/** The query took too long. */
export class QueryTimeout extends Error {
  override readonly name: string = 'QueryTimeout'
}

const MAX_QUERY_LENGTH = 100_000
/** "Queries can't return more than 500,000 rows" (azure-monitor-docs, service limits of the query API). */
const MAX_RESULT_ROWS = 500_000
/** How long the engine works before others have their turn. */
const SLICE_MS = 10
const ROWS_BETWEEN_LOOKS = 32

/**
 * Reads and checks a query over these tables.
 *
 * @throws {KqlError} with the position and the code of what is wrong with it.
 */
export function compileQuery(text: string, tables: ReadonlyMap<string, readonly Column[]>): CompiledQuery {
  if (text.length > MAX_QUERY_LENGTH) {
    const message = `a query has at most ${MAX_QUERY_LENGTH} characters here, not ${text.length}`
    throw new KqlError('LimitExceeded', message, { line: 1, column: 1 })
  }
  // A column of the type guid is stored and queried as a string (azure-monitor-docs, create-custom-table.md).
  const queried = [...tables].map(
    ([name, columns]) =>
      [
        name,
        columns.map((column) => (column.type === 'guid' ? { ...column, type: 'string' as const } : column)),
      ] as const,
  )
  const plan = compile(text, 'query', new Map(queried))
  const { source, segments, columns } = plan

  function* readRows(pages: Iterable<readonly StoredRow[]>): Generator<Row> {
    if (source.kind === 'rows') {
      yield* source.rows()
      return
    }
    const readers = source.columns.map(({ name, type, isUsed }) => (isUsed() ? { name, type } : undefined))
    for (const page of pages) {
      for (const stored of page) {
        yield readers.map((reader) =>
          reader === undefined ? null : decode(reader.type, stored[reader.name]),
        )
      }
    }
  }

  return {
    columns: columns.map(({ name, type }) => ({ name, type: columnTypeOf(type) })),
    table:
      source.kind === 'table'
        ? {
            name: source.name,
            columns: source.columns.filter(({ isUsed }) => isUsed()).map(({ name }) => name),
          }
        : undefined,
    ...(plan.render === undefined ? {} : { render: plan.render }),
    async run(pages, { deadlineMs }) {
      plan.setNow(fromEpochMs(Date.now()))
      const breathe = createBreather(deadlineMs)
      let rows: Iterable<Row> = readRows(pages)
      for (const { steps, collect } of segments.slice(0, -1)) {
        const collector = collect?.()
        await flow(
          rows,
          steps.map((start) => start()),
          breathe,
          (row) => collector?.add(row),
        )
        rows = collector?.finish() ?? []
      }
      const results: (readonly unknown[])[] = []
      const account = createAccount('the result')
      let isTruncated = false
      const last = segments.at(-1)?.steps ?? []
      await flow(
        rows,
        last.map((start) => start()),
        breathe,
        (row) => {
          if (results.length === MAX_RESULT_ROWS) {
            isTruncated = true
            return 'enough'
          }
          const values = columns.map(({ type, slot }) => encode(type, row[slot] ?? null))
          hold(account, values)
          results.push(values)
          return undefined
        },
      )
      return { rows: results, isTruncated }
    },
  }
}

function hold(account: Account, values: readonly unknown[]): void {
  try {
    account.hold(values)
  } catch (error) {
    if (!(error instanceof RowFault)) throw error
    throw new KqlError('LimitExceeded', error.message, { line: 1, column: 1 })
  }
}

/** Sends rows through steps until there are no more, or one of them has had enough. */
async function flow(
  rows: Iterable<Row>,
  steps: readonly Step[],
  breathe: () => Promise<void> | undefined,
  take: (row: Row) => unknown,
): Promise<void> {
  for (const row of rows) {
    const pause = breathe()
    if (pause !== undefined) await pause
    const result = applySteps(steps, row)
    if (result === 'stop') return
    if (result !== undefined && take(result) === 'enough') return
  }
}

/** @throws {QueryTimeout} from the function that it makes. */
function createBreather(deadlineMs: number): () => Promise<void> | undefined {
  let rows = 0
  let sliceEnds = performance.now() + SLICE_MS
  return () => {
    rows += 1
    if (rows % ROWS_BETWEEN_LOOKS !== 0) return undefined
    const now = performance.now()
    if (now > deadlineMs) throw new QueryTimeout('the query took too long')
    if (now < sliceEnds) return undefined
    return nextTurn().then(() => {
      sliceEnds = performance.now() + SLICE_MS
    })
  }
}
