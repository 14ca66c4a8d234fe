import { randomUUID } from 'node:crypto'

import { uploadUrl } from '@azlogs/core/internal'
import type { Destination } from '@azlogs/core/internal'

import { findRule } from './check-config.ts'
import { explain } from './check-connection.ts'
import { assignRole } from './check-role.ts'
import { unknownStream } from './check-rule.ts'
import { fail, ok } from './check.ts'
import type { Finding } from './check.ts'
import type { Token } from './check-token.ts'
import { at, text } from './deployed-rule.ts'
import type { DeployedRule } from './deployed-rule.ts'
import { exchange } from './exchange.ts'
import type { HttpAnswer } from './exchange.ts'
import type { Proxy } from './proxy.ts'

/** What a request to the stream needs. */
export interface Access {
  readonly destination: Destination
  readonly token: Token
  readonly proxy: Proxy | undefined
  readonly timeoutMs: number
  /** The rule as `az` sees it, for a remedy that can be copied as it is. Asked for only when something is refused. */
  readonly findRule: () => Promise<DeployedRule | undefined>
}

/**
 * Sends rows, none by default: `[]` is answered like any other array and stores nothing.
 *
 * @param clientRequestId a GUID under which the service, and `DCRLogErrors`, knows the request.
 */
export async function checkAccess(
  access: Access,
  rows: readonly object[] = [],
  clientRequestId: string = randomUUID(),
): Promise<Finding> {
  const { destination, token, proxy, timeoutMs } = access
  const url = new URL(uploadUrl(destination))
  const exchanged = await exchange({
    url,
    method: 'POST',
    headers: {
      authorization: `Bearer ${token.text}`,
      'content-type': 'application/json',
      'x-ms-client-request-id': clientRequestId,
    },
    body: JSON.stringify(rows),
    proxy,
    timeoutMs,
  })
  if (!exchanged.ok) return explain(exchanged.failure, url, proxy)
  const { answer } = exchanged
  const { status } = answer
  if (status >= 200 && status < 300) {
    return ok(
      `${status} to ${rows.length === 0 ? 'an empty array' : `${rows.length} row`}: accepted, which does not prove that rows are stored`,
    )
  }
  return meaningOf(answer, access, status >= 400 && status < 405 ? await access.findRule() : undefined)
}

/** What an answer other than 2xx means. The facts are those of the service's documents and recordings. */
function meaningOf(answer: HttpAnswer, access: Access, rule: DeployedRule | undefined): Finding {
  const { status } = answer
  const { destination } = access
  const said = wordsOf(answer)
  const evidence = `${status}${said.code === undefined ? '' : ` ${said.code}`}${said.message === undefined ? '' : `: ${said.message}`}`
  if (status >= 300 && status < 400) {
    return elsewhere(`${status} to ${answer.headers.location ?? 'nowhere'}`, destination)
  }
  // The service explains each refusal in JSON; a page comes from a proxy or a gateway.
  if (!said.isService && (status === 403 || status === 404)) {
    return elsewhere(`${status} with ${answer.headers['content-type'] ?? 'no content'}`, destination)
  }
  switch (status) {
    case 401:
      return fail('AZL3009', evidence, remedyForToken(access, rule))
    case 403:
      return refused(said.message ?? '', evidence, access, rule)
    case 404:
      return fail('AZL3013', evidence, findRule(destination.ruleId))
    case 413:
      return fail(
        'AZL3015',
        `${evidence} (sent: ${answer.sentBytes} bytes; the service takes 1,048,576)`,
        'Something on the way takes only smaller requests: raise its limit to 1 MiB, or set maxBatchBytes in the transport.',
      )
    case 429:
      return fail(
        'AZL3016',
        `${evidence}; Retry-After: ${answer.headers['retry-after'] ?? 'none'}`,
        'The rule is at 12,000 requests or 2 GB a minute: send fewer, larger requests (flushIntervalMs), or spread over several rules (destinations).',
      )
    default:
      break
  }
  if (status === 400 && said.code === 'InvalidStream') {
    const known = rule === undefined ? [] : rule.flows.flatMap((flow) => flow.streams)
    if (rule !== undefined) return unknownStream(destination.streamName, known)
    return fail('AZL3014', evidence, findRule(destination.ruleId))
  }
  if (status >= 500) {
    return fail(
      'AZL3017',
      evidence,
      status === 503
        ? 'azlogs doctor --wait 30   # right after the set-up a 503 may mean that the role has not spread yet'
        : 'azlogs doctor --wait 5   # and https://status.azure.com when it stays',
    )
  }
  return fail(
    'AZL3019',
    evidence,
    'Look for this answer in https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview',
  )
}

// «PipelineAccessResult: AccessGranted: False, IsRbacPresent: False, IsDcrDceBindingValid: , DcrArmId: …»: only a value
// that is there says something. The binding goes first: with the wrong endpoint no role helps.
function refused(
  message: string,
  evidence: string,
  { destination, token }: Access,
  rule: DeployedRule | undefined,
): Finding {
  if (/IsDcrDceBindingValid:\s*False/i.test(message)) {
    const own = rule?.endpoint
    return fail(
      'AZL3011',
      evidence,
      own === undefined ? findRule(destination.ruleId) : `export AZURE_DCE_ENDPOINT=${own}`,
    )
  }
  if (/IsRbacPresent:\s*True/i.test(message) || /public network access|private link/i.test(message)) {
    return fail(
      'AZL3012',
      evidence,
      'Run inside the virtual network of the private link, or allow public network access for ingestion on the endpoint and the workspace.',
    )
  }
  const armId = rule?.id ?? /DcrArmId:\s*(\/subscriptions\/[^\s,]+)/i.exec(message)?.[1]
  const usable = armId?.includes('*') === true ? undefined : armId
  return fail('AZL3010', evidence, assignRole(usable, token.claims))
}

function remedyForToken({ destination, token }: Access, rule: DeployedRule | undefined): string {
  const { claims } = token
  if (rule !== undefined && claims?.tenantId !== undefined && rule.tenantId !== claims.tenantId) {
    return `az login --tenant ${rule.tenantId}`
  }
  return `az account get-access-token --resource ${destination.cloud.audience} --query tenant   # must be the tenant of the rule`
}

function elsewhere(evidence: string, { endpoint }: Destination): Finding {
  return fail(
    'AZL3018',
    `${evidence}: this is not the service’s own answer`,
    `curl -sv ${endpoint.origin}   # and look at who answers: a proxy, a gateway, or another service under this name`,
  )
}

/** What the service said, in the form that it says everything in. */
function wordsOf(answer: HttpAnswer): {
  readonly isService: boolean
  readonly code: string | undefined
  readonly message: string | undefined
} {
  const header = answer.headers['x-ms-error-code']
  let error: unknown
  try {
    error = at(JSON.parse(answer.body), 'error')
  } catch {
    error = undefined
  }
  return {
    isService: error !== undefined || header !== undefined,
    code: text(at(error, 'code')) ?? text(header),
    message: text(at(error, 'message')),
  }
}
