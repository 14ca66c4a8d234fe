import { bigIntegerText, rawNumber } from '../json.ts'
import { RowFault } from './bound.ts'
import { integer } from './integer.ts'
import type { Value } from './types.ts'

/** What a `dynamic` may hold in all, members and items counted: nesting would let a short query fill the memory. */
const MAX_NODES = 100_000

export type Bag = Readonly<Record<string, unknown>>

export function isBag(value: Value): value is Bag {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    bigIntegerText(value) === undefined
  )
}

export function isArray(value: Value): value is readonly unknown[] {
  return Array.isArray(value)
}

/** A member or item as a value: an integer beyond 2^53 becomes a bigint. */
export function scalarOf(value: unknown): Value {
  const text = bigIntegerText(value)
  if (text !== undefined)
    return BigInt.asIntN(64, BigInt(text)) === BigInt(text) ? integer(BigInt(text)) : Number(text)
  return value ?? null
}

export function memberOf(value: Value, name: string): Value {
  return isBag(value) && Object.hasOwn(value, name) ? scalarOf(value[name]) : null
}

/** An item, counted from the end when the index is negative, or a member. */
export function elementOf(value: Value, key: Value): Value {
  if (typeof key === 'string') return memberOf(value, key)
  if (!isArray(value) || key === null) return null
  return scalarOf(value.at(Number(key)))
}

/** Compact JSON, as Kusto writes it. */
export function jsonText(value: Value): string {
  checkSize(value)
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'bigint' ? rawNumber(String(member)) : member,
  )
}

/** Reads JSON; what is no JSON is a string (learn.microsoft.com/kusto/query/parse-json-function). */
export function parseDynamicText(text: string, parse: (text: string) => unknown): Value {
  if (text === '') return null
  try {
    return scalarOf(parse(text))
  } catch {
    return text
  }
}

/** @throws {RowFault} when there is more in it than a value may hold. */
export function checkSize(value: Value): Value {
  let left = MAX_NODES
  const visit = (node: unknown, depth: number): void => {
    left -= 1
    if (left < 0 || depth > 200) throw new RowFault(`a dynamic value grew over ${MAX_NODES} nodes`)
    if (typeof node !== 'object' || node === null) return
    for (const member of Array.isArray(node) ? node : Object.values(node)) visit(member, depth + 1)
  }
  visit(value, 0)
  return value
}
