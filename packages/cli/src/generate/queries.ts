import type { LockColumn, SchemaLock } from '../schema/lock.ts'
import { textOf } from './generated-file.ts'
import type { GeneratedFile, GenerateInput } from './generated-file.ts'

/** A query to start from. */
export interface StarterQuery {
  /** Name of its file. */
  readonly name: string
  readonly title: string
  /** KQL, one line an element. */
  readonly kql: readonly string[]
  /** How a workbook shows it. */
  readonly show: 'table' | 'timechart'
}

/** Queries over the columns that the table has. */
export function starterQueries(lock: SchemaLock): readonly StarterQuery[] {
  const { table } = lock
  return [
    {
      name: 'errors-last-hour',
      title: 'Errors of the last hour',
      kql: [
        table,
        '| where TimeGenerated > ago(1h) and SeverityNumber >= 17',
        '| project TimeGenerated, Level, Logger, Message, ErrorType, ErrorMessage, ErrorStack, TraceId',
        '| order by TimeGenerated desc',
      ],
      show: 'table',
    },
    {
      name: 'error-types',
      title: 'Errors by type, with the first and the last time',
      kql: [
        table,
        '| where TimeGenerated > ago(1d) and isnotempty(ErrorType)',
        '| summarize Count = count(), First = min(TimeGenerated), Last = max(TimeGenerated) by ErrorType, ErrorMessage',
        '| order by Count desc',
      ],
      show: 'table',
    },
    {
      name: 'rate-by-level',
      title: 'Records per five minutes, by level',
      kql: [
        table,
        '| where TimeGenerated > ago(6h)',
        '| summarize Records = count() by Level, bin(TimeGenerated, 5m)',
        '| render timechart',
      ],
      show: 'timechart',
    },
    {
      name: 'top-messages',
      title: 'The most frequent messages',
      kql: [
        table,
        '| where TimeGenerated > ago(1d)',
        '| summarize Count = count() by Level, Message',
        '| top 50 by Count desc',
      ],
      show: 'table',
    },
    ...latencyQueries(lock),
    {
      name: 'one-request',
      title: 'Everything about one request, in the order in which it was logged',
      kql: [
        `let id = '<put an id here>';`,
        table,
        `| where ${[...requestIds(lock), 'TraceId'].map((column) => `${column} == id`).join(' or ')}`,
        '| order by TimeGenerated asc',
      ],
      show: 'table',
    },
    {
      name: 'without-duplicates',
      title: 'Each record once: a retry can store a row twice',
      kql: [table, '| where TimeGenerated > ago(1h)', '| summarize take_any(*) by RecordId'],
      show: 'table',
    },
    {
      name: 'ingestion-delay',
      title: 'How long rows take from the application to the table',
      kql: [
        table,
        '| where TimeGenerated > ago(6h)',
        '| extend Delay = ingestion_time() - EventTime',
        '| summarize Median = percentile(Delay, 50), P95 = percentile(Delay, 95) by bin(TimeGenerated, 15m)',
        '| order by TimeGenerated desc',
      ],
      show: 'table',
    },
    {
      name: 'columns-to-add',
      title: 'What is in Properties most often: candidates for columns of their own',
      kql: [
        table,
        '| where TimeGenerated > ago(1d) and isnotempty(Properties)',
        '| mv-expand Key = bag_keys(Properties) to typeof(string)',
        '| summarize Rows = count() by Key',
        '| order by Rows desc',
      ],
      show: 'table',
    },
  ]
}

/** The queries as files. */
export function queryFiles({ lock }: GenerateInput): readonly GeneratedFile[] {
  return starterQueries(lock).map(({ name, title, kql }) => ({
    path: `queries/${name}.kql`,
    text: textOf(`// ${title}`, ...kql),
  }))
}

const DURATION = /(responsetime|duration|latency|elapsed)(_?(ms|millis|seconds|secs))?$/i
const ROUTE = /(^|_|[a-z])(route|url|path|endpoint)$/i
const METHOD = /(^|_|[a-z])method$/i

function latencyQueries(lock: SchemaLock): readonly StarterQuery[] {
  const { table, columns } = lock
  const duration = named(columns, DURATION, ['real', 'long', 'int'])
  if (duration === undefined) return []
  const route = named(columns, ROUTE, ['string'])
  const method = named(columns, METHOD, ['string'])
  const groups = [...(method === undefined ? [] : ['Method']), ...(route === undefined ? [] : ['Route'])]
  const [requestId] = requestIds(lock)
  // Fastify logs a request and its response in two rows: what belongs together has the same id.
  const perRequest = [
    ...(method === undefined ? [] : [`Method = take_anyif(${method}, isnotempty(${method}))`]),
    ...(route === undefined ? [] : [`Route = take_anyif(Path, isnotempty(Path))`]),
    `Duration = max(${duration})`,
  ]
  return [
    {
      name: 'latency',
      title: `${duration}: median and 95th percentile${route === undefined ? '' : ' by route'}`,
      kql: [
        table,
        '| where TimeGenerated > ago(1d)',
        ...(route === undefined ? [] : [`| extend Path = tostring(split(${route}, '?')[0])`]),
        `| summarize ${perRequest.join(', ')} by ${requestId === undefined ? 'RecordId' : `HostName, ProcessId, ${requestId}`}`,
        '| where isnotnull(Duration)',
        `| summarize Requests = count(), P50 = percentile(Duration, 50), P95 = percentile(Duration, 95)${groups.length === 0 ? '' : ` by ${groups.join(', ')}`}`,
        '| order by P95 desc',
      ],
      show: 'table',
    },
  ]
}

function requestIds({ columns }: SchemaLock): readonly string[] {
  const column = named(columns, /^(req_?id|request_?id|correlation_?id)$/i, ['string'])
  return column === undefined ? [] : [column]
}

function named(columns: readonly LockColumn[], name: RegExp, types: readonly string[]): string | undefined {
  return columns.find((column) => name.test(column.name) && types.includes(column.type))?.name
}
