import { describeError } from '@azlogs/core'
import type { ErrorDescription } from '@azlogs/core'

import { isError } from './readable-errors.ts'

/** Where winston can have put an error. */
export interface ErrorPlaces {
  /** The record itself: `logger.error(error)`. */
  readonly info: object
  /** `logger.error({ message: error })`. */
  readonly message: unknown
  /** The arguments after the message: `logger.error('text', error)`. */
  readonly splat: readonly unknown[]
  readonly error: unknown
  readonly err: unknown
  /** What winston copied from an error that it merged into the record. */
  readonly stack: unknown
  readonly cause: unknown
}

/** The error that a record is about. */
export interface FoundError {
  readonly description: ErrorDescription
  /** The value that was described. */
  readonly source: object
}

/**
 * Finds the error that a record is about. Own properties of an error that winston merged into the record are not taken
 * from the error again: formats, such as those that mask secrets, have seen the record and not the error.
 */
export function findError(places: ErrorPlaces): FoundError | undefined {
  const { info, message, error, err, stack, cause } = places
  if (isError(info)) return merged(info)
  if (isError(message)) return own(message)
  const argument = places.splat.find(isError)
  // A stack that is not the error's has been rewritten by a format, which shall have the last word.
  if (argument !== undefined && (stack === undefined || stack === argument.stack)) return merged(argument)
  if (isErrorLike(error)) return own(error)
  if (isErrorLike(err)) return own(err)
  return isStack(stack) ? own({ ...readStack(stack), stack, cause }) : undefined
}

function own(source: object): FoundError {
  return { description: describeError(source), source }
}

function merged(source: object): FoundError {
  return { description: { ...describeError(source), details: undefined }, source }
}

/** An Error, or what a serializer made of one. */
function isErrorLike(value: unknown): value is object {
  if (isError(value)) return true
  return typeof value === 'object' && value !== null && isStack(Reflect.get(value, 'stack'))
}

/** True for a stack trace, and not for any other thing that people call a stack. */
function isStack(value: unknown): value is string {
  return typeof value === 'string' && /\n\s+at /.test(value)
}

/** Type and message from the head of a stack trace: `TypeError [CODE]: message`, up to the first frame. */
function readStack(stack: string): { readonly type?: string; readonly message: string } {
  const head = stack.slice(0, stack.search(/\n\s+at /))
  const { type, message = '' } =
    /^(?<type>[\w$.]+)(?: \[[^\]]*\])?(?:: (?<message>[^]*))?$/.exec(head)?.groups ?? {}
  return type === undefined ? { message: head } : { type, message }
}
