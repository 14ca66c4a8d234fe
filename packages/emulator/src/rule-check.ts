import { repeated, shown } from './definition.ts'
import type { FlowDefinition, RuleDefinition, StreamDefinition } from './definition.ts'
import { compileTransform, KqlError } from './kql/index.ts'
import type { Transform } from './kql/index.ts'
import type { Report } from './schema-problem.ts'
import type { Column, ColumnType, Flow, Stream, Table } from './schema.ts'

// azure-monitor-docs, service-limits.md; for streams a page of Microsoft says 10 and another 20.
const MAX_FLOWS = 10
const MAX_STREAMS = 20
const MAX_TRANSFORM_LENGTH = 15_360

/** Kusto's names for the types, as the service's messages have them. */
const KUSTO_TYPES: Readonly<Record<ColumnType | 'timespan', string>> = {
  string: 'String',
  int: 'Int',
  long: 'Long',
  real: 'Double',
  boolean: 'Boolean',
  datetime: 'DateTime',
  dynamic: 'Dynamic',
  guid: 'Guid',
  timespan: 'Timespan',
}

/** The platform's own column of that type: no stream can fill it (recorded: InvalidTransformOutput for TenantId). */
const TENANT_ID: Column = { name: 'TenantId', type: 'guid' }

export interface Workspace {
  /** Undefined for a table that exists and was refused: what flows into it cannot be checked. */
  readonly tables: ReadonlyMap<string, Table | undefined>
  /** Tables that no rule can write to. */
  readonly classicTables: ReadonlySet<string>
}

/** The streams of a rule as Azure would create it; reports what it would refuse. */
export function checkRule(rule: RuleDefinition, workspace: Workspace, report: Report): readonly Stream[] {
  if (rule.flows.length > MAX_FLOWS)
    report('InvalidRule', rule.path, `the rule has ${rule.flows.length} data flows, ${MAX_FLOWS} are allowed`)
  if (rule.streams.length > MAX_STREAMS)
    report(
      'InvalidRule',
      rule.path,
      `the rule has ${rule.streams.length} streams, ${MAX_STREAMS} are allowed`,
    )
  for (const name of repeated(rule.streams.map((stream) => stream.name.value)))
    report('InvalidStream', rule.path, `stream ${shown(name)} is declared twice`)
  for (const stream of rule.streams) checkStream(stream, report)

  const flows = new Map<string, Flow[]>(rule.streams.map((stream) => [stream.name.value, []]))
  const broken = new Set<string>()
  for (const definition of rule.flows) {
    const table = checkOutput(definition, workspace, report)
    checkTransform(definition, report)
    for (const { value: name, path } of definition.streams) {
      const stream = rule.streams.find((candidate) => candidate.name.value === name)
      if (stream === undefined) {
        // What the platform's agents send: it is declared nowhere and does not come through this API.
        if (!name.startsWith('Microsoft-'))
          report('InvalidStream', path, `stream ${shown(name)} is not in streamDeclarations`)
        continue
      }
      const transform = compile(definition, stream, report)
      const flow = table && transform && checkFlow(definition, stream, table, transform, report)
      if (flow === undefined) broken.add(name)
      else flows.get(name)?.push(flow)
    }
  }

  return rule.streams.flatMap(({ name, columns }): readonly Stream[] => {
    const [first, ...others] = flows.get(name.value) ?? []
    if (first !== undefined) {
      const declared = columns.map(({ name, type }) => ({ name, type }))
      return [{ name: name.value, columns: declared, flows: [first, ...others] }]
    }
    if (!broken.has(name.value))
      report(
        'InvalidRule',
        name.path,
        `stream ${shown(name.value)} flows into no table: no data flow names it`,
      )
    return []
  })
}

function checkStream({ name, columns }: StreamDefinition, report: Report): void {
  if (!/^(?:Custom|Microsoft)-[A-Za-z0-9_-]+$/.test(name.value)) {
    report(
      'InvalidStream',
      name.path,
      `a stream is named "Custom-" and letters, digits, _ or -: "Custom-AppLogs_CL", not ${shown(name.value)}`,
    )
  }
  for (const { name, type, path } of columns) {
    if (type === 'guid')
      report('InvalidStream', path, `a stream cannot declare ${name} as guid: declare it as string`)
  }
  for (const repeatedName of repeated(columns.map((column) => column.name)))
    report('InvalidStream', name.path, `column ${repeatedName} is declared twice`)
}

