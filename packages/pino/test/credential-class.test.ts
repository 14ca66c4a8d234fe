import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import type { CredentialScenario } from './fixtures/credential-class.ts'
import { runFixture } from './run-app.ts'
import type { Ending } from './run-app.ts'

let emulator: Emulator
let directory: string

beforeAll(async () => {
  emulator = await startEmulator()
  directory = mkdtempSync(join(tmpdir(), 'azlogs-pino-'))
  writeFileSync(join(directory, 'token'), 'a federated token')
  const { token } = await emulator.credential.getToken('https://monitor.azure.com/.default')
  const answer = { accessToken: token, expires_on: Math.floor(Date.now() / 1000) + 3600, tokenType: 'Bearer' }
  // What `az account get-access-token` prints, for AzureCliCredential.
  writeFileSync(join(directory, 'az'), `#!/bin/sh\nprintf '%s' '${JSON.stringify(answer)}'\n`)
  chmodSync(join(directory, 'az'), 0o755)
})
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true })
  await emulator.close()
})
beforeEach(() => emulator.clear())

const SECRET = {
  AZURE_TENANT_ID: '11111111-1111-1111-1111-111111111111',
  AZURE_CLIENT_ID: '22222222-2222-2222-2222-222222222222',
  AZURE_CLIENT_SECRET: 'secret',
}

function run(
  name: CredentialScenario['name'],
  way: CredentialScenario['way'],
  env: Readonly<Record<string, string>> = SECRET,
): Promise<Ending> {
  const tokenFilePath = join(directory, 'token')
  const scenario: CredentialScenario = { name, way, authorityHost: emulator.httpsUrl, tokenFilePath }
  return runFixture('credential-class', scenario, {
    ...emulator.env,
    PATH: `${directory}${delimiter}${process.env['PATH']}`,
    ...env,
  })
}

const CLASSES = [
  'DefaultAzureCredential',
  'ManagedIdentityCredential',
  'ClientSecretCredential',
  'WorkloadIdentityCredential',
  'EnvironmentCredential',
  'AzureCliCredential',
] as const

test.each(CLASSES)(
  'the full way: %s stays in the main thread, and its tokens reach the worker',
  async (name) => {
    expect(await run(name, 'flush')).toMatchObject({
      code: 0,
      stderr: '',
      stdout: '{"complete":true,"pending":0}',
    })
    expect(emulator.rows().map((row) => row['Message'])).toEqual([name])
  },
)

test('the full way: a process that ends after its first line waits for the first token, and delivers', async () => {
  expect(await run('ManagedIdentityCredential', 'end')).toMatchObject({ code: 0, stderr: '' })
  expect(emulator.rows()).toHaveLength(1)
})

test.each(CLASSES.slice(0, 5))('the plain way: pino itself refuses %s in the main thread', async (name) => {
  expect(await run(name, 'plain')).toMatchObject({ code: 0, stdout: 'DataCloneError' })
})

test.each(CLASSES.slice(4))('the plain way: %s has lost getToken, and that is told', async (name) => {
  // An EnvironmentCredential can be cloned when it found no variables.
  const { code, stdout, stderr } = await run(name, 'plain', {})
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(stderr).toContain('credential is an object without getToken')
  expect(stderr).toContain('1 record lost')
})
