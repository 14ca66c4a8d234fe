/** From here on a number has no exact integer beside it. */
const MAX_SAFE = Number.MAX_SAFE_INTEGER

/** An object with more keys than this keeps growing: it is a map and no shape. */
const MAX_SHAPE_KEYS = 50

/** A record itself may have as many keys as a table has columns. */
export const MAX_KEYS: number = 500

/** Deeper objects are not taken apart. */
const MAX_DEPTH = 4

const DATETIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/
const DATE_ONLY = /^\d{4}-\d\d-\d\d$/
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Strings longer than this come near the 64 KB at which Azure cuts them. */
const LONG_STRING_BYTES = 32 * 1024

/** What the values under one key have been, over all rows. */
export interface ValueStats {
  /** Rows that had a value other than null. */
  present: number
  nulls: number
  booleans: number
  integers: number
  fractions: number
  /** Integers that a JavaScript number cannot hold. */
  hugeIntegers: number
  min: number
  max: number
  strings: number
  datetimes: number
  dates: number
  guids: number
  jsonTexts: number
  longStrings: number
  maxBytes: number
  objects: number
  arrays: number
  /** The first value that was not null. */
  sample: unknown
  /** The objects' members; {@link MAX_SHAPE_KEYS} at most, {@link MAX_KEYS} of the record itself. */
  readonly members: Map<string, ValueStats>
  /** True when the objects had more keys than are kept. */
  growing: boolean
}

export function createValueStats(): ValueStats {
  return {
    present: 0,
    nulls: 0,
    booleans: 0,
    integers: 0,
    fractions: 0,
    hugeIntegers: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    strings: 0,
    datetimes: 0,
    dates: 0,
    guids: 0,
    jsonTexts: 0,
    longStrings: 0,
    maxBytes: 0,
    objects: 0,
    arrays: 0,
    sample: undefined,
    members: new Map(),
    growing: false,
  }
}

/** Adds one row's value. */
export function observe(stats: ValueStats, value: unknown, depth = 0): void {
  if (value === undefined) return
  if (value === null) {
    stats.nulls += 1
    return
  }
  stats.present += 1
  stats.sample ??= value
  if (typeof value === 'string') observeText(stats, value)
  else if (typeof value === 'boolean') stats.booleans += 1
  else if (typeof value === 'bigint') stats.hugeIntegers += 1
  else if (typeof value === 'number') observeNumber(stats, value)
  else if (Array.isArray(value)) stats.arrays += 1
  else if (typeof value === 'object') {
    stats.objects += 1
    observeMembers(stats, value, depth + 1)
  }
}

function observeMembers(stats: ValueStats, value: object, depth: number): void {
  if (depth > MAX_DEPTH) {
    stats.growing = true
    return
  }
  const limit = depth === 1 ? MAX_KEYS : MAX_SHAPE_KEYS
  for (const [key, member] of Object.entries(value)) {
    let known = stats.members.get(key)
    if (known === undefined) {
      if (stats.members.size === limit) {
        stats.growing = true
        continue
      }
      known = createValueStats()
      stats.members.set(key, known)
    }
    observe(known, member, depth)
  }
}

function observeNumber(stats: ValueStats, value: number): void {
  if (!Number.isInteger(value)) stats.fractions += 1
  else if (Math.abs(value) > MAX_SAFE) stats.hugeIntegers += 1
  else stats.integers += 1
  stats.min = Math.min(stats.min, value)
  stats.max = Math.max(stats.max, value)
}

function observeText(stats: ValueStats, value: string): void {
  const bytes = Buffer.byteLength(value)
  stats.strings += 1
  stats.maxBytes = Math.max(stats.maxBytes, bytes)
  if (bytes > LONG_STRING_BYTES) stats.longStrings += 1
  if (DATETIME.test(value) && !Number.isNaN(Date.parse(value))) stats.datetimes += 1
  else if (DATE_ONLY.test(value) && !Number.isNaN(Date.parse(value))) stats.dates += 1
  else if (GUID.test(value)) stats.guids += 1
  else if (isJsonText(value)) stats.jsonTexts += 1
}

function isJsonText(value: string): boolean {
  if (!/^\s*[{[]/.test(value)) return false
  try {
    JSON.parse(value)
    return true
  } catch {
    return false
  }
}
