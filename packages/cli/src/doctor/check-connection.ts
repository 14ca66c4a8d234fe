import { fail, ok, warn } from './check.ts'
import type { Finding } from './check.ts'
import { dial } from './dial.ts'
import type { DialFailure } from './dial.ts'
import type { Proxy } from './proxy.ts'

/** Who issues the certificates of Azure's endpoints. */
const AZURE_ISSUERS = /Microsoft|DigiCert/i

/** Codes that say that the chain of certificates does not end where Node.js trusts. */
const UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
])

/** TCP, the proxy's tunnel and TLS, in this order. */
export async function checkConnection(
  endpoint: URL,
  proxy: Proxy | undefined,
  timeoutMs: number,
): Promise<Finding> {
  const dialled = await dial(endpoint, proxy, timeoutMs)
  const via = proxy === undefined ? '' : ` through ${proxy.url.host} (${proxy.variable})`
  if (!dialled.ok) return explain(dialled.failure, endpoint, proxy)
  const { socket, tls } = dialled.connection
  socket.destroy()
  if (tls === undefined) return ok(`http${via}, on this machine`)
  const evidence = `${tls.version}${via}, certificate issued by ${tls.issuer}`
  if (/\.azure\.(com|us|cn)$/.test(endpoint.hostname) && !AZURE_ISSUERS.test(tls.issuer)) {
    return warn(
      'AZL3004',
      `${evidence}: not Microsoft, so something on the way opens the connection; this machine trusts it`,
      'If that is not wanted, have *.ingest.monitor.azure.com exempted from TLS inspection.',
    )
  }
  return ok(evidence)
}

/** What a failed connection means, and what to do. */
export function explain(failure: DialFailure, endpoint: URL, proxy: Proxy | undefined): Finding {
  const { at, code, message, issuer } = failure
  const said = code.startsWith('HTTP') || message.includes(code) ? message : `${code}: ${message}`
  if (at === 'proxy' && proxy !== undefined) {
    return fail(
      'AZL3005',
      `${proxy.url.host} (${proxy.variable}): ${said}`,
      proxyRemedy(code, endpoint, proxy),
    )
  }
  if (at === 'tls') {
    if (UNTRUSTED.has(code)) {
      return fail(
        'AZL3004',
        `the certificate is issued by «${issuer ?? 'unknown'}», which Node.js does not trust (${code}): something on the way opens the connection, or this is a test server`,
        'export NODE_EXTRA_CA_CERTS=/path/to/the-authority.pem   # its certificate in PEM; ask your network team',
      )
    }
    if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
      return fail('AZL3004', `${said}, by this clock: ${new Date().toISOString()}`, 'Compare with: date -u')
    }
    return fail(
      'AZL3004',
      `TLS: ${said}`,
      `openssl s_client -connect ${endpoint.host}:${endpoint.port || 443}`,
    )
  }
  const remedy =
    code === 'ECONNREFUSED'
      ? `Nothing listens at ${endpoint.host}: check host and port of the endpoint; for the emulator, start it with: azlogs dev`
      : 'Let this machine reach *.ingest.monitor.azure.com on port 443 (service tag AzureMonitor), or set HTTPS_PROXY.'
  return fail('AZL3003', `${endpoint.host}: ${said}`, remedy)
}

function proxyRemedy(code: string, endpoint: URL, proxy: Proxy): string {
  if (code === 'HTTP 407') return `export ${proxy.variable}=http://USER:PASSWORD@${proxy.url.host}`
  if (code.startsWith('HTTP')) {
    return `Have the proxy allow CONNECT to ${endpoint.hostname}:443, or go around it: export NO_PROXY=${endpoint.hostname}`
  }
  return `unset ${proxy.variable}   # or start the proxy at ${proxy.url.host}`
}
