/** A column as Azure says it. */
export interface DeployedColumn {
  readonly name: string
  readonly type: string
}

/** What is deployed, as far as the documents tell. */
export interface Deployed {
  readonly table?: DeployedTable
  readonly rule?: DeployedRule
}

interface DeployedTable {
  readonly columns: readonly DeployedColumn[]
  /** Those that Azure adds by itself. */
  readonly standardColumns: readonly DeployedColumn[]
  readonly properties: Readonly<Record<string, unknown>>
}

interface DeployedRule {
  /** Absent when the rule does not declare the stream. */
  readonly columns: readonly DeployedColumn[] | undefined
  readonly kind: string | undefined
  readonly transformKql: string | undefined
  readonly outputStream: string | undefined
  /** Members of the resource that a PUT sends back. */
  readonly resource: Readonly<Record<string, unknown>>
}

type Json = Readonly<Record<string, unknown>>

/**
 * Finds the table and the rule in what `az rest`, `az resource show` or an ARM template says: a resource, a list of
 * resources, or a template.
 */
export function findDeployed(documents: readonly unknown[], table: string, stream: string): Deployed {
  const resources = documents.flatMap(resourcesIn)
  const foundTable = resources.find((resource) => isTable(resource, table))
  const foundRule =
    resources.find((resource) => isRule(resource) && streamsOf(resource)[stream] !== undefined) ??
    resources.find(isRule)
  return {
    ...(foundTable === undefined ? {} : { table: readTable(foundTable) }),
    ...(foundRule === undefined ? {} : { rule: readRule(foundRule, stream) }),
  }
}

function resourcesIn(document: unknown): readonly Json[] {
  if (Array.isArray(document)) return document.flatMap(resourcesIn)
  const object = objectOf(document)
  const inner = object['resources'] ?? object['value']
  return [object, ...(Array.isArray(inner) ? inner.flatMap(resourcesIn) : [])]
}

function isTable(resource: Json, table: string): boolean {
  const schema = objectOf(objectOf(resource['properties'])['schema'])
  return Array.isArray(schema['columns']) && (schema['name'] === table || nameOf(resource) === table)
}

function nameOf({ name }: Json): string | undefined {
  return typeof name === 'string'
    ? name
        .split('/')
        .at(-1)
        ?.replaceAll(/['")\]]/g, '')
    : undefined
}

function isRule(resource: Json): boolean {
  const properties = objectOf(resource['properties'])
  return properties['streamDeclarations'] !== undefined || properties['dataFlows'] !== undefined
}

function readTable(resource: Json): DeployedTable {
  const properties = objectOf(resource['properties'])
  const { columns, standardColumns } = objectOf(properties['schema'])
  return { properties, columns: columnsOf(columns), standardColumns: columnsOf(standardColumns) }
}

function readRule(resource: Json, stream: string): DeployedRule {
  const properties = objectOf(resource['properties'])
  const declared = streamsOf(resource)[stream]
  const flows = Array.isArray(properties['dataFlows']) ? properties['dataFlows'].map(objectOf) : []
  const flow = flows.find(({ streams }) => Array.isArray(streams) && streams.includes(stream))
  return {
    columns: declared === undefined ? undefined : columnsOf(objectOf(declared)['columns']),
    kind: textOf(resource['kind']),
    transformKql: textOf(flow?.['transformKql']),
    outputStream: textOf(flow?.['outputStream']),
    resource,
  }
}

function streamsOf(resource: Json): Json {
  return objectOf(objectOf(resource['properties'])['streamDeclarations'])
}

/** Types in lower case: the Tables API spells `dateTime`, the rules' API `datetime`, and both mean the same. */
function columnsOf(columns: unknown): readonly DeployedColumn[] {
  if (!Array.isArray(columns)) return []
  return columns.map(objectOf).map(({ name, type }) => ({
    name: textOf(name) ?? '',
    type: (textOf(type) ?? '').toLowerCase().replace(/^bool$/, 'boolean'),
  }))
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
