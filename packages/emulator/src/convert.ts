import { readDatetime } from './datetime.ts'
import { bigIntegerText } from './json.ts'
import type { ColumnType } from './schema.ts'

/** What SQLite keeps: a boolean as 0 or 1, a datetime and a dynamic as text. */
export type StoredValue = string | number | bigint | null

export interface Conversion {
  readonly value: StoredValue
  /** `coerced`: another JSON type, nothing lost. `nulled`: did not fit. */
  readonly effect: 'kept' | 'coerced' | 'nulled'
}

/**
 * "Maximum size for field values 64 KB. Fields longer than 64 KB are truncated."
 * (azure-monitor-docs, azure-monitor-limits-custom-logs.md). Assumed: it counts UTF-8 bytes, and a dynamic value is
 * cut like a string, which leaves text that is no longer JSON.
 */
export const FIELD_LIMIT_BYTES: number = 65_536

const MIN_INT = -(2 ** 31)
const MAX_INT = 2 ** 31 - 1
const INTEGER = /^[+-]?\d+$/
const REAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

const NULLED: Conversion = { value: null, effect: 'nulled' }
const NULL: Conversion = { value: null, effect: 'kept' }
const EMPTY: Conversion = { value: '', effect: 'kept' }

/**
 * Converts one JSON value into its column's type.
 *
 * No Microsoft page states these rules for the Logs Ingestion API. They are assumed in analogy with Kusto
 * (learn.microsoft.com/azure/data-explorer/ingest-invalid-data: a value that does not match its type becomes null),
 * and where that leaves a choice the value counts as lost: a warning too many is cheaper than a value too few.
 */
export function convert(type: ColumnType, value: unknown): Conversion {
  if (value === null) return valueWhenAbsent(type) === '' ? EMPTY : NULL
  return CONVERTERS[type](value)
}

const CONVERTERS: Readonly<Record<ColumnType, (value: unknown) => Conversion>> = {
  string: toText,
  guid: toText,
  int: toInt,
  long: toLong,
  real: toReal,
  boolean: toBoolean,
  datetime: toDatetime,
  dynamic: toDynamic,
}

/** Kusto's string has no null: absent reads as empty. */
export function valueWhenAbsent(type: ColumnType): '' | null {
  return type === 'string' || type === 'guid' ? '' : null
}

function toText(value: unknown): Conversion {
  return typeof value === 'string'
    ? { value, effect: 'kept' }
    : { value: JSON.stringify(value), effect: 'coerced' }
}

function toInt(value: unknown): Conversion {
  const number = typeof value === 'string' && INTEGER.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isInteger(number) || number < MIN_INT || number > MAX_INT)
    return NULLED
  return { value: number, effect: effectOf(value, 'number') }
}

function toLong(value: unknown): Conversion {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return { value, effect: 'kept' }
  const text = typeof value === 'string' ? value : bigIntegerText(value)
  if (text !== undefined && !INTEGER.test(text)) return NULLED
  if (text === undefined && !Number.isInteger(value)) return NULLED
  const integer = BigInt(text === undefined ? (value as number) : text.replace('+', ''))
  if (BigInt.asIntN(64, integer) !== integer) return NULLED
  return { value: integer, effect: typeof value === 'string' ? 'coerced' : 'kept' }
}

function toReal(value: unknown): Conversion {
  const text = typeof value === 'string' && REAL.test(value) ? value : bigIntegerText(value)
  const number = text === undefined ? value : Number(text)
  if (typeof number !== 'number' || !Number.isFinite(number)) return NULLED
  return { value: number, effect: typeof value === 'string' ? 'coerced' : 'kept' }
}

function toBoolean(value: unknown): Conversion {
  const text = typeof value === 'string' ? value.toLowerCase() : value
  if (text === true || text === 'true') return { value: 1, effect: effectOf(value, 'boolean') }
  if (text === false || text === 'false') return { value: 0, effect: effectOf(value, 'boolean') }
  return NULLED
}

function toDatetime(value: unknown): Conversion {
  const datetime = typeof value === 'string' ? readDatetime(value) : undefined
  return datetime === undefined ? NULLED : { value: datetime.text, effect: 'kept' }
}

function toDynamic(value: unknown): Conversion {
  return { value: JSON.stringify(value), effect: 'kept' }
}

function effectOf(value: unknown, type: 'number' | 'boolean'): 'kept' | 'coerced' {
  return typeof value === type ? 'kept' : 'coerced'
}

/** The value as it is stored: cut to {@link FIELD_LIMIT_BYTES}; undefined when it is not too long. */
export function cut(type: ColumnType, value: StoredValue): string | undefined {
  // A UTF-16 unit is three UTF-8 bytes at most: short text needs no counting.
  if (typeof value !== 'string' || value.length * 3 <= FIELD_LIMIT_BYTES) return undefined
  const bytes = Buffer.from(value)
  if (bytes.length <= FIELD_LIMIT_BYTES) return undefined
  let end = FIELD_LIMIT_BYTES
  // 10xxxxxx continues a character: step back to where that character starts.
  while (((bytes[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end -= 1
  const text = bytes.toString('utf8', 0, end)
  return type === 'dynamic' ? JSON.stringify(text) : text
}
