import type { LoggerOptions } from 'pino'
import { errWithCause } from 'pino-std-serializers'

/**
 * pino options that keep message, stack and causes of an Error under any key. (pino by itself does so for `err` only; an
 * Error elsewhere has lost both before any transport sees it.)
 *
 * `const logger = pino({ ...recommendedPinoOptions(), level: 'debug' }, transport)`
 */
export function recommendedPinoOptions(): Pick<LoggerOptions, 'serializers' | 'formatters'> {
  return {
    serializers: { err: serializeError, error: serializeError },
    formatters: { log: serializeErrors },
  }
}

function serializeError(value: unknown): unknown {
  return value instanceof Error ? errWithCause(value) : value
}

/** Leaves the caller's object as it is. */
function serializeErrors(record: Record<string, unknown>): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined
  for (const [key, value] of Object.entries(record)) {
    if (!(value instanceof Error)) continue
    copy ??= { ...record }
    copy[key] = serializeError(value)
  }
  return copy ?? record
}
