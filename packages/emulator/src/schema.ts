/** The types that a stream can declare (`guid` is a table type that is stored and queried as a string). */
export type ColumnType = 'string' | 'int' | 'long' | 'real' | 'boolean' | 'datetime' | 'dynamic' | 'guid'

export interface Column {
  readonly name: string
  readonly type: ColumnType
}

type TablePlan = 'Analytics' | 'Basic' | 'Auxiliary'

/** One stream of the data collection rule and the table it flows into, checked and complete. */
export interface Table {
  readonly name: string
  readonly stream: string
  readonly plan: TablePlan
  readonly columns: readonly Column[]
}

/**
 * What a user hands in: the shape of `azlogs.schema.json`. Members that the emulator does not need (`from`, `seen`,
 * `hash`, …) are ignored, so a lock file can be passed as it is.
 */
export interface TableSchema {
  readonly table: string
  readonly stream: string
  /** @default 'Analytics' */
  readonly plan?: string
  /** Only `source` (no transformation): the emulator runs no KQL. @default 'source' */
  readonly transformKql?: string
  readonly columns: readonly {
    readonly name: string
    readonly type: string
    readonly [key: string]: unknown
  }[]
  readonly [key: string]: unknown
}

const COLUMN_TYPES: readonly string[] = [
  'string',
  'int',
  'long',
  'real',
  'boolean',
  'datetime',
  'dynamic',
  'guid',
] satisfies ColumnType[]
const PLANS: readonly string[] = ['Analytics', 'Basic', 'Auxiliary'] satisfies TablePlan[]

/** The table that fits every application: the columns that the azlogs transports write. */
export const defaultSchema: TableSchema = {
  table: 'AppLogs_CL',
  stream: 'Custom-AppLogs_CL',
  columns: [
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'Level', type: 'string' },
    { name: 'SeverityNumber', type: 'int' },
    { name: 'Message', type: 'string' },
    { name: 'Logger', type: 'string' },
    { name: 'HostName', type: 'string' },
    { name: 'ProcessId', type: 'int' },
    { name: 'TraceId', type: 'string' },
    { name: 'SpanId', type: 'string' },
    { name: 'ErrorType', type: 'string' },
    { name: 'ErrorMessage', type: 'string' },
    { name: 'ErrorStack', type: 'string' },
    { name: 'Properties', type: 'dynamic' },
    { name: 'RecordId', type: 'string' },
    { name: 'EventTime', type: 'datetime' },
  ],
}

/**
 * Checks a schema that came from a file or from a caller without types.
 *
 * @throws {TypeError} one error that lists every problem.
 */
export function readSchema(input: unknown): readonly Table[] {
  const problems: string[] = []
  const inputs: readonly unknown[] = Array.isArray(input) ? input : [input]
  if (inputs.length === 0) problems.push('it holds no table')
  const tables = inputs.map((entry, index) =>
    readTable(entry, (problem) =>
      problems.push(inputs.length > 1 ? `table ${index + 1}: ${problem}` : problem),
    ),
  )
  for (const [member, names] of [
    ['table', tables.map((table) => table.name)],
    ['stream', tables.map((table) => table.stream)],
  ] as const) {
    for (const name of repeated(names)) problems.push(`${member} ${JSON.stringify(name)} is declared twice`)
  }
  if (problems.length > 0) throw new TypeError(`The schema cannot be used: ${problems.join('; ')}`)
  return tables
}

function readTable(input: unknown, report: (problem: string) => void): Table {
  if (!isObject(input)) {
    report('expected an object { table, stream, columns }')
    return { name: '', stream: '', plan: 'Analytics', columns: [] }
  }
  const { table: name, stream, plan = 'Analytics', transformKql = 'source', columns } = input
  if (typeof name !== 'string' || !/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) {
    report(`"table" must be a table name such as "AppLogs_CL", not ${JSON.stringify(name)}`)
  }
  if (typeof stream !== 'string' || !/^(?:Custom|Microsoft)-[A-Za-z0-9_-]+$/.test(stream)) {
    report(`"stream" must be a stream name such as "Custom-AppLogs_CL", not ${JSON.stringify(stream)}`)
  }
  if (!PLANS.includes(String(plan))) {
    report(`"plan" must be one of ${PLANS.join(', ')}, not ${JSON.stringify(plan)}`)
  }
  if (transformKql !== 'source') {
    report(`"transformKql" must be "source": the emulator runs no transformation`)
  }
  return {
    name: String(name),
    stream: String(stream),
    plan: plan as TablePlan,
    columns: readColumns(columns, report),
  }
}

function readColumns(input: unknown, report: (problem: string) => void): readonly Column[] {
  if (!Array.isArray(input)) {
    report('"columns" must be an array of { name, type }')
    return []
  }
  const columns: Column[] = []
  for (const [index, entry] of input.entries()) {
    const { name, type } = isObject(entry) ? entry : {}
    if (typeof name !== 'string' || !/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) {
      report(`column ${index + 1} has no usable name: ${JSON.stringify(name)}`)
    } else if (!COLUMN_TYPES.includes(String(type))) {
      report(
        `column ${name} has the type ${JSON.stringify(type)}, which is none of ${COLUMN_TYPES.join(', ')}`,
      )
    } else {
      columns.push({ name, type: type as ColumnType })
    }
  }
  for (const name of repeated(columns.map((column) => column.name)))
    report(`column ${name} is declared twice`)
  if (columns.find((column) => column.name === 'TimeGenerated')?.type !== 'datetime') {
    report('every Log Analytics table needs the column TimeGenerated of type datetime')
  }
  return columns
}

function repeated(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.filter((name, index) => names.indexOf(name) !== index))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
