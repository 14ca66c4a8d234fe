import { randomUUID } from 'node:crypto'

import { RowFault } from '../bound.ts'
import type { Bound } from '../bound.ts'
import { converted } from '../coerce.ts'
import { asMember } from '../convert.ts'
import { checkSize, isArray } from '../dynamic.ts'
import type { KqlType, Row, Value } from '../types.ts'
import { nullSafe } from './call.ts'
import type { Call } from './call.ts'
import { bindCase, bindCoalesce, bindExtreme, bindTest, isEmpty, isNull } from './conditional.ts'
import { bagOf } from './dynamic.ts'
import { bindExtract, bindExtractAll } from './extract.ts'
import { bindAbs, bindBin, bindCeiling, bindRound } from './rounding.ts'

interface SpecialFunction {
  readonly arguments: readonly [least: number, most: number]
  readonly bind: (call: Call) => Bound
  /** Arguments that are no expressions, such as `typeof(long)`, by their place. */
  readonly raw?: readonly number[]
}

const MANY = 64

function bindPack(call: Call): Bound {
  const all = call.arguments
  if (all.length % 2 !== 0) throw call.fail(`${call.name}() takes pairs of a name and a value`)
  for (const [index, key] of all.entries()) {
    if (index % 2 === 0 && key.type !== 'string')
      throw call.fail(`${call.name}(): a name must be a string`, index)
  }
  const names = all.filter((_, index) => index % 2 === 0)
  const values = all.filter((_, index) => index % 2 === 1)
  return {
    type: 'dynamic',
    at: call.at,
    evaluate: (row) =>
      checkSize(
        bagOf(
          names.map((name, index) => {
            const { type, evaluate } = values[index] as Bound
            return [name.evaluate(row) as string, asMember(evaluate(row), type)]
          }),
        ),
      ),
  }
}

/** `columnifexists("name", default)`: the column where there is one. */
function bindColumnIfExists(call: Call): Bound {
  const [name, fallback] = call.arguments as readonly [Bound, Bound]
  if (name.constant === undefined || name.type !== 'string')
    throw call.fail('the name of the column must be constant', 0)
  const column = call.scope.columns.find((candidate) => candidate.name === name.constant?.value)
  if (column === undefined) return { ...fallback, name: String(name.constant.value), at: call.at }
  column.use?.()
  const { slot } = column
  return { type: column.type, evaluate: (row: Row) => row[slot], name: column.name, at: call.at }
}

function bindClock(call: Call, sign: bigint): Bound {
  const [offset] = call.arguments
  if (offset !== undefined && offset.type !== 'timespan')
    throw call.fail(`${call.name}() takes a timespan`, 0)
  const { now } = call.environment
  return {
    type: 'datetime',
    at: call.at,
    evaluate(row) {
      const span = offset === undefined ? 0n : offset.evaluate(row)
      return span === null ? null : now() + sign * (span as bigint)
    },
  }
}

/** Names that `gettype` gives (learn.microsoft.com/kusto/query/gettype-function). */
function typeNameOf(value: Value, type: KqlType): string {
  if (value === null) return 'null'
  if (type !== 'dynamic') return type
  if (isArray(value)) return 'array'
  if (typeof value === 'bigint') return 'long'
  if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'double'
  if (typeof value === 'object') return 'dictionary'
  return typeof value === 'boolean' ? 'bool' : 'string'
}

function conversion(type: KqlType): SpecialFunction {
  return {
    arguments: [1, 1],
    bind: ({ arguments: [value], at }) => ({ ...converted(value as Bound, type), at }),
  }
}

/** One that takes nothing but a string, or the string in a dynamic. */
function reading(type: KqlType): SpecialFunction {
  return {
    arguments: [1, 1],
    bind(call) {
      const [value] = call.arguments as readonly [Bound]
      if (value.type !== 'string' && value.type !== 'dynamic' && value.type !== type) {
        throw call.fail(`${call.name}() takes a string or a dynamic, not a ${value.type}`, 0)
      }
      return { ...converted(value, type), at: call.at }
    },
  }
}

