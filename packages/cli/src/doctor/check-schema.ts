import type { SchemaLock } from '../schema/lock.ts'
import type { AzureCli } from './azure-cli.ts'
import { fail, ok, skip, warn } from './check.ts'
import type { Finding } from './check.ts'
import { at, columnsOf } from './deployed-rule.ts'
import type { DeployedColumn, DeployedRule } from './deployed-rule.ts'

/** The three places where columns are declared. */
export interface Declarations {
  /** `azlogs.schema.json`, which the application's transport goes by. */
  readonly lock: SchemaLock | undefined
  readonly streamName: string
  readonly rule: DeployedRule | undefined
}

/** Do schema file, stream and table say the same? What one of them does not know is dropped behind a 204. */
export async function checkSchema(az: AzureCli, { lock, streamName, rule }: Declarations): Promise<Finding> {
  if (lock !== undefined && lock.stream !== streamName) {
    return warn(
      'AZL3021',
      `azlogs.schema.json is for the stream ${lock.stream}, and ${streamName} is sent to`,
      `export AZURE_DCR_STREAM_NAME=${lock.stream}`,
    )
  }
  if (rule === undefined) {
    return lock === undefined
      ? skip('no azlogs.schema.json here, and az shows no rule')
      : skip(`azlogs.schema.json has ${lock.columns.length} columns; az shows no rule to compare with`)
  }
  const stream = rule.streams[streamName] ?? []
  const flow = rule.flows.find(({ streams }) => streams.includes(streamName))
  const tableName = flow?.outputStream.replace(/^(Custom|Microsoft)-/, '') ?? ''
  const table = await tableColumns(az, rule, flow?.destinations ?? [], tableName)
  const remedy = 'azlogs diff   # shows what to deploy, in which order'
  const problems = [
    ...(lock === undefined ? [] : differences(lock.columns, 'the schema file', stream, 'the stream')),
    // A transformation may rename: then only the service knows.
    ...(table === undefined || flow?.transformKql.trim() !== 'source'
      ? []
      : differences(stream, 'the stream', table, `the table ${tableName}`)),
  ]
  const [first, ...others] = problems
  if (first !== undefined) {
    const more = others.length === 0 ? '' : `, and ${others.length} more`
    return fail('AZL3021', `${first}${more}`, remedy)
  }
  const compared = [
    lock === undefined ? [] : ['schema file'],
    ['stream'],
    table === undefined ? [] : ['table'],
  ]
  return ok(`${compared.flat().join(' = ')}: ${stream.length} columns`)
}

async function tableColumns(
  az: AzureCli,
  rule: DeployedRule,
  destinations: readonly string[],
  table: string,
): Promise<readonly DeployedColumn[] | undefined> {
  const workspaceId = destinations.map((name) => rule.workspaceIds[name]).find((id) => id !== undefined)
  if (workspaceId === undefined) return undefined
  const answer = await az.rest('get', `${workspaceId}/tables/${table}?api-version=2022-10-01`)
  if (!answer.ok) return undefined
  const schema = at(at(answer.value, 'properties'), 'schema')
  const columns = [...columnsOf(at(schema, 'columns')), ...columnsOf(at(schema, 'standardColumns'))]
  return columns.length === 0 ? undefined : columns
}

/** What `from` has and `into` has not, or with another type: the values that are lost on the way. */
function differences(
  from: readonly DeployedColumn[],
  fromName: string,
  into: readonly DeployedColumn[],
  intoName: string,
): readonly string[] {
  const types = new Map(into.map(({ name, type }) => [name, type]))
  return from.flatMap(({ name, type }) => {
    const other = types.get(name)
    if (other === type) return []
    if (other !== undefined) return [`${name} is ${type} in ${fromName} and ${other} in ${intoName}`]
    const otherCase = into.find((column) => column.name.toLowerCase() === name.toLowerCase())
    return otherCase === undefined
      ? [`${name} is in ${fromName} and not in ${intoName}: its values are dropped without a word`]
      : [
          `${name} of ${fromName} is spelt ${otherCase.name} in ${intoName}: its values are dropped without a word`,
        ]
  })
}
