import type { ActiveFault } from './faults.ts'
import type { ColumnType } from './schema.ts'
import type { Row } from './store.ts'
import type { Verdict } from './verdict.ts'

// What the page and its endpoints say to each other. Types only: the page is bundled without the emulator.

export interface ViewedTable {
  readonly name: string
  readonly plan: string
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[]
}

/** `GET /viewer/api/about` */
export interface About {
  readonly url: string
  readonly ruleId: string
  readonly mode: 'azure' | 'strict'
  /** Variables for a process that is to send here. */
  readonly env: Readonly<Record<string, string>>
  readonly tables: readonly ViewedTable[]
}

/** A verdict with its number (1, 2, 3, … since the start or the last clear) and its losses as sentences. */
export interface NumberedVerdict extends Verdict {
  readonly number: number
  readonly losses: readonly string[]
}

export interface FaultsState {
  readonly seed: number
  readonly active: readonly Pick<ActiveFault, 'text' | 'hits' | 'endsAt'>[]
}

/** The events of `GET /viewer/api/tail?table=…&rows=…`. */
export interface TailEvents {
  /** Everything that was sent before is void: the emulator was cleared or started anew. */
  readonly reset: { readonly epoch: string }
  readonly rows: {
    readonly rows: readonly (readonly [id: number, row: Row])[]
    /** Rows in the table now. */
    readonly total: number
    /** Rows that went from it to stay within the retention. */
    readonly evicted: number
  }
  readonly verdicts: readonly NumberedVerdict[]
  readonly faults: FaultsState
}

/** The answer to `POST /viewer/api/query` with `{ query }`. */
export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly unknown[])[]
  /** There were more rows than the page shows. */
  readonly isTruncated: boolean
  readonly durationMs: number
}

/** The body of every refusal. */
export interface ViewerRefusal {
  readonly error: { readonly code: string; readonly message: string }
}

/**
 * What asks for a change carries this header and the page's own origin: no form and no link of another page can send it.
 */
export const VIEWER_HEADER = 'x-azlogs-viewer'
