/** What a token says of itself. It is read here, never checked, and never shown whole. */
export interface TokenClaims {
  readonly audience: string | undefined
  readonly tenantId: string | undefined
  /** The object id of the identity: what a role assignment names. */
  readonly objectId: string | undefined
  readonly applicationId: string | undefined
  /** A user's name, for tokens of users. */
  readonly user: string | undefined
  /** `app` for applications and managed identities, `user` for people. */
  readonly kind: string | undefined
  readonly expiresAtSeconds: number | undefined
}

/** Reads the claims of a JSON Web Token; undefined when it is none. */
export function readClaims(token: string): TokenClaims | undefined {
  const [, payload] = token.split('.')
  if (payload === undefined) return undefined
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    if (typeof claims !== 'object' || claims === null) return undefined
    const text = (...names: readonly string[]): string | undefined =>
      names.map((name): unknown => Reflect.get(claims, name)).find((value) => typeof value === 'string')
    const exp: unknown = Reflect.get(claims, 'exp')
    return {
      audience: text('aud'),
      tenantId: text('tid'),
      objectId: text('oid'),
      applicationId: text('appid', 'azp'),
      user: text('upn', 'unique_name', 'preferred_username'),
      kind: text('idtyp'),
      expiresAtSeconds: typeof exp === 'number' ? exp : undefined,
    }
  } catch {
    return undefined
  }
}
