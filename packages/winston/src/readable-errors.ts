import { isNativeError } from 'node:util/types'

import { describeError } from '@azlogs/core'

/** True for an Error of this or another realm. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || isNativeError(value)
}

/** Deeper down nobody looks for errors, and cycles must end. */
const MAX_DEPTH = 5

/** Objects looked at: a record that drags a socket or a request along must not stall the log call. */
const MAX_OBJECTS = 1000

/**
 * The value with every Error in it replaced by an object that JSON can say: an Error itself becomes `{}`. What holds no
 * Error is returned as it is, and nothing is changed. Throws what a getter throws.
 */
export function withReadableErrors<T>(value: T): T {
  let objectsLeft = MAX_OBJECTS

  function replaceIn(value: unknown, depth: number): unknown {
    if (typeof value !== 'object' || value === null || depth > MAX_DEPTH || objectsLeft === 0) return value
    objectsLeft -= 1
    // Its own toJSON says more than we could.
    if (typeof Reflect.get(value, 'toJSON') === 'function') return value
    if (isError(value)) return readable(value)
    let copy: Record<string, unknown> | unknown[] | undefined
    for (const key of Object.keys(value)) {
      const before: unknown = Reflect.get(value, key)
      const after = replaceIn(before, depth + 1)
      if (Object.is(after, before)) continue
      copy ??= Array.isArray(value) ? [...(value as unknown[])] : { ...value }
      Reflect.set(copy, key, after)
    }
    return copy ?? value
  }

  return replaceIn(value, 0) as T
}

function readable(error: Error): Record<string, unknown> {
  const { type, message, stack, details } = describeError(error)
  return { ...details, type, message, stack }
}
