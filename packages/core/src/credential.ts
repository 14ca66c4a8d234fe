import { pathToFileURL } from 'node:url'

import type { AccessToken, TokenCredential } from '@azure/core-auth'
import type * as Identity from '@azure/identity'

import { AzlogsError } from './errors.ts'

/**
 * Who the process is for Azure: an object with `getToken`, or plain data that survives the way into a worker
 * thread. Secrets are named by environment variable and never carried by value.
 */
export type CredentialOption = TokenCredential | CredentialDescription

/** A credential as plain data. Everything but `module` needs the package `@azure/identity`. */
export type CredentialDescription =
  /** `DefaultAzureCredential`: convenient; name the exact kind in production. */
  | 'default'
  | {
      readonly kind: 'managed-identity'
      /** Of a user-assigned identity. @default AZURE_CLIENT_ID, else the system-assigned identity */
      readonly clientId?: string
    }
  | {
      readonly kind: 'workload-identity'
      /** @default AZURE_TENANT_ID */
      readonly tenantId?: string
      /** @default AZURE_CLIENT_ID */
      readonly clientId?: string
      /** @default AZURE_FEDERATED_TOKEN_FILE */
      readonly tokenFilePath?: string
      /** Where tokens are asked for. @default AZURE_AUTHORITY_HOST, else that of the endpoint's cloud */
      readonly authorityHost?: string
      /** For authorities that are not Microsoft's, such as the emulator's. @default false */
      readonly disableInstanceDiscovery?: boolean
    }
  | {
      readonly kind: 'client-secret'
      readonly tenantId: string
      readonly clientId: string
      /** **Name** of the environment variable that holds the secret. */
      readonly clientSecretEnv: string
      /** Where tokens are asked for. @default AZURE_AUTHORITY_HOST, else that of the endpoint's cloud */
      readonly authorityHost?: string
      /** For authorities that are not Microsoft's, such as the emulator's. @default false */
      readonly disableInstanceDiscovery?: boolean
    }
  | { readonly kind: 'azure-cli'; readonly tenantId?: string }
  | {
      readonly kind: 'environment'
      /** For authorities that are not Microsoft's, such as the emulator's. @default false */
      readonly disableInstanceDiscovery?: boolean
    }
  | {
      /** A module of your own that exports a credential, or a function that makes one. */
      readonly kind: 'module'
      /** An absolute path, a `file:` URL, or a package name. */
      readonly path: string
      /** @default 'default' */
      readonly exportName?: string
    }

const KINDS = ['managed-identity', 'workload-identity', 'client-secret', 'azure-cli', 'environment', 'module']

/** What is wrong with a credential option, one sentence each; empty when nothing is. */
export function credentialProblems(option: unknown, env: NodeJS.ProcessEnv): readonly string[] {
  if (option === undefined || option === 'default' || isTokenCredential(option)) return []
  if (typeof option === 'string') {
    return [
      `credential is "${option}"; as a string only 'default' is known. Kinds: { kind: '${KINDS.join("' | '")}' }.`,
    ]
  }
  if (typeof option !== 'object' || option === null) {
    return [
      `credential is ${option === null ? 'null' : typeof option}; give a TokenCredential, 'default' or { kind: … }.`,
    ]
  }
  const kind: unknown = Reflect.get(option, 'kind')
  if (kind === undefined) {
    return [
      'credential is an object without getToken. If it was a credential object of @azure/identity, it lost its methods on ' +
        "the way into a worker thread: give plain data instead, such as { kind: 'managed-identity' }, or hand the object " +
        'over in the main thread.',
    ]
  }
  if (typeof kind !== 'string' || !KINDS.includes(kind)) {
    return [`credential.kind is ${JSON.stringify(kind)}; known kinds: ${KINDS.join(', ')}.`]
  }
  return requiredProblems(kind, option, env)
}

function requiredProblems(kind: string, option: object, env: NodeJS.ProcessEnv): readonly string[] {
  const required: Partial<Record<string, readonly string[]>> = {
    'client-secret': ['tenantId', 'clientId', 'clientSecretEnv'],
    module: ['path'],
  }
  const problems = (required[kind] ?? [])
    .filter((name) => {
      const value: unknown = Reflect.get(option, name)
      return typeof value !== 'string' || value === ''
    })
    .map((name) => `credential.${name} is missing; { kind: '${kind}' } needs it.`)
  if (Reflect.has(option, 'clientSecret')) {
    problems.push(
      'credential.clientSecret carries a secret by value; put it into an environment variable and name that in clientSecretEnv.',
    )
  }
  const secretName: unknown = Reflect.get(option, 'clientSecretEnv')
  if (kind === 'client-secret' && typeof secretName === 'string' && secretName !== '' && !env[secretName]) {
    problems.push(`credential.clientSecretEnv names ${secretName}, and that environment variable is not set.`)
  }
  return problems
}

