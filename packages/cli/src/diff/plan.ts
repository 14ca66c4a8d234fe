import { outputStreamOf, ruleProperties, tableProperties } from '../generate/resources.ts'
import type { LockColumn, SchemaLock } from '../schema/lock.ts'
import { newColumns } from './compare.ts'
import type { Difference } from './compare.ts'
import type { Deployed, DeployedColumn } from './deployed.ts'
import type { ProposedColumn } from '../schema/proposal.ts'

/** One request to Azure; the order of the steps matters. */
export interface Step {
  readonly resource: 'table' | 'rule'
  readonly why: string
  /** What to PUT. Nothing that is deployed is missing in it: a PUT of a table deletes the columns that it leaves out. */
  readonly body: Readonly<Record<string, unknown>>
}

/** Members that Azure sets and a PUT must not send. */
const READ_ONLY = new Set(['id', 'name', 'type', 'etag', 'systemData', 'apiVersion', 'dependsOn', 'scope'])
const READ_ONLY_PROPERTIES = new Set([
  'immutableId',
  'provisioningState',
  'endpoints',
  'metadata',
  'ingestionQuotas',
])

/** Additive steps: the table first, because a rule is refused whose columns its table does not have. */
export function planSteps(
  lock: SchemaLock,
  sample: readonly ProposedColumn[],
  deployed: Deployed,
  differences: readonly Difference[],
): readonly Step[] {
  const refused = new Set(differences.flatMap((entry) => (entry.kind === 'refuse' ? [entry.column] : [])))
  const wanted = [...lock.columns, ...newColumns(lock, sample)].filter(({ name }) => !refused.has(name))
  const adds = (place: string): boolean =>
    differences.some((entry) => entry.kind === 'add' && entry.to === place && !refused.has(entry.column))
  return [
    ...(deployed.table !== undefined && adds('table') ? [tableStep(lock, wanted, deployed.table)] : []),
    ...(deployed.rule !== undefined && (adds('stream') || deployed.rule.columns === undefined)
      ? [ruleStep(lock, wanted, deployed.rule)]
      : []),
  ]
}

function tableStep(
  lock: SchemaLock,
  wanted: readonly LockColumn[],
  { columns, properties }: NonNullable<Deployed['table']>,
): Step {
  const { plan } = tableProperties(lock) as { readonly plan: string }
  const all = union(columns, wanted).map(({ name, type }) => ({
    name,
    type: type === 'datetime' ? 'dateTime' : type,
  }))
  return {
    resource: 'table',
    why: `the full list of ${all.length} columns: what a PUT leaves out is deleted`,
    body: { properties: { plan: properties['plan'] ?? plan, schema: { name: lock.table, columns: all } } },
  }
}

function ruleStep(
  lock: SchemaLock,
  wanted: readonly LockColumn[],
  { columns = [], resource }: NonNullable<Deployed['rule']>,
): Step {
  const properties = resource['properties'] as Readonly<Record<string, unknown>>
  const kept = Object.fromEntries(
    Object.entries(properties).filter(([name]) => !READ_ONLY_PROPERTIES.has(name)),
  )
  const streams = (properties['streamDeclarations'] ?? {}) as Readonly<Record<string, unknown>>
  const flows = (properties['dataFlows'] ?? []) as readonly { readonly streams?: readonly string[] }[]
  const flowExists = flows.some(({ streams }) => streams?.includes(lock.stream) === true)
  return {
    resource: 'rule',
    why: 'after the table, whose columns it refers to',
    body: {
      ...Object.fromEntries(Object.entries(resource).filter(([name]) => !READ_ONLY.has(name))),
      properties: {
        ...kept,
        streamDeclarations: { ...streams, [lock.stream]: { columns: union(columns, wanted) } },
        dataFlows: flowExists ? flows : [...flows, newFlow(lock, properties)],
      },
    },
  }
}

function newFlow(lock: SchemaLock, properties: Readonly<Record<string, unknown>>): object {
  const { destinations } = properties as {
    readonly destinations?: { readonly logAnalytics?: readonly { readonly name?: string }[] }
  }
  const name = destinations?.logAnalytics?.[0]?.name
  const [flow] = (ruleProperties(lock, '') as { readonly dataFlows: readonly object[] }).dataFlows
  return {
    ...flow,
    ...(name === undefined ? {} : { destinations: [name] }),
    outputStream: outputStreamOf(lock),
  }
}

/** What is deployed in its order, then what is new. */
function union(
  deployed: readonly DeployedColumn[],
  wanted: readonly LockColumn[],
): readonly { readonly name: string; readonly type: string }[] {
  const there = new Set(deployed.map(({ name }) => name.toLowerCase()))
  return [
    ...deployed.map(({ name, type }) => ({ name, type })),
    ...wanted.filter(({ name }) => !there.has(name.toLowerCase())).map(({ name, type }) => ({ name, type })),
  ]
}
