import type { AzureCli } from './azure-cli.ts'

/** A data collection rule as it is deployed. */
export interface DeployedRule {
  readonly id: string
  readonly location: string
  readonly tenantId: string
  /** `properties.endpoints.logsIngestion`; rules that are not of the kind Direct have none. */
  readonly endpoint: string | undefined
  /** The data collection endpoint that the rule names. */
  readonly endpointId: string | undefined
  readonly streams: Readonly<Record<string, readonly DeployedColumn[]>>
  readonly flows: readonly DeployedFlow[]
  readonly workspaceIds: Readonly<Record<string, string>>
}

export interface DeployedColumn {
  readonly name: string
  readonly type: string
}

interface DeployedFlow {
  readonly streams: readonly string[]
  readonly destinations: readonly string[]
  readonly transformKql: string
  /** Where the rows go, such as `Custom-AppLogs_CL`. */
  readonly outputStream: string
}

export type FoundRule =
  | { readonly ok: true; readonly rule: DeployedRule }
  | { readonly ok: false; readonly why: string }

const GRAPH = '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01'

/** Finds a rule by its immutable id, in whatever subscription the account sees. */
export async function findDeployedRule(az: AzureCli, ruleId: string): Promise<FoundRule> {
  const answer = await az.rest('post', GRAPH, {
    query: `resources | where type =~ 'microsoft.insights/datacollectionrules' | where properties.immutableId == '${ruleId}'`,
  })
  if (!answer.ok) return answer
  const [found] = listAt(answer.value, 'data')
  if (found === undefined) {
    return {
      ok: false,
      why: 'the account of az sees no rule with this id (deleted, another tenant, or no Reader role)',
    }
  }
  const properties = at(found, 'properties')
  return {
    ok: true,
    rule: {
      id: text(at(found, 'id')) ?? '',
      location: text(at(found, 'location')) ?? '',
      tenantId: text(at(found, 'tenantId')) ?? '',
      endpoint: text(at(at(properties, 'endpoints'), 'logsIngestion')),
      endpointId: text(at(properties, 'dataCollectionEndpointId')),
      streams: Object.fromEntries(
        entriesAt(properties, 'streamDeclarations').map(([name, stream]) => [
          name,
          columnsOf(at(stream, 'columns')),
        ]),
      ),
      flows: listAt(properties, 'dataFlows').map((flow) => {
        const streams = listAt(flow, 'streams').map(String)
        return {
          streams,
          destinations: listAt(flow, 'destinations').map(String),
          transformKql: text(at(flow, 'transformKql')) ?? 'source',
          outputStream: text(at(flow, 'outputStream')) ?? streams[0] ?? '',
        }
      }),
      workspaceIds: Object.fromEntries(
        listAt(at(properties, 'destinations'), 'logAnalytics').map((destination) => [
          text(at(destination, 'name')) ?? '',
          text(at(destination, 'workspaceResourceId')) ?? '',
        ]),
      ),
    },
  }
}

/** Reads `[{ name, type }]` of the management API. */
export function columnsOf(value: unknown): readonly DeployedColumn[] {
  return (Array.isArray(value) ? value : []).map((column: unknown) => ({
    name: text(at(column, 'name')) ?? '',
    type: (text(at(column, 'type')) ?? '').toLowerCase(),
  }))
}

/** A member of something that came as JSON. */
export function at(owner: unknown, name: string): unknown {
  return typeof owner === 'object' && owner !== null ? Reflect.get(owner, name) : undefined
}

export function listAt(owner: unknown, name: string): readonly unknown[] {
  const value = at(owner, name)
  return Array.isArray(value) ? value : []
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function entriesAt(owner: unknown, name: string): readonly (readonly [string, unknown])[] {
  const value = at(owner, name)
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}
