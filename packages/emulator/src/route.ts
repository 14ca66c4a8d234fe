/** What a path asks for. */
export type Route =
  | { readonly kind: 'ingestion'; readonly ruleId: string; readonly stream: string }
  | { readonly kind: 'managedIdentity' }
  | { readonly kind: 'clientCredentials'; readonly tenantId: string }
  | { readonly kind: 'discovery'; readonly tenantId: string }
  /** The query API of Log Analytics; any workspace and resource is the one that there is. */
  | { readonly kind: 'query'; readonly batch: boolean }
  | { readonly kind: 'sql' }
  /** The page: `file` for what it is made of, '' for itself; `call` for what it asks for. */
  | { readonly kind: 'viewerFile'; readonly file: string }
  | { readonly kind: 'viewerCall'; readonly call: string }
  | { readonly kind: 'unknown' }

const UNKNOWN: Route = { kind: 'unknown' }

/** Reads the path of a URL; clients percent-encode what the segments hold. */
export function routeOf(pathname: string): Route {
  let segments: readonly string[]
  try {
    segments = pathname.split('/').slice(1).map(decodeURIComponent)
  } catch {
    return UNKNOWN
  }
  const [first = '', second = '', third, fourth = ''] = segments
  const path = segments.join('/')
  if (segments.length === 4 && first === 'dataCollectionRules' && third === 'streams') {
    return { kind: 'ingestion', ruleId: second, stream: fourth }
  }
  if (path === 'sql') return { kind: 'sql' }
  if (path === 'v1/$batch') return { kind: 'query', batch: true }
  if (first === 'v1' && segments.length >= 4 && segments.at(-1) === 'query')
    return { kind: 'query', batch: false }
  if (path === '') return { kind: 'viewerFile', file: 'index.html' }
  if (path === `viewer/api/${third}`) return { kind: 'viewerCall', call: third ?? '' }
  if (path === `viewer/${second}`) return { kind: 'viewerFile', file: second }
  if (path === 'msi/token') return { kind: 'managedIdentity' }
  if (path === `${first}/oauth2/v2.0/token`) return { kind: 'clientCredentials', tenantId: first }
  if (path === `${first}/v2.0/.well-known/openid-configuration`) return { kind: 'discovery', tenantId: first }
  return UNKNOWN
}
