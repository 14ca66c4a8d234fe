import winston from 'winston'

const CENSOR = '[redacted]'

/**
 * A format that hides the values under these names, at any depth, in errors and in further arguments too. It goes first:
 * a text that another format has made of the record is not looked into. Only copies are changed, as what was logged is
 * the application's own.
 */
export function redact(...names: readonly string[]): winston.Logform.Format {
  const secret = new Set(names.map((name) => name.toLowerCase()))

  function redacted(value: unknown, copies: Map<object, unknown>): unknown {
    if (!isOpen(value)) return value
    if (copies.has(value)) return copies.get(value)
    if (Array.isArray(value)) {
      const copy: unknown[] = []
      copies.set(value, copy)
      for (const element of value) copy.push(redacted(element, copies))
      return copy
    }
    const copy = Object.create(Object.getPrototypeOf(value)) as object
    copies.set(value, copy)
    for (const key of Reflect.ownKeys(value)) {
      const isSecret = typeof key === 'string' && secret.has(key.toLowerCase())
      Object.defineProperty(copy, key, {
        value: isSecret ? CENSOR : redacted(Reflect.get(value, key), copies),
        enumerable: Object.prototype.propertyIsEnumerable.call(value, key),
        configurable: true,
        writable: true,
      })
    }
    return copy
  }

  return winston.format((info) => redacted(info, new Map()) as winston.Logform.TransformableInfo)()
}

/** False for what JSON does not go through member by member, such as a Date or a Buffer. */
function isOpen(value: unknown): value is object {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'toJSON') !== 'function'
}
