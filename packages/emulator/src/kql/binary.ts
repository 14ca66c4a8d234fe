import { RowFault } from './bound.ts'
import type { Bound } from './bound.ts'
import { convertTo } from './convert.ts'
import { converted, folded } from './coerce.ts'
import { add, divide, modulo, multiply, subtract } from './integer.ts'
import type { Integer } from './integer.ts'
import { compileRegex, matchesRegex } from './regex.ts'
import { TEXT_TESTS } from './text-search.ts'
import { inRange } from './ticks.ts'
import { isNumber } from './types.ts'
import type { KqlType, Value } from './types.ts'

export interface BinaryCall {
  readonly operator: string
  readonly left: Bound
  readonly right: Bound
  readonly at: number
  readonly fail: (message: string) => Error
  readonly unsupported: (message: string) => Error
}

type Evaluator = (left: Value, right: Value) => Value

/** @throws {KqlError} `Semantic` when the operator is not defined for these types. */
export function bindBinary(call: BinaryCall): Bound {
  const { operator, left, right } = call
  const positive = operator.startsWith('!') && operator !== '!=' ? operator.slice(1) : operator
  const test = positive === '~' ? '=~' : positive
  if (operator === 'and' || operator === 'or') return bindLogical(call)
  if (test === 'matches regex') return bindRegex(call)
  if (Object.hasOwn(TEXT_TESTS, test)) return bindTextTest(call, test, positive !== operator)
  const bound = /^[-+*/%]$/.test(operator) ? bindArithmetic(call) : bindComparison(call)
  return folded(bound, [left, right])
}

function undefinedFor({ operator, left, right, fail }: BinaryCall): Error {
  return fail(`the operator «${operator}» is not defined for ${left.type} and ${right.type}`)
}

/** Nulls count as false: "and: true only if both operands are true" (kusto/query/logical-operators). */
function bindLogical(call: BinaryCall): Bound {
  const { operator, at } = call
  const types = [call.left.type, call.right.type]
  if (types.every((type) => type === 'bool' || type === 'dynamic') && types.includes('dynamic')) {
    throw call.unsupported(`«${operator}» with a dynamic: not supported locally; convert it with tobool()`)
  }
  if (types.some((type) => type !== 'bool')) throw undefinedFor(call)
  const left = call.left.evaluate
  const right = call.right.evaluate
  return {
    type: 'bool',
    at,
    evaluate:
      operator === 'and'
        ? (row) => left(row) === true && right(row) === true
        : (row) => left(row) === true || right(row) === true,
  }
}

function bindTextTest(call: BinaryCall, test: string, negated: boolean): Bound {
  if (!isText(call.left.type) || !isText(call.right.type)) throw undefinedFor(call)
  const left = converted(call.left, 'string').evaluate
  const right = converted(call.right, 'string').evaluate
  const evaluate = TEXT_TESTS[test] as (text: string, sought: string) => boolean
  return {
    type: 'bool',
    at: call.at,
    evaluate: (row) => evaluate(left(row) as string, right(row) as string) !== negated,
  }
}

function isText(type: KqlType): boolean {
  return type === 'string' || type === 'dynamic'
}

function bindRegex(call: BinaryCall): Bound {
  const { left, right, at } = call
  if (!isText(left.type) || right.type !== 'string') throw undefinedFor(call)
  if (right.constant !== undefined) compileRegex(String(right.constant.value))
  const text = converted(left, 'string').evaluate
  return {
    type: 'bool',
    at,
    evaluate: (row) => matchesRegex(text(row) as string, right.evaluate(row) as string),
  }
}

/** Both sides evaluated, a null on either side makes null. */
function strict(call: BinaryCall, type: KqlType, evaluate: Evaluator): Bound {
  const left = call.left.evaluate
  const right = call.right.evaluate
  return {
    type,
    at: call.at,
    evaluate(row) {
      const a = left(row)
      const b = right(row)
      return a === null || b === null ? null : evaluate(a, b)
    },
  }
}

const INTEGER_ARITHMETIC: Readonly<Record<string, (left: Integer, right: Integer) => Value>> = {
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
  '%': modulo,
}

const REAL_ARITHMETIC: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => ((left % right) + Math.abs(right)) % Math.abs(right),
}

function bindArithmetic(call: BinaryCall): Bound {
  const { operator } = call
  if (call.left.type !== call.right.type) requireNumberBesideDynamic(call)
  const { left, right } = withoutDynamic(call)
  const settled = { ...call, left, right }
  if (isNumber(left.type) && isNumber(right.type)) {
    if (left.type !== 'real' && right.type !== 'real') {
      const evaluate = INTEGER_ARITHMETIC[operator] as Evaluator
      return strict(settled, 'long', evaluate)
    }
    const evaluate = REAL_ARITHMETIC[operator] as (left: number, right: number) => number
    return strict(settled, 'real', (a, b) => evaluate(Number(a), Number(b)))
  }
  const time = TIME_ARITHMETIC[`${left.type} ${operator} ${right.type}`]
  if (time === undefined) throw undefinedFor(call)
  return strict(settled, time[0], time[1])
}

function requireNumberBesideDynamic(call: BinaryCall): void {
  const types = [call.left.type, call.right.type]
  if (!types.includes('dynamic') || types.some(isNumber)) return
  throw call.unsupported(
    `«${call.operator}» for ${types.join(' and ')}: not supported locally; convert the dynamic first`,
  )
}

