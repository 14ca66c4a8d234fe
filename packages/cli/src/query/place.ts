import { isLoopback } from '@azlogs/core/internal'

import { CliError } from '../cli-error.ts'

/** Where queries are asked. */
export interface QueryPlace {
  /** With its `/v1`. */
  readonly endpoint: string
  readonly scope: string
  readonly workspaceId: string
  readonly isEmulator: boolean
}

/** The query endpoints of the clouds. https://learn.microsoft.com/azure/azure-monitor/logs/api/overview */
const PUBLIC_ENDPOINT = 'https://api.loganalytics.io'
const ENDPOINTS: Readonly<Record<string, string>> = {
  us: 'https://api.loganalytics.us',
  cn: 'https://api.loganalytics.azure.cn',
}

/** The emulator has one workspace and answers under any id. */
const EMULATOR_WORKSPACE = '00000000-0000-0000-0000-000000000000'

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * The emulator for an endpoint on this machine, else the workspace in the cloud of the endpoint.
 *
 * @param endpoint of ingestion or of queries: only its host matters.
 * @throws CliError `AZL6001` when there is neither.
 */
export function queryPlace(endpoint: string | undefined, workspace: string | undefined): QueryPlace {
  const url = endpoint === undefined ? null : URL.parse(endpoint)
  if (url !== null && isLoopback(url)) {
    return {
      endpoint: `${url.origin}/v1`,
      scope: `${PUBLIC_ENDPOINT}/.default`,
      workspaceId: workspace ?? EMULATOR_WORKSPACE,
      isEmulator: true,
    }
  }
  if (workspace === undefined || !GUID.test(workspace)) {
    throw new CliError(
      'AZL6001',
      workspace === undefined
        ? 'Neither an emulator nor a workspace is given.'
        : `The workspace is ${JSON.stringify(workspace)}, which is no GUID.`,
      {
        remedy:
          'az monitor log-analytics workspace show -g GROUP -n NAME --query customerId   # give that with --workspace; for the emulator: --endpoint http://127.0.0.1:4319',
        exitCode: 2,
      },
    )
  }
  const suffix = /\.azure\.(us|cn)$/.exec(url?.hostname ?? '')?.[1] ?? ''
  const isQueryHost = url?.hostname.startsWith('api.') === true
  const origin = isQueryHost ? url.origin : (ENDPOINTS[suffix] ?? PUBLIC_ENDPOINT)
  return {
    endpoint: `${origin}/v1`,
    scope: `${origin}/.default`,
    workspaceId: workspace,
    isEmulator: false,
  }
}
