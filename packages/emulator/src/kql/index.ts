import type { Column } from '../schema.ts'
import { compile } from './compile.ts'
import { KqlError } from './error.ts'
import { isDocumentedInTransforms } from './functions/azure.ts'
import { applySteps, decode, encode } from './rows.ts'
import { fromEpochMs } from './ticks.ts'
import { columnTypeOf, typeOfColumn } from './types.ts'
import type { ResultColumn } from './types.ts'

export { KqlError }
export type { KqlErrorCode } from './error.ts'
export { compileQuery, QueryTimeout } from './query.ts'
export type { CompiledQuery } from './query.ts'
export type { ResultColumn } from './types.ts'

/** A value of a row, in the types of JSON: a datetime is ISO text, a `long` beyond 2^53 a bigint, absent is null. */
export type KqlRow = Readonly<Record<string, unknown>>

export interface Transform {
  /** The columns that come out, in their order: to be compared with those of the table. */
  readonly resultColumns: readonly ResultColumn[]
  /**
   * Operators and functions that run here but are not on Microsoft's list for transformations: Azure may refuse them when
   * the rule is deployed.
   */
  readonly undocumented: readonly string[]
  /**
   * No row when a `where` rejects it.
   *
   * @throws {KqlError} when this row is over a bound of the engine: treat it as a failed transformation.
   */
  readonly run: (row: KqlRow) => readonly KqlRow[]
}

/** azure-monitor-docs, data-collection-rule-structure and service limits: transformKql has at most 15,360 characters. */
const MAX_TRANSFORM_LENGTH = 15_360

/**
 * Compiles the `transformKql` of a data flow. What Azure is known to refuse is refused, what it may refuse is named in
 * `undocumented`, and what cannot be run here is an error; nothing is guessed.
 *
 * @param input the columns of the stream.
 * @throws {KqlError} with the position and the code of what is wrong with it.
 */
export function compileTransform(text: string, input: readonly Column[]): Transform {
  if (text.length > MAX_TRANSFORM_LENGTH) {
    const message = `a transformation has at most ${MAX_TRANSFORM_LENGTH} characters, not ${text.length}`
    throw new KqlError('LimitExceeded', message, { line: 1, column: 1 })
  }
  const plan = compile(text, 'transform', new Map([['source', input]]))
  const steps = (plan.segments[0]?.steps ?? []).map((start) => start())
  const decoders = input.map(({ name, type }) => ({ name, type: typeOfColumn(type) }))
  const { columns, source } = plan
  return {
    resultColumns: columns.map(({ name, type }) => ({ name, type: columnTypeOf(type) })),
    undocumented: [...plan.features].filter(
      (feature) => feature !== 'table' && !isDocumentedInTransforms(feature),
    ),
    run(record) {
      plan.setNow(fromEpochMs(Date.now()))
      const rows =
        source.kind === 'rows'
          ? source.rows()
          : [decoders.map(({ name, type }) => decode(type, record[name]))]
      const results: KqlRow[] = []
      for (const row of rows) {
        const result = applySteps(steps, row)
        if (result === 'stop') break
        if (result === undefined) continue
        results.push(
          Object.fromEntries(
            columns.map(({ name, type, slot }) => [name, encode(type, result[slot] ?? null)]),
          ),
        )
      }
      return results
    },
  }
}
