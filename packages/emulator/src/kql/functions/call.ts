import type { Bound, Environment, Scope } from '../bound.ts'
import type { Expression } from '../syntax.ts'
import type { KqlType, Value } from '../types.ts'

/** A call whose meaning a signature cannot express. */
export interface Call {
  readonly name: string
  readonly at: number
  readonly scope: Scope
  readonly environment: Environment
  readonly syntax: readonly Expression[]
  readonly arguments: readonly Bound[]
  readonly fail: (message: string, index?: number) => Error
}

/** The name that a result takes from its first argument. */
export function nameOf(bound: Bound): { readonly name?: string } {
  return bound.name === undefined ? {} : { name: bound.name }
}

/** A function of one argument that gives null for null. */
export function nullSafe(
  call: Call,
  type: KqlType,
  bound: Bound,
  evaluate: (value: Value) => Value,
  extra: { readonly name?: string } = {},
): Bound {
  return {
    type,
    at: call.at,
    evaluate: (row) => {
      const value = bound.evaluate(row)
      return value === null ? null : evaluate(value)
    },
    ...extra,
  }
}
