import type { LogEntry } from '@azlogs/core'

import { NO_LEVEL, readLevel } from './level.ts'
import type { PinoLevels } from './level.ts'
import { keysOf } from './record-keys.ts'
import type { PinoRecordOptions } from './record-options.ts'
import { readTime } from './time.ts'

/** A parsed line. */
export type PinoRecord = Readonly<Record<string, unknown>>

/** What `pino()` posts to its transport: how it is configured. */
export interface PinoConfig {
  readonly levels?: PinoLevels
  readonly messageKey?: string
  readonly errorKey?: string
}

/** Makes the function that finds in a record what every row has a column for; everything else becomes its properties. */
export function createRecordReader(config: PinoConfig & PinoRecordOptions): (record: PinoRecord) => LogEntry {
  const { levels, nestedKey } = config
  const keys = keysOf(config)
  const asLevel = (value: unknown): ReturnType<typeof readLevel> => readLevel(value, levels)

  return (record) => {
    const taken: string[] = []
    const level = take(record, keys.level, asLevel, taken) ?? NO_LEVEL
    const time = take(record, keys.time, readTime, taken)
    const message = take(record, keys.message, asText, taken)
    const logger = take(record, keys.name, asString, taken)
    const hostName = take(record, keys.host, asString, taken)
    const processId = take(record, keys.process, asInteger, taken)
    let error = take(record, keys.error, asError, taken)
    let traceId = take(record, keys.trace, asString, taken)
    let spanId = take(record, keys.span, asString, taken)
    const properties = without(record, taken)

    const nested = nestedKey === undefined ? undefined : asObject(record[nestedKey])
    if (nested !== undefined && nestedKey !== undefined) {
      const takenInside: string[] = []
      error ??= take(nested, keys.error, asError, takenInside)
      traceId ??= take(nested, keys.trace, asString, takenInside)
      spanId ??= take(nested, keys.span, asString, takenInside)
      define(properties, nestedKey, without(nested, takenInside))
    }
    return {
      timeMs: time ?? Date.now(),
      level: level.name,
      severity: level.severity,
      message: message ?? '',
      logger,
      hostName,
      processId,
      error,
      traceId,
      spanId,
      properties,
    }
  }
}

/** What `read` makes of the value under the first of `keys` of which it makes anything; that key is added to `taken`. */
function take<T>(
  owner: PinoRecord,
  keys: readonly string[],
  read: (value: unknown) => T | undefined,
  taken: string[],
): T | undefined {
  for (const key of keys) {
    const value = Object.hasOwn(owner, key) ? read(owner[key]) : undefined
    if (value !== undefined) {
      taken.push(key)
      return value
    }
  }
  return undefined
}

function without(owner: PinoRecord, taken: readonly string[]): Record<string, unknown> {
  const rest: Record<string, unknown> = {}
  for (const key of Object.keys(owner)) {
    if (!taken.includes(key)) define(rest, key, owner[key])
  }
  return rest
}

function define(owner: Record<string, unknown>, key: string, value: unknown): void {
  // An assignment to __proto__ would set the prototype and lose the value.
  if (key === '__proto__') Object.defineProperty(owner, key, { value, enumerable: true, configurable: true })
  else owner[key] = value
}

function asString(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

function asInteger(value: unknown): number | undefined {
  return Number.isInteger(value) ? (value as number) : undefined
}

function asObject(value: unknown): PinoRecord | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as PinoRecord)
    : undefined
}

/** An error as a serializer left it, or one logged as text. */
function asError(value: unknown): unknown {
  const object = asObject(value)
  if (object === undefined) return asString(value)
  return typeof object['message'] === 'string' || typeof object['stack'] === 'string' ? object : undefined
}
