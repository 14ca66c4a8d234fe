import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import type { CredentialDescription } from '../src/index.ts'

const TENANT = '11111111-2222-3333-4444-555555555555'
const CLIENT = '66666666-7777-8888-9999-aaaaaaaaaaaa'

let emulator: Emulator
let directory: string

beforeAll(async () => {
  emulator = await startEmulator()
  directory = await mkdtemp(join(tmpdir(), 'azlogs-credentials-'))
})
afterAll(async () => {
  await emulator.close()
  await rm(directory, { recursive: true, force: true })
})
beforeEach(() => emulator.clear())

/** Ships one row from a process of its own, as the credential libraries read their environment once. */
async function ship(credential: CredentialDescription, env: Record<string, string> = {}): Promise<string> {
  const fixture = fileURLToPath(new URL('fixtures/ship-one.ts', import.meta.url))
  const { AZURE_DCE_ENDPOINT, AZURE_DCR_RULE_ID, AZURE_DCR_STREAM_NAME } = emulator.env
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=dev', fixture], {
    env: {
      PATH: process.env['PATH'],
      AZURE_DCE_ENDPOINT,
      AZURE_DCR_RULE_ID,
      AZURE_DCR_STREAM_NAME,
      NODE_EXTRA_CA_CERTS: emulator.caFile,
      CREDENTIAL: JSON.stringify(credential),
      ...env,
    },
  })
  return stdout
}

function managedIdentity(): Record<string, string> {
  const { IDENTITY_ENDPOINT = '', IDENTITY_HEADER = '' } = emulator.env
  return { IDENTITY_ENDPOINT, IDENTITY_HEADER }
}

function expectStored(stdout: string): void {
  expect(stdout).toBe('delivered 1\n')
  expect(emulator.rows()).toHaveLength(1)
}

test('managed identity, of the system and of a user', async () => {
  expectStored(await ship({ kind: 'managed-identity' }, managedIdentity()))
  emulator.clear()
  expectStored(await ship({ kind: 'managed-identity', clientId: CLIENT }, managedIdentity()))
  expect(JSON.stringify(emulator.tokenRequests())).toContain(CLIENT)
})

test('default finds the managed identity', async () => {
  expectStored(await ship('default', managedIdentity()))
})

test('a client secret, read from the environment variable that is named', async () => {
  const credential: CredentialDescription = {
    kind: 'client-secret',
    tenantId: TENANT,
    clientId: CLIENT,
    clientSecretEnv: 'MY_SECRET',
    authorityHost: emulator.httpsUrl,
    disableInstanceDiscovery: true,
  }
  expectStored(await ship(credential, { MY_SECRET: 'not-so-secret' }))
  expect(emulator.tokenRequests()).toHaveLength(1)
})

test('workload identity, with the token file that Kubernetes projects', async () => {
  const tokenFilePath = join(directory, 'federated-token')
  await writeFile(tokenFilePath, 'header.payload.signature')
  expectStored(
    await ship(
      { kind: 'workload-identity', authorityHost: emulator.httpsUrl, disableInstanceDiscovery: true },
      { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT, AZURE_FEDERATED_TOKEN_FILE: tokenFilePath },
    ),
  )
})

test('the environment’s own credential', async () => {
  expectStored(
    await ship(
      { kind: 'environment', disableInstanceDiscovery: true },
      {
        AZURE_TENANT_ID: TENANT,
        AZURE_CLIENT_ID: CLIENT,
        AZURE_CLIENT_SECRET: 'not-so-secret',
        AZURE_AUTHORITY_HOST: emulator.httpsUrl,
      },
    ),
  )
})

test('the Azure CLI’s login', async () => {
  const { token, expiresOnTimestamp } = await emulator.credential.getToken(
    'https://monitor.azure.com/.default',
  )
  const answer = {
    accessToken: token,
    expiresOn: '2099-01-01 00:00:00.000000',
    expires_on: Math.floor(expiresOnTimestamp / 1000),
    tokenType: 'Bearer',
  }
  // The credential runs the real command `az`; this one answers as the real one does.
  const asked = join(directory, 'az-asked')
  await writeFile(
    join(directory, 'az'),
    `#!/bin/sh\necho "$@" >>'${asked}'\ncat <<'TOKEN'\n${JSON.stringify(answer)}\nTOKEN\n`,
  )
  await chmod(join(directory, 'az'), 0o755)
  const env = { PATH: `${directory}${delimiter}${process.env['PATH'] ?? ''}` }
  expectStored(await ship({ kind: 'azure-cli' }, env))
  expect(await readFile(asked, 'utf8')).not.toContain('--tenant')
  emulator.clear()
  expectStored(await ship({ kind: 'azure-cli', tenantId: TENANT }, env))
  expect(await readFile(asked, 'utf8')).toContain(`--tenant ${TENANT}`)
})

/** Writes a module that exports a function which makes a credential. */
async function ownCredential(): Promise<string> {
  const path = join(directory, 'credential.mjs')
  const { token } = await emulator.credential.getToken('https://monitor.azure.com/.default')
  const answer = `{ token: ${JSON.stringify(token)}, expiresOnTimestamp: Date.now() + 3600000 }`
  await writeFile(path, `export const make = () => ({ getToken: async () => (${answer}) })\n`)
  return path
}

test('a module of the user’s own', async () => {
  expectStored(await ship({ kind: 'module', path: await ownCredential(), exportName: 'make' }))
})

test('the proxy of the environment is not asked for addresses of this machine', async () => {
  const deadProxy = { HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9' }
  expectStored(await ship({ kind: 'module', path: await ownCredential(), exportName: 'make' }, deadProxy))
})

test('a credential that cannot get a token says why, and keeps the records', async () => {
  const stdout = await ship(
    { kind: 'module', path: join(directory, 'missing.mjs') },
    { FLUSH_MS: '500' },
  ).catch((error: Error) => error.message)
  expect(stdout).toContain('The credential gave no token')
  expect(stdout).toContain('missing.mjs')
  expect(stdout).toContain('delivered 0')
})

test('tokens are asked for at the authority of the endpoint’s cloud, unless the environment names another', async () => {
  const script = `
    import { createCredential } from '${new URL('../src/credential.ts', import.meta.url).href}'
    const option = {
      kind: 'workload-identity', tenantId: '${TENANT}', clientId: '${CLIENT}',
      tokenFilePath: process.env.TOKEN_FILE, disableInstanceDiscovery: true,
    }
    const { token } = await createCredential(option, process.env, process.env.CLOUD).getToken('https://monitor.azure.com/.default')
    console.log(token === '' ? 'none' : 'token')`
  const tokenFile = join(directory, 'federated-token')
  await writeFile(tokenFile, 'header.payload.signature')
  async function ask(env: Record<string, string>): Promise<string> {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=dev', '--input-type=module', '--eval', script],
      { env: { NODE_EXTRA_CA_CERTS: emulator.caFile, TOKEN_FILE: tokenFile, ...env } },
    )
    return stdout
  }
  expect(await ask({ CLOUD: emulator.httpsUrl })).toBe('token\n')
  expect(emulator.tokenRequests()).toHaveLength(1)
  expect(await ask({ CLOUD: 'https://127.0.0.1:9', AZURE_AUTHORITY_HOST: emulator.httpsUrl })).toBe('token\n')
  expect(emulator.tokenRequests()).toHaveLength(2)
})
