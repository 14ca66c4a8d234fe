import { CliError, usageError } from '../cli-error.ts'
import { createAzureCli } from '../doctor/azure-cli.ts'
import type { AzureCli } from '../doctor/azure-cli.ts'
import { findDeployedRule } from '../doctor/deployed-rule.ts'
import { API_VERSION } from '../generate/azure-names.ts'
import type { SchemaLock } from '../schema/lock.ts'

const TIMEOUT_MS = 60_000

/** Documents of the deployed rule and table, and their ids. */
export interface LiveDocuments {
  readonly documents: readonly unknown[]
  readonly ruleId: string
  readonly tableId: string
}

/**
 * Asks Azure for the rule and its table.
 *
 * @throws CliError `AZL2004` when `az` has no answer.
 */
export async function fetchDeployed(
  lock: SchemaLock,
  { ruleId, endpoint }: { readonly ruleId: string | undefined; readonly endpoint: string | undefined },
): Promise<LiveDocuments> {
  if (ruleId === undefined) {
    throw usageError(
      'azlogs diff --live needs to know the rule.',
      'Set AZURE_DCR_RULE_ID, or give --rule-id dcr-….',
    )
  }
  if (!/^dcr-[0-9a-f]{32}$/.test(ruleId)) {
    throw usageError(
      `--rule-id: ${JSON.stringify(ruleId)} is no immutable id.`,
      'It is dcr- and 32 hexadecimal digits.',
    )
  }
  const az = createAzureCli(cloudOf(endpoint), TIMEOUT_MS)
  const found = await findDeployedRule(az, ruleId)
  if (!found.ok) throw noAnswer(found.why)
  const { rule } = found
  const flow = rule.flows.find(({ streams }) => streams.includes(lock.stream)) ?? rule.flows[0]
  const workspaceId = Object.entries(rule.workspaceIds).find(
    ([name]) => flow === undefined || flow.destinations.includes(name),
  )?.[1]
  const tableId = `${workspaceId ?? ''}/tables/${lock.table}`
  const documents = [await get(az, `${rule.id}?api-version=${API_VERSION.rules}`)]
  if (workspaceId !== undefined) {
    const table = await az.rest('get', `${tableId}?api-version=${API_VERSION.tables}`)
    if (table.ok) documents.push(table.value)
  }
  return { documents, ruleId: rule.id, tableId }
}

function cloudOf(endpoint: string | undefined): URL {
  return new URL(
    endpoint !== undefined && URL.canParse(endpoint) ? endpoint : 'https://ingest.monitor.azure.com',
  )
}

async function get(az: AzureCli, path: string): Promise<unknown> {
  const answer = await az.rest('get', path)
  if (!answer.ok) throw noAnswer(answer.why)
  return answer.value
}

function noAnswer(why: string): CliError {
  return new CliError('AZL2004', `Azure was asked through az: ${why}.`, {
    remedy: 'Log in with az login, or compare with files: azlogs diff --deployed table.json,rule.json',
    exitCode: 2,
  })
}
