/**
 * What is wrong with a schema.
 *
 * `InvalidOutputTable`, `InvalidTransformOutput`, `InvalidTransformQuery`, `InvalidStream` and `SchemaUpdateFatalError`
 * are what Azure answers at deployment. `InvalidTable` and `InvalidRule` stand for refusals of Azure whose code nobody
 * has published. `UnsupportedLocally` is fine in Azure, `InvalidDocument` cannot be read at all.
 */
export type SchemaProblemCode =
  | 'InvalidOutputTable'
  | 'InvalidTransformOutput'
  | 'InvalidTransformQuery'
  | 'InvalidStream'
  | 'SchemaUpdateFatalError'
  | 'InvalidTable'
  | 'InvalidRule'
  | 'UnsupportedLocally'
  | 'InvalidDocument'

/** One thing that is wrong with a schema. */
export interface SchemaProblem {
  /** What kind of problem it is. Cause and remedy of each: https://github.com/azlogs/azlogs/blob/main/docs/command-errors.md */
  readonly code: SchemaProblemCode
  /** Where in the JSON that was handed in: `properties.dataFlows[0].outputStream`; empty for the whole of it. */
  readonly path: string
  /** What is wrong with which value, and what is possible instead. */
  readonly message: string
}

export type Report = (code: SchemaProblemCode, path: string, message: string) => void

/** A schema that cannot be used; the message lists every problem. */
export class SchemaError extends TypeError {
  override readonly name: string = 'SchemaError'
  /** Everything that is wrong. */
  readonly problems: readonly SchemaProblem[]

  constructor(problems: readonly SchemaProblem[]) {
    super(`The schema cannot be used:\n${problems.map((problem) => `  ${describe(problem)}`).join('\n')}`)
    this.problems = problems
  }
}

function describe({ code, path, message }: SchemaProblem): string {
  return path === '' ? `${code}: ${message}` : `${code} at ${path}: ${message}`
}

/** The path of a member or an element: `a.b`, `a[0]`, `a['not an identifier']`. */
export function pathTo(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${path}['${key}']`
  return path === '' ? key : `${path}.${key}`
}
