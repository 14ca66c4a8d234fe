/** An error as columns. */
export interface ErrorDescription {
  /** The error’s `name`, or that of its class. */
  readonly type: string | undefined
  readonly message: string | undefined
  /** The stack, followed by those of its causes and of the errors it aggregates. */
  readonly stack: string | undefined
  /** Its other own properties, such as `code`; undefined when there are none. */
  readonly details: Record<string, unknown> | undefined
}

/** Deep enough for any real chain; an endless one must end somewhere. */
const MAX_DEPTH = 10

const TOLD_ELSEWHERE = new Set([
  'name',
  'type',
  'message',
  'stack',
  'cause',
  'errors',
  'aggregateErrors',
  'raw',
])

/**
 * Describes an Error, or the plain object that a serializer made of one (`type` or `name`, `message`, `stack`,
 * `cause`, `errors` or `aggregateErrors`), or any other thrown value. Never throws.
 */
export function describeError(error: unknown): ErrorDescription {
  if (typeof error !== 'object' || error === null) {
    return { type: typeof error, message: text(error), stack: undefined, details: undefined }
  }
  return {
    type: typeOf(error),
    message: textOf(error, 'message'),
    stack: stackOf(error, []),
    details: detailsOf(error),
  }
}

function typeOf(error: object): string | undefined {
  const name = textOf(error, 'type') ?? textOf(error, 'name')
  // A subclass that does not set `name` still says what it is by its constructor.
  if (error instanceof Error && (name === undefined || name === 'Error')) return error.constructor.name
  return name
}

function stackOf(error: object, ancestors: readonly object[]): string | undefined {
  if (ancestors.includes(error) || ancestors.length >= MAX_DEPTH) return '[Circular]'
  const path = [...ancestors, error]
  const own = textOf(error, 'stack') ?? textOf(error, 'message')
  const parts = own === undefined ? [] : [own]
  const cause = read(error, 'cause')
  if (cause !== undefined && cause !== null && !alreadyTold(own, cause))
    parts.push(`caused by: ${stackText(cause, path)}`)
  const errors = read(error, 'errors') ?? read(error, 'aggregateErrors')
  if (Array.isArray(errors)) {
    for (const [index, inner] of errors.entries()) {
      parts.push(`error ${index + 1} of ${errors.length}: ${stackText(inner, path)}`)
    }
  }
  return parts.length === 0 ? undefined : parts.join('\n')
}

// pino's serializer writes the causes into the stack itself.
function alreadyTold(stack: string | undefined, cause: unknown): boolean {
  const told = typeof cause === 'object' && cause !== null ? textOf(cause, 'stack') : undefined
  return stack !== undefined && told !== undefined && stack.includes(told)
}

function stackText(value: unknown, path: readonly object[]): string {
  if (typeof value !== 'object' || value === null) return text(value)
  return stackOf(value, path) ?? typeOf(value) ?? 'an object without a stack'
}

function detailsOf(error: object): Record<string, unknown> | undefined {
  let details: Record<string, unknown> | undefined
  for (const key of Object.keys(error)) {
    if (TOLD_ELSEWHERE.has(key)) continue
    const value = read(error, key)
    if (value === undefined) continue
    details ??= {}
    details[key] = value
  }
  return details
}

function read(owner: object, key: string): unknown {
  try {
    return Reflect.get(owner, key)
  } catch {
    return undefined
  }
}

function textOf(owner: object, key: string): string | undefined {
  const value = read(owner, key)
  return typeof value === 'string' && value !== '' ? value : undefined
}

function text(value: unknown): string {
  return typeof value === 'symbol' ? value.toString() : String(value)
}
