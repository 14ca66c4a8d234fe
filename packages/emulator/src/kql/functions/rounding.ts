import type { Bound } from '../bound.ts'
import { floorTo, integer } from '../integer.ts'
import type { Integer } from '../integer.ts'
import { isNumber } from '../types.ts'
import type { Value } from '../types.ts'
import { nameOf, nullSafe } from './call.ts'
import type { Call } from './call.ts'

/** `bin(value, step)`, also of points in time and spans (learn.microsoft.com/kusto/query/bin-function). */
export function bindBin(call: Call): Bound {
  const [value, step] = call.arguments as readonly [Bound, Bound]
  const isTime = value.type === 'datetime' || value.type === 'timespan'
  if (isTime ? step.type !== 'timespan' : !isNumber(value.type) || !isNumber(step.type)) {
    throw call.fail(`${call.name}() does not take a ${value.type} and a ${step.type}`)
  }
  const type = isTime ? value.type : value.type === 'real' || step.type === 'real' ? 'real' : 'long'
  const floor = (input: Value, size: Value): Value => {
    if (input === null || size === null) return null
    if (type === 'real') return Math.floor(Number(input) / Number(size)) * Number(size)
    const floored = floorTo(BigInt(input as Integer), BigInt(size as Integer))
    return floored === null || isTime ? floored : integer(floored)
  }
  return {
    type,
    at: call.at,
    evaluate: (row) => floor(value.evaluate(row), step.evaluate(row)),
    ...nameOf(value),
  }
}

/** Away from zero at the half, as in Kusto (kusto/query/round-function: round(-2.5) is -3). */
export function bindRound(call: Call): Bound {
  const [value, precision] = call.arguments as readonly [Bound, Bound | undefined]
  requireNumber(call, value)
  const round = (input: Value, digits: Value): Value => {
    if (input === null || digits === null || value.type !== 'real') return input
    const number = Number(input)
    const factor = 10 ** Math.min(Math.max(Number(digits), -300), 300)
    const rounded = Math.sign(number) * Math.round(Number(`${Math.abs(number)}e${Math.log10(factor)}`))
    return Number.isFinite(rounded) ? Number(`${rounded}e${-Math.log10(factor)}`) : number
  }
  return {
    type: value.type,
    at: call.at,
    evaluate: (row) => round(value.evaluate(row), precision === undefined ? 0 : precision.evaluate(row)),
    ...nameOf(value),
  }
}

function requireNumber(call: Call, bound: Bound): void {
  if (!isNumber(bound.type)) throw call.fail(`${call.name}() takes a number, not a ${bound.type}`)
}

export function bindAbs(call: Call): Bound {
  const [value] = call.arguments as readonly [Bound]
  if (value.type !== 'timespan') requireNumber(call, value)
  const type = value.type === 'int' ? 'long' : value.type
  const abs = (input: Integer): Integer => (input < 0 ? -input : input)
  return nullSafe(call, type, value, (input) => abs(input as Integer), nameOf(value))
}

export function bindCeiling(call: Call): Bound {
  const [value] = call.arguments as readonly [Bound]
  requireNumber(call, value)
  const ceiling = (input: Value): Value => (value.type === 'real' ? Math.ceil(Number(input)) + 0 : input)
  return nullSafe(call, value.type, value, ceiling, nameOf(value))
}
