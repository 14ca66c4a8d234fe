import type { Destination } from '@azlogs/core/internal'

import { nearest } from '../nearest.ts'
import type { AzureCli } from './azure-cli.ts'
import { fail, ok, warn } from './check.ts'
import type { Finding } from './check.ts'
import { at, text } from './deployed-rule.ts'
import type { DeployedRule } from './deployed-rule.ts'

/** Is the rule, as it is deployed, one that this endpoint and this stream can be used with? */
export async function checkRule(
  az: AzureCli,
  { endpoint, streamName }: Destination,
  rule: DeployedRule,
): Promise<Finding> {
  const { id, location, streams, flows } = rule
  const own = rule.endpoint === undefined ? undefined : URL.parse(rule.endpoint)
  const name = id.split('/').at(-1) ?? id
  if (own === null || (own?.host !== endpoint.host && rule.endpointId === undefined)) {
    return own === undefined || own === null
      ? fail(
          'AZL3022',
          `${name} has no endpoint of its own and names no data collection endpoint: it was made without «kind: Direct», and an endpoint cannot be added later`,
          'Deploy a new rule with "kind": "Direct" and api-version 2023-03-11 (azlogs init writes one).',
        )
      : fail(
          'AZL3022',
          `the endpoint of ${name} is ${own.origin}, not ${endpoint.origin}`,
          `export AZURE_DCE_ENDPOINT=${own.origin}`,
        )
  }
  const sent = flows.flatMap((flow) => flow.streams)
  if (!sent.includes(streamName)) return unknownStream(streamName, [...Object.keys(streams), ...sent])
  for (const workspaceId of Object.values(rule.workspaceIds)) {
    const answer = await az.rest('get', `${workspaceId}?api-version=2023-09-01`)
    const region = answer.ok ? text(at(answer.value, 'location')) : undefined
    if (region !== undefined && regionName(region) !== regionName(location)) {
      return fail(
        'AZL3022',
        `${name} is in ${location}, its workspace in ${region}; they must be in one region`,
        `Deploy the rule in ${region}.`,
      )
    }
  }
  const targets = flows.filter((flow) => flow.streams.includes(streamName)).map((flow) => flow.outputStream)
  const evidence = `${name} in ${location} · ${streamName} → ${targets.join(', ')}`
  const lossy = flows.find(
    (flow) => flow.streams.includes(streamName) && flow.transformKql.length > MAX_TRANSFORM_CHARACTERS,
  )
  return lossy === undefined
    ? ok(evidence)
    : warn('AZL3022', `${evidence}, with a transformation over 15,360 characters`, 'Shorten transformKql.')
}

/** The service's limit. https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits */
const MAX_TRANSFORM_CHARACTERS = 15_360

/** A stream that the rule does not have, with the one that was meant. */
export function unknownStream(streamName: string, known: readonly string[]): Finding {
  const streams = [...new Set(known)]
  const meant = nearest(streamName, streams) ?? (streams.length === 1 ? streams[0] : undefined)
  return fail(
    'AZL3014',
    `the rule has no stream ${streamName}; it has ${streams.length === 0 ? 'none' : streams.join(', ')}`,
    meant === undefined
      ? 'Set AZURE_DCR_STREAM_NAME to one of the rule’s streams.'
      : `export AZURE_DCR_STREAM_NAME=${meant}`,
  )
}

function regionName(location: string): string {
  return location.toLowerCase().replaceAll(' ', '')
}
