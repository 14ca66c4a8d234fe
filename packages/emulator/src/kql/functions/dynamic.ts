import { isDeepStrictEqual } from 'node:util'

import { checkSize, isArray, isBag, jsonText, scalarOf } from '../dynamic.ts'
import type { Bag } from '../dynamic.ts'
import type { Integer } from '../integer.ts'
import type { Value } from '../types.ts'
import type { Family } from './signature.ts'

/** learn.microsoft.com/kusto/query/scalar-functions, «Dynamic/array functions». */
export const dynamicFunctions: Family = {
  'array_length(array: dynamic): long': (array: Value) => (isArray(array) ? array.length : null),
  'array_concat(array: dynamic...): dynamic': {
    withNulls: (...arrays: readonly Value[]) => checkSize(arrays.filter(isArray).flat()),
  },
  'array_slice(array: dynamic, start: long, end: long): dynamic': (
    array: Value,
    start: Integer,
    end: Integer,
  ) => {
    if (!isArray(array)) return null
    const last = end < 0 ? array.length + Number(end) : Number(end)
    return array.slice(Number(start), Math.max(last + 1, 0))
  },
  'array_reverse(array: dynamic): dynamic': (array: Value) => (isArray(array) ? array.toReversed() : null),
  'array_sum(array: dynamic): real': (array: Value) =>
    isArray(array) && array.every((item) => typeof item === 'number')
      ? array.reduce<number>((sum, item) => sum + item, 0)
      : null,
  'array_index_of(array: dynamic, value: member): long': (array: Value, value: Value) =>
    isArray(array) ? array.findIndex((item) => isSame(item, value)) : null,
  'set_has_element(set: dynamic, value: member): bool': (set: Value, value: Value) =>
    isArray(set) ? set.some((item) => isSame(item, value)) : null,
  'set_union(first: dynamic, other: dynamic...): dynamic': (...sets: readonly Value[]) =>
    sets.every(isArray) ? unique(sets.flat()) : null,
  'set_intersect(first: dynamic, other: dynamic...): dynamic': (first: Value, ...others: readonly Value[]) =>
    isArray(first) && others.every(isArray)
      ? unique(first.filter((item) => others.every((set) => textsOf(set).has(jsonText(item)))))
      : null,
  'set_difference(first: dynamic, other: dynamic...): dynamic': (
    first: Value,
    ...others: readonly Value[]
  ) => {
    if (!isArray(first) || !others.every(isArray)) return null
    const removed = textsOf(others.flat())
    return unique(first.filter((item) => !removed.has(jsonText(item))))
  },
  'zip(first: dynamic, other: dynamic...): dynamic': (...arrays: readonly Value[]) => {
    if (!arrays.every(isArray)) return null
    const length = Math.max(...arrays.map((array) => array.length))
    return checkSize(Array.from({ length }, (_, index) => arrays.map((array) => array[index] ?? null)))
  },
  'pack_array(item: member...): dynamic': {
    withNulls: (...items: readonly Value[]) => checkSize(items),
  },
  'bag_keys(bag: dynamic): dynamic': (bag: Value) => (isBag(bag) ? Object.keys(bag) : null),
  'bag_has_key(bag: dynamic, key: string): bool': (bag: Value, key: string) =>
    isBag(bag) ? Object.hasOwn(bag, key) : null,
  'bag_merge(first: dynamic, other: dynamic...): dynamic': {
    // The leftmost bag wins.
    withNulls: (...bags: readonly Value[]) =>
      checkSize(bagOf(bags.toReversed().filter(isBag).flatMap(Object.entries))),
  },
  'bag_remove_keys(bag: dynamic, keys: dynamic): dynamic': (bag: Value, keys: Value) =>
    isBag(bag) && isArray(keys) ? bagOf(Object.entries(bag).filter(([name]) => !keys.includes(name))) : null,
  'bag_set_key(bag: dynamic, key: string, value: member): dynamic': (bag: Value, key: string, value: Value) =>
    isBag(bag) ? checkSize(bagOf([...Object.entries(bag), [key, value]])) : null,
}

/** A bag of these members; the later of two with one name stays. No name reaches a prototype. */
export function bagOf(members: readonly (readonly [string, unknown])[]): Bag {
  return Object.fromEntries(members)
}

function isSame(item: unknown, value: Value): boolean {
  return isDeepStrictEqual(scalarOf(item), scalarOf(value))
}

function textsOf(set: readonly unknown[]): ReadonlySet<string> {
  return new Set(set.map(jsonText))
}

export function unique(items: readonly unknown[]): readonly unknown[] {
  return [...new Map(items.map((item) => [jsonText(item), item])).values()]
}
