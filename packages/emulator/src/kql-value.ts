import { valueWhenAbsent } from './convert.ts'
import type { StoredValue } from './convert.ts'
import { rawNumber } from './json.ts'
import type { ColumnType } from './schema.ts'

/** A stored value in the types that a transformation works with. */
export function toKql(type: ColumnType, value: StoredValue): unknown {
  if (value === null) return null
  switch (type) {
    case 'boolean':
      return value === 1
    case 'dynamic':
      return JSON.parse(String(value))
    case 'long':
      return Number.isSafeInteger(Number(value)) ? Number(value) : value
    default:
      return value
  }
}

/** What a transformation gives out, as it is stored. */
export function fromKql(type: ColumnType, value: unknown): StoredValue {
  if (value === null || value === undefined) return valueWhenAbsent(type)
  if (type === 'boolean') return value === true ? 1 : 0
  if (type === 'dynamic') return JSON.stringify(value, writeBigInteger)
  // SQLite has no NaN.
  if (typeof value === 'number') return Number.isNaN(value) ? null : value
  return typeof value === 'bigint' || typeof value === 'string' ? value : JSON.stringify(value)
}

function writeBigInteger(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? rawNumber(String(value)) : value
}
