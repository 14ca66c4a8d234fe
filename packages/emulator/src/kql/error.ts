/**
 * `Syntax`: the text cannot be read. `Semantic`: a column, function or type that does not exist or does not fit.
 * `UnsupportedInTransform`: Azure refuses it in a transformation. `UnsupportedLocally`: fine in Azure, but this engine
 * does not know it. `LimitExceeded`: over a bound of this engine.
 */
export type KqlErrorCode =
  | 'Syntax'
  | 'Semantic'
  | 'UnsupportedInTransform'
  | 'UnsupportedLocally'
  | 'LimitExceeded'

/** Where in the text, counted from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A query or transformation that cannot be compiled or run. */
export class KqlError extends Error implements Position {
  override readonly name: string = 'KqlError'
  /** What kind of problem it is. Cause and remedy of each: https://github.com/azlogs/azlogs/blob/main/docs/command-errors.md */
  readonly code: KqlErrorCode
  readonly line: number
  readonly column: number

  /** `message` is prefixed with the position. */
  constructor(code: KqlErrorCode, message: string, { line, column }: Position) {
    super(`${line}:${column}: ${message}`)
    this.code = code
    this.line = line
    this.column = column
  }
}
