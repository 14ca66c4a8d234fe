import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

import { createCredential, credentialProblems } from '../src/credential.ts'
import type { CredentialOption } from '../src/credential.ts'

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azlogs-credential-'))
})
afterAll(() => rm(directory, { recursive: true }))

let modules = 0

async function moduleOf(source: string): Promise<string> {
  const path = join(directory, `credential-${(modules += 1)}.mjs`)
  await writeFile(path, source)
  return path
}

function tokenOf(option: CredentialOption): Promise<unknown> {
  return createCredential(option, {}, undefined).getToken('scope')
}

test.each<[unknown]>([
  [undefined],
  ['default'],
  [{ getToken: () => null }],
  [{ kind: 'managed-identity' }],
  [{ kind: 'managed-identity', clientId: 'x' }],
  [{ kind: 'workload-identity' }],
  [{ kind: 'azure-cli' }],
  [{ kind: 'environment' }],
  [{ kind: 'module', path: './credential.js' }],
  [{ kind: 'client-secret', tenantId: 't', clientId: 'c', clientSecretEnv: 'SECRET' }],
])('%j is a credential', (option) => {
  expect(credentialProblems(option, { SECRET: 'x' })).toEqual([])
})

test.each<[unknown, readonly string[]]>([
  ['managed-identity', ["as a string only 'default' is known"]],
  [5, ['is number']],
  [null, ['is null']],
  [{}, ['lost its methods on the way into a worker thread']],
  [{ kind: 'certificate' }, ['known kinds: managed-identity, ']],
  [{ kind: 'module' }, ['credential.path is missing']],
  [{ kind: 'client-secret' }, ['credential.tenantId', 'credential.clientId', 'credential.clientSecretEnv']],
  [{ kind: 'client-secret', tenantId: 't', clientId: 'c', clientSecretEnv: 'UNSET' }, ['names UNSET']],
  [
    {
      kind: 'client-secret',
      tenantId: 't',
      clientId: 'c',
      clientSecretEnv: 'SECRET',
      clientSecret: 'canary',
    },
    ['carries a secret by value'],
  ],
])('%j is no credential, and the problems say why', (option, said) => {
  const problems = credentialProblems(option, { SECRET: 'canary' })
  expect(problems).toEqual(said.map((words) => expect.stringContaining(words)))
  expect(problems.join('\n')).not.toContain('canary')
})

test('a credential object is used as it is', () => {
  const credential = { getToken: () => Promise.resolve(null) }
  expect(createCredential(credential, {}, undefined)).toBe(credential)
})

const MAKES = '({ getToken: async (scopes) => ({ token: String(scopes), expiresOnTimestamp: 1 }) })'

test('a module gives a credential, or makes one, by its default or a named export, from a path or a URL', async () => {
  const object = await moduleOf(`export default ${MAKES}`)
  const maker = await moduleOf(`export default () => ${MAKES}`)
  const asyncMaker = await moduleOf(`export const make = async () => ${MAKES}`)
  const token = { token: 'scope', expiresOnTimestamp: 1 }
  expect(await tokenOf({ kind: 'module', path: object })).toEqual(token)
  expect(await tokenOf({ kind: 'module', path: maker })).toEqual(token)
  expect(await tokenOf({ kind: 'module', path: pathToFileURL(asyncMaker).href, exportName: 'make' })).toEqual(
    token,
  )
})

test('a module is loaded when the first token is asked for, and once', async () => {
  const path = await moduleOf(
    `globalThis.azlogsLoaded = (globalThis.azlogsLoaded ?? 0) + 1\nexport default () => ${MAKES}`,
  )
  const credential = createCredential({ kind: 'module', path }, {}, undefined)
  expect(Reflect.get(globalThis, 'azlogsLoaded')).toBeUndefined()
  await Promise.all([credential.getToken('a'), credential.getToken('b')])
  expect(Reflect.get(globalThis, 'azlogsLoaded')).toBe(1)
})

test('a module that gives no credential is named', async () => {
  const path = await moduleOf('export default { token: 1 }')
  await expect(tokenOf({ kind: 'module', path })).rejects.toMatchObject({
    code: 'AZLOGS_CREDENTIAL',
    message: expect.stringContaining(path),
  })
  await expect(tokenOf({ kind: 'module', path, exportName: 'other' })).rejects.toThrow('The export "other"')
})

test('a module that failed to make a credential is asked again the next time', async () => {
  const path = await moduleOf(
    `let calls = 0\nexport default () => { if ((calls += 1) === 1) throw new Error('not yet'); return ${MAKES} }`,
  )
  const credential = createCredential({ kind: 'module', path }, {}, undefined)
  await expect(credential.getToken('a')).rejects.toThrow('not yet')
  expect(await credential.getToken('a')).toMatchObject({ token: 'a' })
})

test('a secret that is not in the environment any more is told when the token is asked for', async () => {
  const secret = { kind: 'client-secret', tenantId: 't', clientId: 'c', clientSecretEnv: 'GONE' } as const
  await expect(tokenOf(secret)).rejects.toThrow(/clientSecret/)
})

test('a kind that nobody knows is named', async () => {
  await expect(tokenOf({ kind: 'certificate' } as unknown as CredentialOption)).rejects.toMatchObject({
    code: 'AZLOGS_CREDENTIAL',
    message: expect.stringContaining('"kind":"certificate"'),
  })
})

test('where Microsoft Entra is out of reach, who asks again by himself gets his answer at the first try', async () => {
  let tries = 0
  const nobody = createServer((socket) => {
    tries += 1
    socket.destroy()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void nobody.close())
  await once(nobody, 'listening')
  const { port } = nobody.address() as AddressInfo
  const env = { AZURE_CLIENT_SECRET: 'not-a-secret' }
  const option = {
    kind: 'client-secret',
    tenantId: '11111111-1111-1111-1111-111111111111',
    clientId: '22222222-2222-2222-2222-222222222222',
    clientSecretEnv: 'AZURE_CLIENT_SECRET',
    disableInstanceDiscovery: true,
  } as const
  const credential = createCredential(option, env, `https://127.0.0.1:${port}`, 'caller')
  await expect(credential.getToken('https://monitor.azure.com/.default')).rejects.toThrow()
  expect(tries).toBe(1)
})
