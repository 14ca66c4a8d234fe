import { checkDestination } from '@azlogs/core/internal'
import type { Destination } from '@azlogs/core/internal'

import type { GivenDestination } from '../destination-args.ts'
import { fail, ok } from './check.ts'
import type { Finding } from './check.ts'

/** Are the three values there, and of the right shape? Says which other value was pasted in their place. */
export function checkConfig(given: GivenDestination): {
  readonly finding: Finding
  readonly destination: Destination | undefined
} {
  const { destination, problems } = checkDestination(given, {})
  if (destination === undefined) {
    return { finding: fail('AZL3001', problems.join(' '), remedyFor(given)), destination }
  }
  const { endpoint, ruleId, streamName } = destination
  return { finding: ok(`${endpoint.origin} · ${ruleId} · ${streamName}`), destination }
}

const RULE_QUERY =
  '--query "{endpoint:properties.endpoints.logsIngestion, ruleId:properties.immutableId, streams:properties.dataFlows[].streams[]}"'

/** One command that shows, or sets, the right values; as exact as what was pasted allows. */
function remedyFor({ endpoint = '', ruleId = '', streamName = '' }: GivenDestination): string {
  const armId = [endpoint, ruleId, streamName].find((value) =>
    /^\/?subscriptions\/.*\/dataCollectionRules\/[^/]+$/i.test(value),
  )
  if (armId !== undefined) return showRule(armId.replace(/^\/?/, '/'))
  const isRuleId = /^dcr-[0-9a-f]{32}$/.test(ruleId)
  const { problems } = checkDestination({ endpoint, ruleId, streamName }, {})
  const [first = ''] = problems
  if (problems.length === 1 && first.startsWith('streamName') && /^\w+_CL$/.test(streamName)) {
    return `export AZURE_DCR_STREAM_NAME=Custom-${streamName}`
  }
  if (problems.length === 1 && first.startsWith('endpoint')) {
    const url = URL.parse(endpoint)
    const named = url !== null && /\.ingest\.monitor\.azure\.(com|us|cn)$/.test(url.hostname)
    if (named && !url.hostname.includes('.metrics.')) {
      return `export AZURE_DCE_ENDPOINT=https://${url.hostname}`
    }
  }
  return isRuleId ? findRule(ruleId) : showRule(RULE_PLACEHOLDER)
}

const RULE_PLACEHOLDER =
  '/subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/Microsoft.Insights/dataCollectionRules/NAME'

function showRule(armId: string): string {
  return `az rest --method get --url "https://management.azure.com${armId}?api-version=2023-03-11" ${RULE_QUERY}`
}

/** The command that finds a rule, wherever it is, by its immutable id. */
export function findRule(ruleId: string): string {
  const query = String.raw`{"query":"resources | where properties.immutableId == \"${ruleId}\""}`
  return (
    'az rest --method post --url "https://management.azure.com/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01" ' +
    `--body '${query}' --query "data[].{id:id, endpoint:properties.endpoints.logsIngestion, streams:properties.dataFlows[].streams[]}"`
  )
}
