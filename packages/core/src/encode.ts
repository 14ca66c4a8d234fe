import { WrittenRow } from './written-row.ts'

/** A row as JSON text. */
export interface EncodedRow {
  /** One line of JSON, marks such as `[Circular]` in the place of what it refuses. */
  readonly json: string
  /** True when JSON refused the row as it was, and what it refused was replaced by a mark that says so. */
  readonly repaired: boolean
}

/** What JSON refuses may be a whole request with its sockets: so deep and no deeper, … */
const MAX_DEPTH = 8

/** … and so many values and no more are looked at. */
const MAX_VALUES = 5000

/**
 * Writes a row as JSON and never throws. What JSON refuses is replaced by a mark in its place: `[Circular]`, the
 * digits of a BigInt, `[Throws: message]` for a getter or toJSON that throws, `[Object]` beyond a bound on depth and
 * number; a row that is no object becomes `{ "Message": … }`.
 */
export function encodeRow(row: unknown): EncodedRow {
  if (row instanceof WrittenRow) return row
  try {
    const json = JSON.stringify(row)
    if (json !== undefined && json.charCodeAt(0) === 123 /* { */) return { json, repaired: false }
  } catch {
    // Falls through: the fallback below says what was wrong, in the row itself.
  }
  return { json: encodeAnything(row), repaired: true }
}

function encodeAnything(row: unknown): string {
  try {
    const safe = readable(row, [], { values: MAX_VALUES })
    const isRow = typeof safe === 'object' && safe !== null && !Array.isArray(safe)
    return JSON.stringify(isRow ? safe : { Message: safe })
  } catch {
    return NOTHING_READABLE
  }
}

const NOTHING_READABLE = '{"Message":"[This record could not be read at all]"}'

interface Budget {
  values: number
}

/** A plain copy that JSON can write: getters and toJSON have been called, and what they throw stands in their place. */
function readable(value: unknown, ancestors: readonly object[], left: Budget): unknown {
  left.values -= 1
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`
  if (typeof value !== 'object' || value === null) return value
  if (ancestors.includes(value)) return '[Circular]'
  if (ancestors.length >= MAX_DEPTH || left.values <= 0) return Array.isArray(value) ? '[Array]' : '[Object]'
  const path = [...ancestors, value]
  try {
    const toJson: unknown = Reflect.get(value, 'toJSON')
    if (typeof toJson === 'function') {
      const json: unknown = Reflect.apply(toJson, value, [])
      return json === value ? '[Circular]' : readable(json, path, left)
    }
    if (Array.isArray(value)) return value.map((item) => readable(item, path, left))
    const copy: Record<string, unknown> = Object.create(null)
    for (const key of Object.keys(value)) copy[key] = readProperty(value, key, path, left)
    return copy
  } catch (error) {
    return throwsMark(error)
  }
}

function readProperty(owner: object, key: string, path: readonly object[], left: Budget): unknown {
  try {
    return readable(Reflect.get(owner, key), path, left)
  } catch (error) {
    return throwsMark(error)
  }
}

function throwsMark(error: unknown): string {
  return `[Throws: ${error instanceof Error ? error.message : String(error)}]`
}
