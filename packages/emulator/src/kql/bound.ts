import type { Mode } from './cursor.ts'
import type { KqlError, KqlErrorCode } from './error.ts'
import type { Let } from './syntax.ts'
import type { KqlType, Row, Value } from './types.ts'

/** An expression whose names and types are settled, ready to run. */
export interface Bound {
  readonly type: KqlType
  readonly evaluate: (row: Row) => Value
  /** Its value, when it depends on no row and no clock. */
  readonly constant?: { readonly value: Value }
  /** The column name that it suggests, as Kusto does. */
  readonly name?: string
  readonly at: number
}

/** A column of a table expression: a place in its rows. */
export interface ColumnSymbol {
  readonly name: string
  readonly type: KqlType
  readonly slot: number
  /** Notes that a column of the stored table is needed. */
  readonly use?: () => void
}

/** What holds for one compilation. */
export interface Environment {
  readonly mode: Mode
  /** Ticks when the run began: the same for every `now()` in it. */
  readonly now: () => bigint
  readonly error: (code: KqlErrorCode, message: string, at: number) => KqlError
  /** A {@link RowFault} as an error at this place; any other error as it is. */
  readonly positioned: (fault: unknown, at: number) => unknown
  readonly isTable: (name: string) => boolean
  /** Notes that the text uses an operator, a function or a symbol. */
  readonly note: (feature: string) => void
  /** Counts what a text expands to: functions are copied to where they are called. */
  readonly charge: (at: number) => void
}

/** What a name can mean besides a column. */
export type Definition =
  | { readonly kind: 'scalar'; readonly bound: Bound }
  | {
      readonly kind: 'function'
      readonly let: Extract<Let['value'], { readonly kind: 'function' }>
      readonly scope: Scope
    }
  | { readonly kind: 'tabular'; readonly values: (() => readonly Value[]) | undefined }

export interface Scope {
  readonly environment: Environment
  readonly columns: readonly ColumnSymbol[]
  readonly definitions: ReadonlyMap<string, Definition>
}

export function constantOf(type: KqlType, value: Value, at: number): Bound {
  return { type, evaluate: () => value, constant: { value }, at }
}

/** A row that cannot be evaluated; who runs the operator adds the position. */
export class RowFault extends Error {
  override readonly name: string = 'RowFault'
  readonly code: KqlErrorCode

  constructor(message: string, code: KqlErrorCode = 'LimitExceeded') {
    super(message)
    this.code = code
  }
}

/** A string of Kusto holds 1 MB at most; longer ones would let a short query fill the memory. */
const MAX_TEXT_LENGTH = 1_048_576

/** @throws {RowFault} when the text is longer than a value may be. */
export function withinTextLimit(text: string): string {
  if (text.length > MAX_TEXT_LENGTH) throw new RowFault(`a string grew over ${MAX_TEXT_LENGTH} characters`)
  return text
}
