/** The columns of the default table. */
const DEFAULT_COLUMNS = new Set([
  'TimeGenerated',
  'Level',
  'SeverityNumber',
  'Message',
  'Logger',
  'HostName',
  'ProcessId',
  'TraceId',
  'SpanId',
  'ErrorType',
  'ErrorMessage',
  'ErrorStack',
  'Properties',
  'RecordId',
  'EventTime',
])

/**
 * Names that Azure keeps for itself, in lower case.
 * https://learn.microsoft.com/azure/azure-monitor/logs/create-custom-table
 */
const RESERVED = new Set([
  'id',
  'billedsize',
  'isbillable',
  'invalidtimegenerated',
  'tenantid',
  'title',
  'type',
  'uniqueid',
  '_itemid',
  '_resourcegroup',
  '_resourceid',
  '_subscriptionid',
  '_timereceived',
])

/** What is wrong with `column → path` pairs, one sentence each. */
export function checkColumns(columns: Readonly<Record<string, unknown>>): readonly string[] {
  const problems: string[] = []
  for (const [name, path] of Object.entries(columns)) {
    if (!/^[A-Za-z][A-Za-z0-9_]{0,44}$/.test(name)) {
      problems.push(
        `"${name}" cannot be a column: a letter first, then letters, digits and _, 45 characters at most.`,
      )
    } else if (RESERVED.has(name.toLowerCase())) {
      problems.push(`"${name}" is reserved by Azure; take another name, such as "App${name}".`)
    } else if (DEFAULT_COLUMNS.has(name)) {
      problems.push(`"${name}" is a column that every row has already.`)
    }
    if (typeof path !== 'string' || path === '' || path.split('.').includes('')) {
      problems.push(
        `The path of column "${name}" is ${JSON.stringify(path)}; give one such as 'res.statusCode'.`,
      )
    }
  }
  return problems
}