/** A dynamic takes the type of the other side. */
function withoutDynamic(call: BinaryCall): { readonly left: Bound; readonly right: Bound } {
  const { left, right } = call
  if (left.type !== 'dynamic' && right.type !== 'dynamic') return { left, right }
  if (left.type === right.type) {
    throw call.unsupported(
      `«${call.operator}» between two dynamic values: not supported locally; convert one of them, with tolong() or tostring() say`,
    )
  }
  return { left: converted(left, wider(right.type)), right: converted(right, wider(left.type)) }

  function wider(type: KqlType): KqlType {
    if (type !== 'dynamic') return type
    const other = left.type === 'dynamic' ? right.type : left.type
    return other
  }
}

type Time = readonly [result: KqlType, evaluate: Evaluator]

/** learn.microsoft.com/kusto/query/datetime-timespan-arithmetic. */
const TIME_ARITHMETIC: Readonly<Record<string, Time>> = {
  'timespan + timespan': ['timespan', (a, b) => span((a as bigint) + (b as bigint))],
  'timespan - timespan': ['timespan', (a, b) => span((a as bigint) - (b as bigint))],
  'datetime - datetime': ['timespan', (a, b) => span((a as bigint) - (b as bigint))],
  'datetime + timespan': ['datetime', (a, b) => inRange((a as bigint) + (b as bigint)) ?? null],
  'timespan + datetime': ['datetime', (a, b) => inRange((a as bigint) + (b as bigint)) ?? null],
  'datetime - timespan': ['datetime', (a, b) => inRange((a as bigint) - (b as bigint)) ?? null],
  'timespan / timespan': ['real', (a, b) => Number(a) / Number(b)],
  ...scaled('int'),
  ...scaled('long'),
  ...scaled('real'),
}

function scaled(number: KqlType): Record<string, Time> {
  const multiplied = (ticks: Value, factor: Value): Value =>
    number === 'real'
      ? rounded(Number(ticks) * Number(factor))
      : span((ticks as bigint) * BigInt(factor as Integer))
  return {
    [`timespan * ${number}`]: ['timespan', multiplied],
    [`${number} * timespan`]: ['timespan', (factor, ticks) => multiplied(ticks, factor)],
    [`timespan / ${number}`]: [
      'timespan',
      (ticks, divisor) => (Number(divisor) === 0 ? null : rounded(Number(ticks) / Number(divisor))),
    ],
  }
}

function rounded(ticks: number): bigint | null {
  return Number.isFinite(ticks) ? span(BigInt(Math.round(ticks))) : null
}

function span(ticks: bigint): bigint | null {
  return BigInt.asIntN(64, ticks) === ticks ? ticks : null
}

const ORDER: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
}

function bindComparison(call: BinaryCall): Bound {
  const { operator, at } = call
  const isOrder = Object.hasOwn(ORDER, operator)
  if (isOrder && call.left.type !== call.right.type) requireNumberBesideDynamic(call)
  const { left, right } = compared(call)
  const settled = { ...call, left, right }
  if (isOrder) {
    if (left.type === 'string' || left.type === 'guid') throw undefinedFor(call)
    const evaluate = ORDER[operator] as unknown as Evaluator
    return strict(settled, 'bool', evaluate)
  }
  const negated = operator !== '=='
  // A null equals no value, and two nulls are neither equal nor unequal (kusto/query/scalar-data-types/null-values).
  return {
    type: 'bool',
    at,
    evaluate(row) {
      const a = left.evaluate(row)
      const b = right.evaluate(row)
      if (a === null || b === null) return a === b ? null : negated
      return areEqual(a, b) !== negated
    },
  }
}

/** Both sides in types that can be compared. */
export function compared(call: BinaryCall): { readonly left: Bound; readonly right: Bound } {
  const { left, right } = call
  if (left.type === 'dynamic' || right.type === 'dynamic') {
    const settled = withoutDynamic(call)
    return { left: comparable(left, settled.left), right: comparable(right, settled.right) }
  }
  if (left.type === right.type || (isNumber(left.type) && isNumber(right.type))) return { left, right }
  const types = new Set([left.type, right.type])
  if (types.has('string') && types.has('guid')) return { left: folding(left), right: folding(right) }
  if (types.has('bool') && (isNumber(left.type) || isNumber(right.type))) {
    return left.type === 'bool'
      ? { left: converted(left, 'long'), right }
      : { left, right: converted(right, 'long') }
  }
  throw call.fail(
    `values of type ${left.type} and ${right.type} cannot be compared: convert one of them (Azure: «Cannot compare values of types ${left.type} and ${right.type}. Try adding explicit casts»)`,
  )
}

/** A number in a dynamic is compared as a number, whatever kind of number the other side is. */
function comparable(original: Bound, settled: Bound): Bound {
  if (original.type !== 'dynamic' || !isNumber(settled.type)) return settled
  return {
    ...original,
    type: 'real',
    evaluate(row) {
      const value = original.evaluate(row)
      return typeof value === 'number' || typeof value === 'bigint'
        ? value
        : convertTo('real', 'dynamic', value)
    },
  }
}

function folding(bound: Bound): Bound {
  const text = converted(bound, 'string')
  return { ...text, evaluate: (row) => String(text.evaluate(row)).toLowerCase() }
}

/** For two values of types that {@link compared} lets pass; neither is null. */
export function areEqual(left: Value, right: Value): boolean {
  if (typeof left === typeof right) return left === right
  // A bigint and a number: a long beyond 2^53, or a real.
  if (typeof left === 'object' || typeof right === 'object')
    throw new RowFault('a bag or an array cannot be compared')
  return Number(left) === Number(right)
}
