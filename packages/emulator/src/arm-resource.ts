import { createHash } from 'node:crypto'

import { isObject, readColumns, shown } from './definition.ts'
import type { FlowDefinition, RuleDefinition, StreamDefinition, TableDefinition } from './definition.ts'
import { pathTo } from './schema-problem.ts'
import type { Report } from './schema-problem.ts'

/** How a value of a document is read: as it stands, or, in a template, with its expressions resolved. */
type Resolve = (value: unknown, path: string) => unknown

/** An ARM resource, with what its members mean. */
export interface Resource {
  readonly value: Readonly<Record<string, unknown>>
  readonly path: string
  readonly resolve: Resolve
  /** Like `resolve`, but undefined for what cannot be resolved: for what is good to know and not needed. */
  readonly tryResolve: (value: unknown) => unknown
}

/** Told by its type, or, where it has none, by its members: `az rest --body` files and `az monitor … show` have none. */
export function kindOf(value: Readonly<Record<string, unknown>>): 'rule' | 'table' | undefined {
  const { type } = value
  if (typeof type === 'string' && type.includes('/')) {
    if (/^Microsoft\.Insights\/dataCollectionRules$/i.test(type)) return 'rule'
    return /^Microsoft\.OperationalInsights\/workspaces\/tables$/i.test(type) ? 'table' : undefined
  }
  const { body } = bodyOf(value, '')
  if (Array.isArray(body['dataFlows']) || isObject(body['streamDeclarations'])) return 'rule'
  return isObject(body['schema']) ? 'table' : undefined
}

/** `az monitor … show` lifts the properties up to the resource. */
function bodyOf(
  value: Readonly<Record<string, unknown>>,
  path: string,
): { body: Readonly<Record<string, unknown>>; path: string } {
  return isObject(value['properties'])
    ? { body: value['properties'], path: pathTo(path, 'properties') }
    : { body: value, path }
}

export function readTable({ value, path, resolve, tryResolve }: Resource, report: Report): TableDefinition {
  const { body, path: bodyPath } = bodyOf(value, path)
  const schemaPath = pathTo(bodyPath, 'schema')
  const schema = resolve(body['schema'], schemaPath)
  if (!isObject(schema))
    report('InvalidDocument', schemaPath, `the table has no schema, but ${shown(schema)}`)
  const {
    name: schemaName,
    columns = [],
    standardColumns = [],
    tableSubType,
  } = isObject(schema) ? schema : {}
  const name = schemaName ?? lastSegment(resolve(value['name'], pathTo(path, 'name')))
  if (typeof name !== 'string')
    report('InvalidDocument', pathTo(schemaPath, 'name'), `the table has no name, but ${shown(name)}`)
  return {
    name: { value: String(name), path: pathTo(schemaPath, 'name') },
    plan: { value: textOr('Analytics', tryResolve(body['plan'])), path: pathTo(bodyPath, 'plan') },
    columnsPath: pathTo(schemaPath, 'columns'),
    columns: readColumns(columns, pathTo(schemaPath, 'columns'), report),
    standardColumns: readColumns(standardColumns, pathTo(schemaPath, 'standardColumns'), report),
    classic: tableSubType === 'Classic',
  }
}

export function readRule({ value, path, resolve, tryResolve }: Resource, report: Report): RuleDefinition {
  const { body, path: bodyPath } = bodyOf(value, path)
  const name = textOr(path === '' ? 'rule' : path, tryResolve(value['name']))
  const immutableId = tryResolve(body['immutableId'])
  const workspaces = workspaceNames(tryResolve(body['destinations']))
  const member = (key: string, fallback: unknown): readonly [unknown, string] => {
    const memberPath = pathTo(bodyPath, key)
    return [resolve(body[key] ?? fallback, memberPath), memberPath]
  }
  return {
    name,
    path: bodyPath,
    immutableId: typeof immutableId === 'string' ? immutableId : undefined,
    fallbackId: `dcr-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`,
    streams: readStreams(...member('streamDeclarations', {}), report),
    flows: readFlows(...member('dataFlows', []), workspaces, report),
  }
}

function readStreams(input: unknown, path: string, report: Report): readonly StreamDefinition[] {
  if (!isObject(input)) {
    report('InvalidDocument', path, `the streams must be an object, not ${shown(input)}`)
    return []
  }
  return Object.entries(input).map(([name, stream]) => {
    const streamPath = pathTo(path, name)
    const columns = isObject(stream) ? stream['columns'] : undefined
    return {
      name: { value: name, path: streamPath },
      columns: readColumns(columns, pathTo(streamPath, 'columns'), report),
    }
  })
}

function readFlows(
  input: unknown,
  path: string,
  workspaces: readonly string[] | undefined,
  report: Report,
): readonly FlowDefinition[] {
  if (!Array.isArray(input)) {
    report('InvalidDocument', path, `the data flows must be an array, not ${shown(input)}`)
    return []
  }
  return input.flatMap((flow: unknown, index): readonly FlowDefinition[] => {
    const flowPath = pathTo(path, index)
    const { streams, destinations, outputStream, transformKql = 'source' } = isObject(flow) ? flow : {}
    if (!isTexts(streams)) {
      report(
        'InvalidDocument',
        pathTo(flowPath, 'streams'),
        `the streams of a data flow must be an array of names, not ${shown(streams)}`,
      )
      return []
    }
    const names = isTexts(destinations) ? destinations : []
    const destination = workspaces === undefined ? names[0] : names.find((name) => workspaces.includes(name))
    // Metrics, event hubs and storage are other destinations than a workspace.
    if (workspaces !== undefined && names.length > 0 && destination === undefined) return []
    const text = (key: string, value: unknown, fallback = ''): { value: string; path: string } => {
      const textPath = pathTo(flowPath, key)
      if (value !== undefined && typeof value !== 'string')
        report('InvalidDocument', textPath, `this must be text, not ${shown(value)}`)
      return { value: typeof value === 'string' ? value : fallback, path: textPath }
    }
    return [
      {
        path: flowPath,
        streams: streams.map((name, at) => ({ value: name, path: pathTo(pathTo(flowPath, 'streams'), at) })),
        destination: destination ?? '',
        // Absent, the stream names the table itself.
        outputStream: text('outputStream', outputStream, streams[0]),
        transformKql: text('transformKql', transformKql),
      },
    ]
  })
}

/** Undefined where the rule does not say. */
function workspaceNames(destinations: unknown): readonly string[] | undefined {
  const workspaces = isObject(destinations) ? destinations['logAnalytics'] : undefined
  if (!Array.isArray(workspaces)) return undefined
  return workspaces.flatMap((workspace: unknown) => (isObject(workspace) ? [String(workspace['name'])] : []))
}

function textOr(fallback: string, value: unknown): string {
  if (value === undefined || value === null) return fallback
  return typeof value === 'string' ? value : shown(value)
}

function isTexts(input: unknown): input is readonly string[] {
  return Array.isArray(input) && input.every((entry) => typeof entry === 'string')
}

function lastSegment(name: unknown): unknown {
  return typeof name === 'string' ? name.slice(name.lastIndexOf('/') + 1) : name
}
