import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'

interface TokenRequestClaims {
  readonly audience: string
  /** @default {@link DEFAULT_TENANT_ID} */
  readonly tenantId?: string
  /** @default {@link DEFAULT_CLIENT_ID} */
  readonly clientId?: string
}

/** Sent as `tid` and `appid` where a request names none, as with a system-assigned managed identity. */
const DEFAULT_TENANT_ID = '11111111-1111-1111-1111-111111111111'
export const DEFAULT_CLIENT_ID: string = '22222222-2222-2222-2222-222222222222'

interface IssuedToken {
  readonly token: string
  readonly expiresAtSeconds: number
}

interface TokenProblem {
  readonly code: string
  readonly message: string
}

export interface TokenAuthority {
  issue(claims: TokenRequestClaims): IssuedToken
  /**
   * Why the service would refuse this Authorization header; undefined when it would not.
   * @param audiences those of the Logs Ingestion API by default.
   */
  refuse(authorization: string | undefined, audiences?: ReadonlySet<string>): TokenProblem | undefined
  /** From now on the token in this Authorization header has expired. */
  expire(authorization: string | undefined): void
  /** Takes every {@link expire} back. */
  clear(): void
}

export interface TokenAuthorityOptions {
  readonly lifetimeSeconds: number
  /** `issued`: only this instance's tokens. `shape`: any JWT with a right audience that has not expired. */
  readonly auth: 'issued' | 'shape'
}

/**
 * One audience for each cloud (azure-monitor-docs, logs-ingestion-api-overview.md). Both spellings are in production
 * use: SDKs that ask for the scope with a double slash get tokens whose audience ends in a slash.
 */
const AUDIENCES: ReadonlySet<string> = new Set(
  ['https://monitor.azure.com', 'https://monitor.azure.us', 'https://monitor.azure.cn'].flatMap(
    (audience) => [audience, `${audience}/`],
  ),
)

/** Issues and checks JWTs that are signed with a key of this instance. */
export function createTokenAuthority(options: TokenAuthorityOptions): TokenAuthority {
  const key = randomBytes(32)
  const objectId = randomUUID()
  const expired = new Set<string>()
  const sign = (content: string): Buffer => createHmac('sha256', key).update(content).digest()

  const isIssuedHere = (token: string): boolean => {
    const end = token.lastIndexOf('.')
    const expected = sign(token.slice(0, end))
    const actual = Buffer.from(token.slice(end + 1), 'base64url')
    return actual.length === expected.length && timingSafeEqual(actual, expected)
  }

  return {
    issue({ audience, tenantId = DEFAULT_TENANT_ID, clientId = DEFAULT_CLIENT_ID }) {
      const nowSeconds = Math.floor(Date.now() / 1000)
      const expiresAtSeconds = nowSeconds + options.lifetimeSeconds
      const content = [
        { typ: 'JWT', alg: 'HS256' },
        {
          aud: audience,
          iss: `https://sts.windows.net/${tenantId}/`,
          iat: nowSeconds,
          nbf: nowSeconds,
          exp: expiresAtSeconds,
          appid: clientId,
          oid: objectId,
          sub: objectId,
          tid: tenantId,
          uti: randomUUID(),
          ver: '1.0',
        },
      ]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.')
      return { token: `${content}.${sign(content).toString('base64url')}`, expiresAtSeconds }
    },

    refuse(authorization, audiences = AUDIENCES) {
      if (authorization === undefined) return problems.missing
      const token = tokenIn(authorization)
      const claims = token === undefined ? undefined : readClaims(token)
      if (token === undefined || claims === undefined) return problems.malformed
      if (options.auth === 'issued' && !isIssuedHere(token)) return problems.foreign
      if (typeof claims['aud'] !== 'string' || !audiences.has(claims['aud']))
        return problems.audience(claims['aud'], audiences)
      if (typeof claims['exp'] !== 'number') return problems.malformed
      if (claims['exp'] * 1000 <= Date.now()) return problems.expired(claims['exp'])
      return expired.has(token) ? problems.expired(Math.floor(Date.now() / 1000)) : undefined
    },

    expire(authorization) {
      const token = tokenIn(authorization)
      if (token === undefined) return
      expired.add(token)
      const [oldest] = expired
      if (expired.size > MAX_EXPIRED && oldest !== undefined) expired.delete(oldest)
    },
    clear: () => expired.clear(),
  }
}

/** How many tokens are remembered to have expired. */
const MAX_EXPIRED = 1000

function tokenIn(authorization: string | undefined): string | undefined {
  return /^Bearer +([^ ]+)$/i.exec(authorization ?? '')?.[1]
}

// The status and the code InvalidAudience are reported (azure-docs PR 103840, #111940). The body of a 401 is recorded
// nowhere: the other codes are Azure Resource Manager's for the same cases, and all texts are assumed.
export const problems = {
  missing: {
    code: 'AuthenticationFailed',
    message: 'Authentication failed. The Authorization header is missing.',
  },
  malformed: { code: 'InvalidAuthenticationToken', message: 'The access token is invalid.' },
  foreign: {
    code: 'InvalidAuthenticationToken',
    message: 'The access token was not issued by this emulator, which runs with auth: "issued".',
  },
  audience: (audience: unknown, expected: ReadonlySet<string>): TokenProblem => ({
    code: 'InvalidAudience',
    message: `The access token has been obtained for the wrong audience ${JSON.stringify(audience)}. Expected one of ${[...expected].join(', ')}.`,
  }),
  expired: (expiresAtSeconds: number): TokenProblem => ({
    code: 'ExpiredAuthenticationToken',
    message: `The access token expired at ${describeSeconds(expiresAtSeconds)}.`,
  }),
}

function describeSeconds(epochSeconds: number): string {
  const date = new Date(epochSeconds * 1000)
  return Number.isNaN(date.getTime()) ? String(epochSeconds) : date.toISOString()
}

/** The claims of something shaped like a JWT: three parts, the first two of them JSON objects. */
function readClaims(token: string): Readonly<Record<string, unknown>> | undefined {
  const parts = token.split('.')
  if (parts.length !== 3 || parts.some((part) => !/^[A-Za-z0-9_-]+$/.test(part))) return undefined
  const [header, claims] = parts.slice(0, 2).map(decodeObject)
  return header === undefined ? undefined : claims
}

function decodeObject(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}
