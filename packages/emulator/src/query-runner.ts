import { readDatetime } from './datetime.ts'
import { compileQuery } from './kql/index.ts'
import type { CompiledQuery } from './kql/index.ts'
import type { Table } from './schema.ts'
import type { Row, Store } from './store.ts'
import type { TimeInterval } from './timespan.ts'

/** What a query gave. */
export interface QueryAnswer {
  /** Names, and types as Kusto calls them. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** In the order of the columns; a datetime is ISO text, a `dynamic` parsed, a `long` beyond 2^53 a bigint. */
  readonly rows: readonly (readonly unknown[])[]
  /** There were more rows than the service hands out. */
  readonly isTruncated: boolean
  /** The chart that the query asks for with `render`, if any. */
  readonly render: CompiledQuery['render']
}

interface QueryOptions {
  /** Only rows whose TimeGenerated lies in it. */
  readonly interval?: TimeInterval
  readonly timeoutMs?: number
}

export interface QueryRunner {
  /**
   * @throws {KqlError} with the position and the code of what is wrong with the query.
   * @throws {QueryTimeout} when it takes longer than its time.
   * @throws {QueryQueueFull} when too many wait.
   */
  readonly run: (text: string, options?: QueryOptions) => Promise<QueryAnswer>
}

/** Too many queries wait for their turn. */
export class QueryQueueFull extends Error {
  override readonly name: string = 'QueryQueueFull'
}

const PAGE_ROWS = 1000
export const DEFAULT_TIMEOUT_MS: number = 30_000
/** "Five concurrent queries per user", the others wait, 200 at most (azure-monitor-docs, service limits). */
const MAX_RUNNING = 5
const MAX_WAITING = 200

/** Runs KQL over the rows that are stored when it starts. */
export function createQueryRunner({
  tables,
  store,
}: {
  readonly tables: readonly Table[]
  readonly store: Pick<Store, 'rowsAfter' | 'newestId'>
}): QueryRunner {
  const schema = new Map(tables.map(({ name, columns }) => [name, columns]))
  const turns = createTurns()

  function* pages(
    { name: table, columns }: NonNullable<CompiledQuery['table']>,
    interval: TimeInterval | undefined,
  ): Generator<readonly Row[]> {
    const only = interval === undefined ? columns : [...columns, 'TimeGenerated']
    const newest = store.newestId(table)
    for (let after = 0; after < newest;) {
      const page = store.rowsAfter(table, after, PAGE_ROWS, only)
      const last = page.at(-1)
      if (last === undefined) return
      after = last.id
      const rows = page.filter(({ id }) => id <= newest).map(({ row }) => row)
      yield interval === undefined ? rows : rows.filter((row) => isWithin(row['TimeGenerated'], interval))
    }
  }

  return {
    async run(text, { interval, timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
      const compiled = compileQuery(text, schema)
      const done = await turns.take()
      try {
        const source = compiled.table === undefined ? [] : pages(compiled.table, interval)
        const result = await compiled.run(source, { deadlineMs: performance.now() + timeoutMs })
        // The query API calls it `bool`.
        const columns = compiled.columns.map(({ name, type }) => ({
          name,
          type: type === 'boolean' ? 'bool' : type,
        }))
        return { columns, ...result, render: compiled.render }
      } finally {
        done()
      }
    },
  }
}

function isWithin(time: unknown, { startMs, endMs }: TimeInterval): boolean {
  const epochMs = typeof time === 'string' ? readDatetime(time)?.epochMs : undefined
  return epochMs !== undefined && epochMs >= startMs && epochMs < endMs
}

/** A few at a time, the others in the order in which they came. */
function createTurns(): { readonly take: () => Promise<() => void> } {
  let running = 0
  const waiting: (() => void)[] = []
  const done = (): void => {
    running -= 1
    waiting.shift()?.()
  }
  return {
    async take() {
      if (running >= MAX_RUNNING) {
        if (waiting.length >= MAX_WAITING) throw new QueryQueueFull('too many queries wait for their turn')
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
      running += 1
      return done
    },
  }
}
