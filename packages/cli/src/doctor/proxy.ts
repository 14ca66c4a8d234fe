import { isLoopback } from '@azlogs/core/internal'

/** The proxy that requests go through, and which variable says so. */
export interface Proxy {
  readonly url: URL
  readonly variable: string
}

/** Variables in the order in which the HTTP pipeline reads them, for an https address. */
const VARIABLES = ['HTTPS_PROXY', 'ALL_PROXY', 'HTTP_PROXY']

/**
 * The proxy that the transports use for an address: that of the environment, unless the host is of this machine or in
 * `NO_PROXY`. Undefined also where the variable holds no URL: then the transports fail, and so does the connection check.
 */
export function proxyFor(target: URL, env: NodeJS.ProcessEnv): Proxy | undefined {
  if (isLoopback(target) || isExempt(target.hostname, valueOf('NO_PROXY', env) ?? '')) return undefined
  for (const variable of VARIABLES) {
    const value = valueOf(variable, env)
    if (value === undefined) continue
    const url = URL.parse(value) ?? URL.parse(`http://${value}`)
    return url === null ? undefined : { url, variable }
  }
  return undefined
}

function valueOf(variable: string, env: NodeJS.ProcessEnv): string | undefined {
  const value = env[variable] ?? env[variable.toLowerCase()]
  return value === '' ? undefined : value
}

function isExempt(host: string, noProxy: string): boolean {
  return noProxy
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .some((entry) =>
      entry.startsWith('.') ? host.endsWith(entry) || host === entry.slice(1) : host === entry,
    )
}
