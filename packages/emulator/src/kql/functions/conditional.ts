import type { Bound } from '../bound.ts'
import { converted } from '../coerce.ts'
import { absent, commonType } from '../types.ts'
import type { KqlType, Value } from '../types.ts'
import type { Call } from './call.ts'

/** All branches in the one type that they share. */
function unified(
  call: Call,
  branches: readonly Bound[],
): { readonly type: KqlType; readonly branches: readonly Bound[] } {
  const type = commonType(branches.map((branch) => branch.type))
  if (type === undefined) {
    const types = [...new Set(branches.map((branch) => branch.type))].join(' and ')
    throw call.fail(`${call.name}(): its results must be of one type, not ${types}`)
  }
  return { type, branches: branches.map((branch) => converted(branch, type)) }
}

export function bindCase(call: Call): Bound {
  const all = call.arguments
  if (all.length % 2 === 0)
    throw call.fail(`${call.name}() takes pairs of a predicate and a result, and a last result`)
  const predicates = all.filter((_, index) => index % 2 === 0 && index < all.length - 1)
  for (const predicate of predicates) {
    if (predicate.type !== 'bool')
      throw call.fail(`${call.name}(): a predicate must be a bool, not a ${predicate.type}`)
  }
  const results = all.filter((_, index) => index % 2 === 1 || index === all.length - 1)
  const { type, branches } = unified(call, results)
  const otherwise = branches.at(-1) as Bound
  return {
    type,
    at: call.at,
    evaluate(row) {
      const index = predicates.findIndex((predicate) => predicate.evaluate(row) === true)
      return ((index < 0 ? otherwise : branches[index]) as Bound).evaluate(row)
    },
  }
}

export function bindCoalesce(call: Call): Bound {
  const { type, branches } = unified(call, call.arguments)
  const nothing = absent(type)
  return {
    type,
    at: call.at,
    evaluate(row) {
      for (const branch of branches) {
        const value = branch.evaluate(row)
        if (value !== nothing) return value
      }
      return nothing
    },
  }
}

export function bindExtreme(call: Call, isBetter: (value: Value, best: Value) => boolean): Bound {
  const { type, branches } = unified(call, call.arguments)
  if (type === 'dynamic' || type === 'guid') throw call.fail(`${call.name}() does not take a ${type}`)
  return {
    type,
    at: call.at,
    evaluate: (row) =>
      branches
        .map((branch) => branch.evaluate(row))
        .reduce((best, value) => (best === null || (value !== null && isBetter(value, best)) ? value : best)),
  }
}

/** A test that nulls pass through, too. */
export function bindTest(call: Call, test: (value: Value, type: KqlType) => boolean): Bound {
  const [value] = call.arguments as readonly [Bound]
  return { type: 'bool', at: call.at, evaluate: (row) => test(value.evaluate(row), value.type) }
}

/** Kusto's string has no null: `isnull("")` is false, and so is `isnull` of a dynamic that holds a string. */
export const isNull = (value: Value): boolean => value === null
export const isEmpty = (value: Value): boolean => value === null || value === ''
