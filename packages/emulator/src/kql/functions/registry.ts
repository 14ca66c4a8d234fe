import type { Bound } from '../bound.ts'
import { converted, folded } from '../coerce.ts'
import { asMember, textOf } from '../convert.ts'
import { absent, isNumber } from '../types.ts'
import type { KqlType, Row, Value } from '../types.ts'
import type { Call } from './call.ts'
import { datetimeFunctions } from './datetime.ts'
import { dynamicFunctions } from './dynamic.ts'
import { mathFunctions } from './math.ts'
import { readFamily } from './signature.ts'
import type { ParameterType, PlainFunction } from './signature.ts'
import { specialFunctions } from './special.ts'
import { stringFunctions } from './string.ts'

const plainFunctions: ReadonlyMap<string, PlainFunction> = new Map(
  [stringFunctions, mathFunctions, datetimeFunctions, dynamicFunctions].flatMap(readFamily),
)

export const functionNames: readonly string[] = [...plainFunctions.keys(), ...Object.keys(specialFunctions)]

/** Functions whose result keeps the column name of the first argument (the official parser's `ResultNameKind`). */
const NAMED_AFTER_ARGUMENT: ReadonlySet<string> = new Set(
  (
    'split tohex format_datetime format_timespan startofday binary_and binary_or binary_xor binary_not ' +
    'binary_shift_left binary_shift_right bitset_count_ones pow sqrt log log2 log10 exp exp2 exp10 cos sin tan acos ' +
    'asin atan atan2'
  ).split(' '),
)

/** Which arguments of a function are no expressions. */
export function rawArguments(name: string): readonly number[] {
  return special(name)?.raw ?? []
}

export function hasFunction(name: string): boolean {
  return special(name) !== undefined || plainFunctions.has(name)
}

/** @throws {KqlError} `Semantic` when number or types of the arguments do not fit. */
export function bindCall(call: Call): Bound {
  const definition = special(call.name)
  if (definition !== undefined) {
    checkCount(call, ...definition.arguments)
    const pure = !IMPURE.has(call.name)
    const bound = definition.bind(call)
    return pure ? folded(bound, call.arguments) : bound
  }
  const plain = plainFunctions.get(call.name)
  if (plain === undefined) throw call.fail(`there is no function ${call.name}()`)
  return folded(bindPlain(call, plain), call.arguments)
}

const IMPURE: ReadonlySet<string> = new Set([
  'now',
  'ago',
  'rand',
  'new_guid',
  'columnifexists',
  'column_ifexists',
])

function special(name: string): (typeof specialFunctions)[string] | undefined {
  return Object.hasOwn(specialFunctions, name) ? specialFunctions[name] : undefined
}

function checkCount(call: Call, least: number, most: number): void {
  const count = call.arguments.length
  if (count >= least && count <= most) return
  const wanted = least === most ? String(least) : `${least} to ${most}`
  throw call.fail(`${call.name}() takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${count}`)
}

const MOST_REPEATED = 64

function bindPlain(call: Call, { parameters, result, evaluate, takesNulls }: PlainFunction): Bound {
  const least = parameters.filter((parameter) => !parameter.optional).length
  const repeats = parameters.at(-1)?.repeated === true
  checkCount(call, least, repeats ? parameters.length - 1 + MOST_REPEATED : parameters.length)
  const inputs = call.arguments.map((argument, index) => {
    const parameter = parameters[index] ?? parameters.at(-1)
    if (parameter === undefined) return argument
    const input = fitted(parameter.type, argument)
    if (input === undefined) {
      const wanted = parameter.type === 'long' ? 'an integer' : `a ${parameter.type}`
      throw call.fail(`${call.name}(): ${parameter.name} must be ${wanted}, not a ${argument.type}`, index)
    }
    return input
  })
  const type: KqlType = result === 'same' ? (inputs[0] as Bound).type : result
  const nothing = absent(type)
  const readers = inputs.map((input) => input.evaluate)
  const apply = evaluate as (...values: readonly Value[]) => Value
  const name = NAMED_AFTER_ARGUMENT.has(call.name) ? call.arguments[0]?.name : undefined
  return {
    type,
    at: call.at,
    evaluate(row: Row) {
      const values = readers.map((read) => read(row))
      return !takesNulls && values.includes(null) ? nothing : (apply(...values) ?? nothing)
    },
    ...(name === undefined ? {} : { name }),
  }
}

/** The argument as the parameter takes it; undefined when it does not. */
function fitted(type: ParameterType, argument: Bound): Bound | undefined {
  switch (type) {
    case 'any':
      return argument
    case 'scalar':
      return argument.type === 'dynamic' ? undefined : fitted('text', argument)
    case 'text':
      return argument.type === 'string' ? argument : mapped(argument, 'string', '', textOf)
    case 'member':
      return mapped(argument, 'dynamic', null, asMember)
    case 'number':
      return isNumber(argument.type) ? argument : undefined
    case 'long':
      return argument.type === 'int' || argument.type === 'long' ? argument : undefined
    case 'real':
      return isNumber(argument.type) ? converted(argument, 'real') : undefined
    case 'string':
      return argument.type === 'dynamic' ? converted(argument, 'string') : only(type, argument)
    default:
      return only(type, argument)
  }
}

function only(type: KqlType, argument: Bound): Bound | undefined {
  return argument.type === type ? argument : undefined
}

function mapped(
  bound: Bound,
  type: KqlType,
  nothing: Value,
  map: (value: Value, from: KqlType) => Value,
): Bound {
  const { type: from, evaluate } = bound
  const of = (value: Value): Value => (value === null ? nothing : map(value, from))
  return {
    ...bound,
    type,
    evaluate: (row) => of(evaluate(row)),
    ...(bound.constant === undefined ? {} : { constant: { value: of(bound.constant.value) } }),
  }
}
