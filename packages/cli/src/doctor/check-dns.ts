import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'

import { fail, ok, warn } from './check.ts'
import type { Finding } from './check.ts'
import type { Proxy } from './proxy.ts'

/** Does the name resolve, and to what kind of address? With a proxy it is the proxy's name that matters. */
export async function checkDns(endpoint: URL, proxy: Proxy | undefined): Promise<Finding> {
  const url = proxy?.url ?? endpoint
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const via = proxy === undefined ? '' : `proxy of ${proxy.variable}: `
  if (isIP(host) !== 0) return ok(`${via}${host} is an address (${kindOf(host)})`)
  try {
    const { address } = await lookup(host)
    const kind = kindOf(address)
    const evidence = `${via}${host} → ${address} (${kind})`
    if (proxy === undefined && kind === 'private' && /\.ingest\.monitor\.azure\./.test(host)) {
      return warn(
        'AZL3002',
        `${evidence}: a private link is in play, which the endpoint of a DCR cannot use`,
        'Use the logs ingestion endpoint of a data collection endpoint (DCE) that is in the private link scope, and name it in the DCR’s dataCollectionEndpointId.',
      )
    }
    return ok(evidence)
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return fail('AZL3002', `${via}${host}: ${code}`, remedyFor(code, host, proxy))
  }
}

function remedyFor(code: string, host: string, proxy: Proxy | undefined): string {
  if (proxy !== undefined) return `unset ${proxy.variable}   # or give it the right name`
  if (code === 'EAI_AGAIN') {
    return 'This machine reaches no name server: check its network and /etc/resolv.conf, or set HTTPS_PROXY if it has to go through a proxy.'
  }
  return `nslookup ${host}   # a typing error in the endpoint, or the DCR or DCE that owns this name was deleted`
}

function kindOf(address: string): 'this machine' | 'private' | 'public' {
  if (/^(127\.|::1$)/.test(address)) return 'this machine'
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|f[cd]|fe80)/i.test(address)
    ? 'private'
    : 'public'
}