const branching: SpecialFunction = { arguments: [3, 3], bind: bindCase }
const binning: SpecialFunction = { arguments: [2, 2], bind: bindBin }
const packing: SpecialFunction = { arguments: [2, 2 * MANY], bind: bindPack }
const columnIfExists: SpecialFunction = { arguments: [2, 2], bind: bindColumnIfExists }
const emptiness: SpecialFunction = { arguments: [1, 1], bind: (call) => bindTest(call, isEmpty) }
const fullness: SpecialFunction = {
  arguments: [1, 1],
  bind: (call) => bindTest(call, (value) => !isEmpty(value)),
}

export const specialFunctions: Readonly<Record<string, SpecialFunction>> = {
  tostring: conversion('string'),
  toint: conversion('int'),
  tolong: conversion('long'),
  toreal: conversion('real'),
  todouble: conversion('real'),
  tobool: conversion('bool'),
  toboolean: conversion('bool'),
  todatetime: conversion('datetime'),
  totimespan: conversion('timespan'),
  toguid: reading('guid'),
  parse_json: reading('dynamic'),
  parsejson: reading('dynamic'),
  todynamic: reading('dynamic'),
  toobject: reading('dynamic'),
  iff: branching,
  iif: branching,
  case: { arguments: [3, 2 * MANY + 1], bind: bindCase },
  coalesce: { arguments: [2, MANY], bind: bindCoalesce },
  max_of: {
    arguments: [2, MANY],
    bind: (call) => bindExtreme(call, (value, best) => (value as number) > (best as number)),
  },
  min_of: {
    arguments: [2, MANY],
    bind: (call) => bindExtreme(call, (value, best) => (value as number) < (best as number)),
  },
  bin: binning,
  floor: binning,
  round: { arguments: [1, 2], bind: bindRound },
  abs: { arguments: [1, 1], bind: bindAbs },
  ceiling: { arguments: [1, 1], bind: bindCeiling },
  not: {
    arguments: [1, 1],
    bind(call) {
      const [value] = call.arguments as readonly [Bound]
      if (value.type !== 'bool') throw call.fail(`not() takes a bool, not a ${value.type}`, 0)
      return nullSafe(call, 'bool', value, (input) => input !== true)
    },
  },
  isnull: { arguments: [1, 1], bind: (call) => bindTest(call, isNull) },
  isnotnull: { arguments: [1, 1], bind: (call) => bindTest(call, (value) => !isNull(value)) },
  notnull: { arguments: [1, 1], bind: (call) => bindTest(call, (value) => !isNull(value)) },
  isempty: emptiness,
  isnotempty: fullness,
  notempty: fullness,
  pack: packing,
  bag_pack: packing,
  pack_dictionary: packing,
  extract: { arguments: [3, 4], bind: bindExtract, raw: [3] },
  extract_all: { arguments: [2, 3], bind: bindExtractAll },
  columnifexists: columnIfExists,
  column_ifexists: columnIfExists,
  now: { arguments: [0, 1], bind: (call) => bindClock(call, 1n) },
  ago: { arguments: [1, 1], bind: (call) => bindClock(call, -1n) },
  gettype: {
    arguments: [1, 1],
    bind(call) {
      const [value] = call.arguments as readonly [Bound]
      return { type: 'string', at: call.at, evaluate: (row) => typeNameOf(value.evaluate(row), value.type) }
    },
  },
  new_guid: { arguments: [0, 0], bind: ({ at }) => ({ type: 'guid', at, evaluate: () => randomUUID() }) },
  rand: {
    arguments: [0, 1],
    bind(call) {
      const [bound] = call.arguments
      if (bound !== undefined && bound.type !== 'int' && bound.type !== 'long') {
        throw call.fail('rand() takes an integer', 0)
      }
      return {
        type: 'real',
        at: call.at,
        evaluate(row) {
          if (bound === undefined) return Math.random()
          const limit = Number(bound.evaluate(row))
          if (!(limit > 0)) throw new RowFault('rand() takes a number above zero', 'Semantic')
          return Math.floor(Math.random() * limit)
        },
      }
    },
  },
}
