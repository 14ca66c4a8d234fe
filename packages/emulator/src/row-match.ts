import { inspect } from 'node:util'

/**
 * What a row must hold; columns that are not named may hold anything. A value is one of
 *
 * - a primitive: the column holds exactly that; `null` is an empty column
 * - an object or array: matched in depth, an object in part, an array element by element
 * - a `RegExp`, against text; a `Date`, against a datetime of the same millisecond
 * - an asymmetric matcher of any test runner, such as `expect.stringContaining('x')`
 * - a function that says whether the value will do
 */
export type RowPattern = Readonly<Record<string, unknown>>

/** @throws {TypeError} for a pattern that no row can ever match. */
export function checkPattern(pattern: unknown, path = ''): void {
  if (path === '' && !isPlainObject(pattern)) {
    throw new TypeError(`a row is matched by an object of columns, not by ${inspect(pattern)}`)
  }
  if (pattern === undefined) {
    throw new TypeError(
      `${path} is undefined, which no row holds: leave it out to accept any value, or say null for an empty column`,
    )
  }
  if (!isPlainObject(pattern) && !Array.isArray(pattern)) return
  for (const [name, value] of Object.entries(pattern)) {
    checkPattern(value, path === '' ? name : `${path}.${name}`)
  }
}

export function matches(expected: unknown, actual: unknown): boolean {
  if (isAsymmetric(expected)) return expected.asymmetricMatch(actual)
  if (typeof expected === 'function') return Boolean(expected(actual))
  if (expected instanceof RegExp) return typeof actual === 'string' && actual.search(expected) >= 0
  if (expected instanceof Date) return typeof actual === 'string' && Date.parse(actual) === expected.getTime()
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((element, index) => matches(element, actual[index]))
    )
  }
  if (isPlainObject(expected)) {
    return (
      isPlainObject(actual) &&
      Object.entries(expected).every(
        ([name, value]) => Object.hasOwn(actual, name) && matches(value, actual[name]),
      )
    )
  }
  return Object.is(expected, actual)
}

/** How many of the pattern's columns a row satisfies. */
export function matchingColumns(pattern: RowPattern, row: Readonly<Record<string, unknown>>): number {
  return Object.entries(pattern).filter(([name, value]) => matches(value, row[name])).length
}

/** A value of a pattern or of a row, on one line. */
export function showValue(value: unknown): string {
  return inspect(readable(value), {
    breakLength: Infinity,
    depth: 4,
    maxStringLength: 200,
    maxArrayLength: 20,
  })
}

function readable(value: unknown): unknown {
  if (isAsymmetric(value)) {
    const name = value.toAsymmetricMatcher?.() ?? value.toString()
    const text =
      'sample' in value && typeof value.sample !== 'function' ? `${name}(${showValue(value.sample)})` : name
    return { [inspect.custom]: () => text }
  }
  if (Array.isArray(value)) return value.map(readable)
  if (!isPlainObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, readable(member)]))
}

/** The protocol that vitest, jest, jasmine and bun share. */
interface Asymmetric {
  asymmetricMatch(actual: unknown): boolean
  toAsymmetricMatcher?(): string
  toString(): string
}

function isAsymmetric(value: unknown): value is Asymmetric {
  return (
    typeof value === 'object' &&
    value !== null &&
    'asymmetricMatch' in value &&
    typeof value.asymmetricMatch === 'function'
  )
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || isAsymmetric(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}
