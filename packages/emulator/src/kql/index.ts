import type { Column } from '../schema.ts'
import { KqlError } from './error.ts'

export { KqlError }
export type { KqlErrorCode } from './error.ts'

/** A value of a row, in the types of JSON: a datetime is ISO text, a `long` beyond 2^53 a bigint, absent is null. */
export type KqlRow = Readonly<Record<string, unknown>>

export interface Transform {
  /** The columns that come out, in their order: to be compared with those of the table. */
  readonly resultColumns: readonly Column[]
  /** No row when a `where` rejects it. */
  readonly run: (row: KqlRow) => readonly KqlRow[]
}

/**
 * Compiles the `transformKql` of a data flow.
 *
 * @param input the columns of the stream.
 * @throws {KqlError} with the position and the code of what is wrong with it.
 */
export function compileTransform(text: string, input: readonly Column[]): Transform {
  if (text.trim() !== 'source')
    throw new KqlError('UnsupportedLocally', 'only «source» yet', { line: 1, column: 1 })
  return { resultColumns: input, run: (row) => [row] }
}
