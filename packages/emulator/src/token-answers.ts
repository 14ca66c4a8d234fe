import { jsonAnswer } from './answer.ts'
import type { Answer } from './answer.ts'
import type { ServedRequest } from './server.ts'
import { DEFAULT_CLIENT_ID } from './token.ts'
import type { TokenAuthority } from './token.ts'

/** The App Service shape: any value works, it only has to be the one in IDENTITY_HEADER. */
export const IDENTITY_HEADER: string = 'azlogs-emulator'

/** `GET /msi/token`: managed identity as on App Service (learn.microsoft.com/azure/app-service/overview-managed-identity). */
export function answerManagedIdentity(
  { method, url, headers }: Pick<ServedRequest, 'method' | 'url' | 'headers'>,
  authority: TokenAuthority,
): Answer {
  if (method !== 'GET') return identityRefusal(405, 'the managed identity endpoint answers GET only')
  if (headers['x-identity-header'] !== IDENTITY_HEADER) {
    return identityRefusal(401, 'the header X-IDENTITY-HEADER does not hold the value of IDENTITY_HEADER')
  }
  if (url.searchParams.get('api-version') !== '2019-08-01') {
    return identityRefusal(400, 'the api-version must be 2019-08-01')
  }
  const resource = url.searchParams.get('resource')
  if (resource === null || resource === '') return identityRefusal(400, 'the query names no resource')
  const clientId = url.searchParams.get('client_id') ?? DEFAULT_CLIENT_ID
  const issued = authority.issue({ audience: resource, clientId })
  return jsonAnswer(200, {
    access_token: issued.token,
    expires_on: String(issued.expiresAtSeconds),
    resource,
    token_type: 'Bearer',
    client_id: clientId,
  })
}

/** `POST /{tenant}/oauth2/v2.0/token`: client credentials with a secret or an assertion, neither of which is compared. */
export function answerClientCredentials(
  method: string,
  tenantId: string,
  form: URLSearchParams,
  authority: TokenAuthority,
): Answer {
  if (method !== 'POST')
    return oauthRefusal(405, 'invalid_request', 900561, 'The endpoint only accepts POST requests.')
  if (form.get('grant_type') !== 'client_credentials') {
    return oauthRefusal(400, 'unsupported_grant_type', 70003, 'The grant type must be client_credentials.')
  }
  const clientId = form.get('client_id') ?? ''
  if (clientId === '')
    return oauthRefusal(400, 'invalid_request', 900144, "The request must contain 'client_id'.")
  const scope = (form.get('scope') ?? '').split(' ').find((candidate) => candidate.endsWith('/.default'))
  if (scope === undefined) {
    return oauthRefusal(400, 'invalid_scope', 1002012, 'The scope must be a resource followed by /.default.')
  }
  if ((form.get('client_secret') ?? '') === '' && (form.get('client_assertion') ?? '') === '') {
    return oauthRefusal(
      401,
      'invalid_client',
      7000218,
      "The request body must contain 'client_assertion' or 'client_secret'.",
    )
  }
  const audience = scope.slice(0, -'/.default'.length)
  const issued = authority.issue({ audience, tenantId, clientId })
  const lifetimeSeconds = issued.expiresAtSeconds - Math.floor(Date.now() / 1000)
  return jsonAnswer(200, {
    token_type: 'Bearer',
    expires_in: lifetimeSeconds,
    ext_expires_in: lifetimeSeconds,
    access_token: issued.token,
  })
}

/** The OpenID discovery document, which MSAL asks for first when `disableInstanceDiscovery` is set. */
export function answerDiscovery(origin: string, tenantId: string): Answer {
  const base = `${origin}/${encodeURIComponent(tenantId)}`
  return jsonAnswer(200, {
    issuer: `${base}/v2.0`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_types_supported: ['code'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
  })
}

function identityRefusal(statusCode: number, message: string): Answer {
  return jsonAnswer(statusCode, { statusCode, message })
}

function oauthRefusal(status: number, error: string, code: number, description: string): Answer {
  return jsonAnswer(status, {
    error,
    error_description: `AADSTS${code}: ${description}`,
    error_codes: [code],
  })
}
