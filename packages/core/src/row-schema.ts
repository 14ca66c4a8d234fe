/** Types of a stream's columns. `guid` is stored as a string. */
export type ColumnType = 'string' | 'int' | 'long' | 'real' | 'boolean' | 'datetime' | 'dynamic' | 'guid'

/** The columns that the DCR's stream declares. `azlogs.schema.json` has this shape, among other things. */
export interface RowSchema {
  /** Name (case-sensitive) and type of each column. */
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[]
}

/** A row as the stream declares it. */
export interface FittedRow {
  readonly row: Record<string, unknown>
  /** Names of the columns whose values the stream cannot take and `Properties` could not keep. */
  readonly lost: readonly string[]
}

/** The column that keeps what has no column of its own. */
const REST = 'Properties'

/** Where, inside `Properties`, a value stays that its column's type cannot hold. */
const RAW = '__raw'

const TYPES: readonly string[] = ['string', 'int', 'long', 'real', 'boolean', 'datetime', 'dynamic', 'guid']

/** What is wrong with a schema, one sentence each. */
export function schemaProblems(schema: unknown): readonly string[] {
  const columns: unknown =
    typeof schema === 'object' && schema !== null ? Reflect.get(schema, 'columns') : undefined
  if (!Array.isArray(columns)) return ['schema has no columns: { columns: [{ name, type }, …] } is expected.']
  return columns.flatMap((column: unknown, index) => {
    const [name, type] = ['name', 'type'].map((key): unknown =>
      typeof column === 'object' && column !== null ? Reflect.get(column, key) : undefined,
    )
    if (typeof name !== 'string' || name === '') return [`schema.columns[${index}] has no name.`]
    if (typeof type !== 'string' || !TYPES.includes(type)) {
      return [
        `schema.columns[${index}] (${name}) has the type ${JSON.stringify(type)}; known types: ${TYPES.join(', ')}.`,
      ]
    }
    return []
  })
}

/**
 * Makes the function that fits rows to a schema, so that the service, which drops unknown columns and turns what it
 * cannot convert into null without a word, finds nothing to drop: values are converted to the declared types; what has
 * no column, or does not fit its column, goes to `Properties` when the schema has that as `dynamic`.
 */
export function createRowFitter(schema: RowSchema): (row: object) => FittedRow {
  const types = new Map(schema.columns.map(({ name, type }) => [name, type]))
  const keepsRest = types.get(REST) === 'dynamic'

  return (row) => {
    const fitted: Record<string, unknown> = {}
    const rest: Record<string, unknown> = {}
    const raw: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(row)) {
      if (value === undefined || value === null) continue
      const type = types.get(name)
      if (type === undefined) {
        rest[name] = value
        continue
      }
      const converted = convert(value, type)
      if (converted === undefined) raw[name] = value
      else fitted[name] = converted
    }
    const misfits = Object.keys(raw)
    const strangers = Object.keys(rest)
    if (misfits.length + strangers.length === 0) return { row: fitted, lost: [] }
    if (!keepsRest) return { row: fitted, lost: [...misfits, ...strangers] }
    const given = fitted[REST]
    const properties =
      typeof given === 'object' && given !== null && !Array.isArray(given) ? given : { value: given }
    fitted[REST] = { ...properties, ...rest, ...(misfits.length === 0 ? {} : { [RAW]: raw }) }
    return { row: fitted, lost: [] }
  }
}

/** The value as the type wants it, or undefined when it cannot be that without losing something. */
function convert(value: unknown, type: ColumnType): unknown {
  switch (type) {
    case 'string':
    case 'guid':
      return toText(value)
    case 'int':
      return toInteger(value, 2 ** 31)
    case 'long':
      return toLong(value)
    case 'real':
      return toReal(value)
    case 'boolean':
      return typeof value === 'boolean' ? value : { true: true, false: false }[String(value)]
    case 'datetime':
      return toDatetime(value)
    case 'dynamic':
      return value
    default:
      return type satisfies never
  }
}

function toText(value: unknown): unknown {
  if (typeof value === 'string') return value
  if (value instanceof Date) return toDatetime(value)
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value)
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

function toInteger(value: unknown, bound: number): number | undefined {
  const number = toReal(value)
  return number !== undefined && Number.isInteger(number) && number >= -bound && number < bound
    ? number
    : undefined
}

// JSON numbers beyond 2^53 lose digits on their way through JavaScript; the service reads digits in a string as well.
function toLong(value: unknown): number | string | undefined {
  const digits = typeof value === 'bigint' || typeof value === 'string' ? String(value) : undefined
  if (digits !== undefined && /^-?\d{16,19}$/.test(digits)) {
    return BigInt.asIntN(64, BigInt(digits)) === BigInt(digits) ? digits : undefined
  }
  return toInteger(value, 2 ** 53)
}

function toReal(value: unknown): number | undefined {
  const number =
    typeof value === 'bigint' ||
    (typeof value === 'string' && /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(value))
      ? Number(value)
      : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** Milliseconds since 1970 that lie between 1973 and 2096; smaller and larger numbers are something else. */
const EPOCH_MS = { min: 1e11, max: 4e12 }

function toDatetime(value: unknown): string | undefined {
  if (typeof value === 'string') {
    return /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[-+]\d\d:?\d\d)?)?$/.test(value) &&
      !Number.isNaN(Date.parse(value))
      ? value
      : undefined
  }
  const time = value instanceof Date ? value.getTime() : value
  if (typeof time !== 'number' || Number.isNaN(time)) return undefined
  if (!(value instanceof Date) && (time < EPOCH_MS.min || time > EPOCH_MS.max)) return undefined
  return new Date(time).toISOString()
}
