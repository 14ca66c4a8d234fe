import type { InferredType } from '../schema/column-type.ts'
import type { LockColumn, SchemaLock } from '../schema/lock.ts'
import type { ProposedColumn } from '../schema/proposal.ts'
import type { Deployed, DeployedColumn } from './deployed.ts'

/** Where columns are declared. */
type Place = 'schema' | 'table' | 'stream'

/** One difference. `refuse`: no deployment can make it so; there is a way around. */
export type Difference =
  | { readonly kind: 'add'; readonly column: string; readonly type: string; readonly to: Place }
  | { readonly kind: 'keep'; readonly column: string; readonly type: string; readonly in: Place }
  | {
      readonly kind: 'refuse'
      readonly column: string
      readonly in: Place
      readonly has: string
      readonly wanted: string
      /** A new column beside the old one. */
      readonly proposal: { readonly name: string; readonly type: string }
    }
  | { readonly kind: 'rule'; readonly problem: string; readonly remedy: string }

/** What the application, the schema and Azure disagree about, in the order in which it is to be settled. */
export function compareSchemas(
  lock: SchemaLock,
  sample: readonly ProposedColumn[],
  { table, rule }: Deployed,
): readonly Difference[] {
  const wanted = [...lock.columns, ...newColumns(lock, sample)]
  return [
    ...newColumns(lock, sample).map(({ name, type }): Difference => ({
      kind: 'add',
      column: name,
      type,
      to: 'schema',
    })),
    ...misfits(wanted, sample),
    ...(table === undefined ? [] : compareColumns(wanted, table.columns, 'table', table.standardColumns)),
    ...(rule === undefined ? [] : compareColumns(wanted, rule.columns ?? [], 'stream')),
    ...ruleProblems(lock, rule),
  ]
}

/** Columns that the sample asks for and the schema does not have. */
export function newColumns(lock: SchemaLock, sample: readonly ProposedColumn[]): readonly LockColumn[] {
  const known = new Set(lock.columns.map(({ name }) => name))
  return sample
    .filter(({ promoted, name, path }) => promoted && path !== undefined && !known.has(name))
    .map(({ name, type, path = '' }) => ({ name, type, from: [path] }))
}

function misfits(wanted: readonly LockColumn[], sample: readonly ProposedColumn[]): readonly Difference[] {
  return sample.flatMap(({ name, type, misfit }): readonly Difference[] =>
    misfit === undefined ? [] : [refusal(wanted, name, 'schema', type, misfit)],
  )
}

function compareColumns(
  wanted: readonly LockColumn[],
  deployed: readonly DeployedColumn[],
  place: 'table' | 'stream',
  standard: readonly DeployedColumn[] = [],
): readonly Difference[] {
  const byName = new Map([...standard, ...deployed].map((column) => [column.name.toLowerCase(), column]))
  const names = new Set(wanted.map(({ name }) => name.toLowerCase()))
  const differences = wanted.flatMap(({ name, type }): readonly Difference[] => {
    const there = byName.get(name.toLowerCase())
    if (there === undefined) return [{ kind: 'add', column: name, type, to: place }]
    if (there.name !== name) return [refusal(wanted, name, place, there.name, name)]
    return sameType(there.type, type, place) ? [] : [refusal(wanted, name, place, there.type, type)]
  })
  const kept = deployed
    .filter(({ name }) => !names.has(name.toLowerCase()))
    .map(({ name, type }): Difference => ({ kind: 'keep', column: name, type, in: place }))
  return [...differences, ...kept]
}

/** A guid column of a table takes the text of a stream only through a transformation: that is a difference. */
function sameType(there: string, wanted: InferredType, place: Place): boolean {
  return there === wanted || (place === 'stream' && there === 'guid' && wanted === 'string')
}

function refusal(
  wanted: readonly LockColumn[],
  column: string,
  place: Place,
  has: string,
  wish: string,
): Difference {
  const taken = new Set(wanted.map(({ name }) => name.toLowerCase()))
  const base = column.slice(0, 41)
  let version = 2
  while (taken.has(`${base}_v${version}`.toLowerCase())) version += 1
  const type = wish === column ? (wanted.find(({ name }) => name === column)?.type ?? 'string') : wish
  return {
    kind: 'refuse',
    column,
    in: place,
    has,
    wanted: wish,
    proposal: { name: `${base}_v${version}`, type },
  }
}

function ruleProblems({ stream, table }: SchemaLock, rule: Deployed['rule']): readonly Difference[] {
  if (rule === undefined) return []
  const problems: Difference[] = []
  if (rule.kind !== 'Direct' && rule.resource['properties'] !== undefined && !hasEndpoint(rule.resource)) {
    problems.push({
      kind: 'rule',
      problem: `the rule is of the kind ${rule.kind ?? 'none'} and has no endpoint of its own`,
      remedy:
        'Endpoints cannot be added: deploy the rule under a new name, or send through a data collection endpoint.',
    })
  }
  if (rule.columns === undefined) {
    problems.push({
      kind: 'rule',
      problem: `the rule does not declare the stream ${stream}`,
      remedy: 'The next deployment of the rule adds it.',
    })
  } else if (rule.outputStream !== undefined && rule.outputStream !== `Custom-${table}`) {
    problems.push({
      kind: 'rule',
      problem: `the stream flows into ${rule.outputStream} and not into Custom-${table}`,
      remedy: 'Check that azlogs.schema.json and the rule belong together.',
    })
  }
  if (rule.transformKql !== undefined && rule.transformKql.trim() !== 'source') {
    problems.push({
      kind: 'rule',
      problem: 'the rule transforms the rows: what reaches the table is not known here',
      remedy: 'Compare the output of the transformation with the table by hand, or deploy "source".',
    })
  }
  return problems
}

function hasEndpoint(resource: Readonly<Record<string, unknown>>): boolean {
  const { endpoints, dataCollectionEndpointId } = resource['properties'] as Readonly<Record<string, unknown>>
  return (endpoints !== undefined && endpoints !== null) || typeof dataCollectionEndpointId === 'string'
}