function checkOutput(
  { path, outputStream, destination }: FlowDefinition,
  { tables, classicTables }: Workspace,
  report: Report,
): Table | undefined {
  const name = /^(?:Custom|Microsoft)-(.+)$/.exec(outputStream.value)?.[1]
  if (name !== undefined && tables.has(name) && !classicTables.has(name)) return tables.get(name)
  // The first sentence is recorded word for word.
  const hint =
    name === undefined
      ? `It begins with "Custom-" or "Microsoft-", followed by the name of the table.`
      : classicTables.has(name)
        ? 'It is a classic table of the HTTP Data Collector API: migrate it first.'
        : `The schema holds ${tables.size === 0 ? 'no table' : [...tables.keys()].join(', ')}: add the JSON of ${name} ("az rest" on …/tables/${name}).`
  report(
    'InvalidOutputTable',
    path,
    `Table for output stream '${outputStream.value}' is not available for destination '${destination}'. ${hint}`,
  )
  return undefined
}

function checkTransform({ streams, transformKql }: FlowDefinition, report: Report): void {
  if (transformKql.value.length > MAX_TRANSFORM_LENGTH) {
    report(
      'InvalidTransformQuery',
      transformKql.path,
      `the transformation has ${transformKql.value.length} characters, ${MAX_TRANSFORM_LENGTH} are allowed`,
    )
  }
  if (streams.length > 1 && !isSource(transformKql.value)) {
    report('InvalidRule', transformKql.path, 'a data flow with several streams cannot have a transformation')
  }
}

function isSource(transformKql: string): boolean {
  return transformKql.trim() === 'source'
}

const PASS_ON: unique symbol = Symbol('source')

function compile(
  { transformKql: { value, path } }: FlowDefinition,
  stream: StreamDefinition,
  report: Report,
): Transform | typeof PASS_ON | undefined {
  if (isSource(value)) return PASS_ON
  if (value.length > MAX_TRANSFORM_LENGTH) return undefined
  try {
    return compileTransform(value, stream.columns)
  } catch (error) {
    if (!(error instanceof KqlError)) throw error
    if (error.code === 'UnsupportedLocally' || error.code === 'LimitExceeded')
      report('UnsupportedLocally', path, error.message)
    else report('InvalidTransformQuery', path, `Error occurred while compiling query: ${error.message}`)
    return undefined
  }
}

function checkFlow(
  { path, transformKql }: FlowDefinition,
  stream: StreamDefinition,
  table: Table,
  transform: Transform | typeof PASS_ON,
  report: Report,
): Flow | undefined {
  const produced = transform === PASS_ON ? stream.columns : transform.resultColumns
  const wanted = new Map([...table.columns, TENANT_ID].map(({ name, type }) => [name, type]))
  const wrong = produced.flatMap(({ name, type }) => {
    const expected = wanted.get(name)
    return expected === undefined || expected === type
      ? []
      : [`${name} [produced:'${KUSTO_TYPES[type]}', output:'${KUSTO_TYPES[expected]}']`]
  })
  if (wrong.length > 0) {
    // Recorded word for word.
    const list = wrong.join(', ')
    report(
      'InvalidTransformOutput',
      path,
      `Types of transform output columns do not match the ones defined by the output stream: ${list}`,
    )
  }
  const hasTime = produced.some((column) => column.name === 'TimeGenerated')
  if (!hasTime) {
    report(
      'InvalidTransformOutput',
      path,
      `the output of the transformation of ${stream.name.value} has no column TimeGenerated of type datetime`,
    )
  }
  if (wrong.length > 0 || !hasTime) return undefined
  return {
    table,
    transformKql: transformKql.value,
    ...(transform === PASS_ON ? {} : { transform }),
  }
}
