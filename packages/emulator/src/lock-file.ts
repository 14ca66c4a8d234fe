import { readColumns, shown } from './definition.ts'
import type { RuleDefinition, TableDefinition } from './definition.ts'
import { pathTo } from './schema-problem.ts'
import type { Report } from './schema-problem.ts'

/**
 * What a user hands in: the shape of `azlogs.schema.json`. Members that the emulator does not need (`from`, `seen`,
 * `hash`, …) are ignored, so a lock file can be passed as it is.
 */
export interface TableSchema {
  /** The table, such as `AppLogs_CL`. */
  readonly table: string
  /** The stream that feeds it, such as `Custom-AppLogs_CL`. */
  readonly stream: string
  /** @default 'Analytics' */
  readonly plan?: string
  /** @default 'source' */
  readonly transformKql?: string
  /** Columns of table and stream alike. */
  readonly columns: readonly {
    readonly name: string
    readonly type: string
    readonly [key: string]: unknown
  }[]
  readonly [key: string]: unknown
}

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

interface LockDefinition {
  readonly table: TableDefinition
  /** The part of a rule that its stream makes. */
  readonly streams: RuleDefinition['streams']
  readonly flows: RuleDefinition['flows']
}

export function isLockFile(input: Readonly<Record<string, unknown>>): boolean {
  return 'table' in input || 'stream' in input
}

/** Stream and table have the same columns; a stream cannot say `guid`, so it says `string` there. */
export function readLockFile(
  input: Readonly<Record<string, unknown>>,
  path: string,
  report: Report,
): LockDefinition {
  const { table, stream, plan = 'Analytics', transformKql = 'source' } = input
  const text = (member: string, value: unknown, example: string): string => {
    if (typeof value === 'string') return value
    report(
      'InvalidDocument',
      pathTo(path, member),
      `"${member}" must be text such as "${example}", not ${shown(value)}`,
    )
    return ''
  }
  const tableName = { value: text('table', table, 'AppLogs_CL'), path: pathTo(path, 'table') }
  const streamName = { value: text('stream', stream, 'Custom-AppLogs_CL'), path: pathTo(path, 'stream') }
  const columnsPath = pathTo(path, 'columns')
  const columns = readColumns(input['columns'], columnsPath, report)
  const prefix = tableName.value.endsWith('_CL') ? 'Custom' : 'Microsoft'
  return {
    table: {
      name: tableName,
      plan: { value: text('plan', plan, 'Analytics'), path: pathTo(path, 'plan') },
      columnsPath,
      columns,
      standardColumns: [],
      classic: false,
    },
    streams: [
      {
        name: streamName,
        columns: columns.map(({ name, type, path }) => ({
          name,
          type: type === 'guid' ? 'string' : type,
          path,
        })),
      },
    ],
    flows: [
      {
        path,
        streams: [streamName],
        destination: 'workspace',
        outputStream: { value: `${prefix}-${tableName.value}`, path: tableName.path },
        transformKql: {
          value: text('transformKql', transformKql, 'source'),
          path: pathTo(path, 'transformKql'),
        },
      },
    ],
  }
}
