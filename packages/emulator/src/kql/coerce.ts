import { constantOf } from './bound.ts'
import type { Bound } from './bound.ts'
import { convertTo } from './convert.ts'
import type { KqlType } from './types.ts'

/** Brings an expression to another type, as `tolong()` and its like do. */
export function converted(bound: Bound, type: KqlType): Bound {
  if (bound.type === type) return bound
  const { type: from, evaluate } = bound
  const value = bound.constant && { value: convertTo(type, from, bound.constant.value) }
  return {
    ...bound,
    type,
    evaluate: value === undefined ? (row) => convertTo(type, from, evaluate(row)) : () => value.value,
    ...(value === undefined ? {} : { constant: value }),
  }
}

/** For the calls whose arguments are all constant: evaluated once. */
export function folded(bound: Bound, inputs: readonly Bound[]): Bound {
  if (bound.constant !== undefined || !inputs.every((input) => input.constant !== undefined)) return bound
  return {
    ...constantOf(bound.type, bound.evaluate([]), bound.at),
    ...(bound.name === undefined ? {} : { name: bound.name }),
  }
}