/** True for anything with a `getToken` method. */
function isTokenCredential(value: unknown): value is TokenCredential {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'getToken') === 'function'
}

/** Who tries again when Microsoft Entra gives no answer. */
export type RetryPolicy = 'identity' | 'caller'

/**
 * A credential for the option. What it needs is imported when the first token is asked for, so that making one is
 * cheap and cannot fail. `authorityHost` is the endpoint's cloud's, for credentials that name no other. Who asks again by himself says so
 * with `retries`: left alone, @azure/identity tries four times in 5 s or more, during which no process can end.
 */
export function createCredential(
  option: CredentialOption,
  env: NodeJS.ProcessEnv,
  authorityHost: string | undefined,
  retries: RetryPolicy = 'identity',
): TokenCredential {
  if (isTokenCredential(option)) return option
  let loading: Promise<TokenCredential> | undefined
  return {
    async getToken(scopes, options): Promise<AccessToken | null> {
      loading ??= load(option, env, authorityHost, retries)
      const credential = await loading.catch((error: unknown) => {
        loading = undefined
        throw error
      })
      return credential.getToken(scopes, options)
    },
  }
}

async function load(
  option: CredentialDescription,
  env: NodeJS.ProcessEnv,
  authorityHost: string | undefined,
  retries: RetryPolicy,
): Promise<TokenCredential> {
  if (typeof option === 'object' && option.kind === 'module')
    return fromModule(option.path, option.exportName)
  const identity = await importIdentity()
  const authority =
    authorityHost === undefined || env['AZURE_AUTHORITY_HOST'] !== undefined ? {} : { authorityHost }
  const entra = retries === 'caller' ? { ...authority, retryOptions: { maxRetries: 0 } } : authority
  // The endpoint of a managed identity may need its own attempts: it answers late, or not yet, where a machine has just started.
  if (option === 'default') return new identity.DefaultAzureCredential(isComplete(env) ? entra : authority)
  switch (option.kind) {
    case 'managed-identity': {
      const clientId = option.clientId ?? env['AZURE_CLIENT_ID']
      return clientId === undefined
        ? new identity.ManagedIdentityCredential()
        : new identity.ManagedIdentityCredential({ clientId })
    }
    case 'workload-identity': {
      const { kind: _kind, ...rest } = option
      return new identity.WorkloadIdentityCredential({ ...entra, ...rest })
    }
    case 'client-secret': {
      const { kind: _kind, tenantId, clientId, clientSecretEnv, ...rest } = option
      return new identity.ClientSecretCredential(tenantId, clientId, env[clientSecretEnv] ?? '', {
        ...entra,
        ...rest,
      })
    }
    case 'azure-cli':
      return new identity.AzureCliCredential(
        option.tenantId === undefined ? {} : { tenantId: option.tenantId },
      )
    case 'environment':
      return new identity.EnvironmentCredential({
        ...entra,
        disableInstanceDiscovery: option.disableInstanceDiscovery ?? false,
      })
    default:
      throw new AzlogsError(
        'AZLOGS_CREDENTIAL',
        `Unknown credential ${JSON.stringify(option satisfies never)}.`,
      )
  }
}

/** True when the environment names an application with its secret or certificate: DefaultAzureCredential asks for no other then. */
function isComplete(env: NodeJS.ProcessEnv): boolean {
  const secret = env['AZURE_CLIENT_SECRET'] ?? env['AZURE_CLIENT_CERTIFICATE_PATH']
  return [env['AZURE_TENANT_ID'], env['AZURE_CLIENT_ID'], secret].every(Boolean)
}

async function importIdentity(): Promise<typeof Identity> {
  try {
    return await import('@azure/identity')
  } catch (error) {
    throw new AzlogsError(
      'AZLOGS_IDENTITY_MISSING',
      'A credential by name needs the package @azure/identity, which could not be loaded. Install it with ' +
        '«npm install @azure/identity», or give a TokenCredential object of your own.',
      { cause: error },
    )
  }
}

async function fromModule(path: string, exportName = 'default'): Promise<TokenCredential> {
  const specifier = path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path) ? pathToFileURL(path).href : path
  const exported: unknown = Reflect.get((await import(specifier)) as object, exportName)
  const credential: unknown = typeof exported === 'function' ? await exported() : exported
  if (isTokenCredential(credential)) return credential
  throw new AzlogsError(
    'AZLOGS_CREDENTIAL',
    `The export "${exportName}" of ${path} is neither a credential (an object with getToken) nor a function that makes one.`,
  )
}
