import { afterEach, expect, test, vi } from 'vitest'

import { azInvocation, createAzureCli } from '../src/doctor/azure-cli.ts'
import type { AzureCli } from '../src/doctor/azure-cli.ts'
import { azEnv } from './surroundings.ts'

// Most tests start a process, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 })

afterEach(() => void vi.unstubAllEnvs())

/** With an `az` on PATH that gives these answers. */
async function azWith(answers: Readonly<Record<string, unknown>>): Promise<AzureCli> {
  for (const [name, value] of Object.entries(await azEnv(answers))) vi.stubEnv(name, value)
  return createAzureCli(new URL('https://applogs-a1b2.westeurope-1.ingest.monitor.azure.us'), 60_000)
}

test('az is asked for what is in the cloud of the endpoint, with its body in a file', async () => {
  const url = 'https://management.usgovcloudapi.net/providers/p?api-version=1'
  const az = await azWith({ [`rest --method post --url ${url} `]: { data: [1] } })
  expect(await az.rest('post', '/providers/p?api-version=1', { query: 'a | where b == "c"' })).toEqual({
    ok: true,
    value: { data: [1] },
  })
  expect(await az.rest('get', '/elsewhere')).toMatchObject({
    ok: false,
    why: expect.stringMatching(/^az: Not Found/) as string,
  })
})

test.for([
  ["ERROR: Please run 'az login' to setup account.", 'az is not logged in'],
  ["'az' is not recognized as an internal or external command,", 'az is not installed'],
  ['ERROR: (AuthorizationFailed) no Reader', 'az: (AuthorizationFailed) no Reader'],
])('%j on stderr means: %s', async ([said, why]) => {
  const az = await azWith({ 'ad app show': said })
  expect(await az.run('ad', 'app', 'show')).toEqual({ ok: false, why })
})

test('without az on PATH that is said', async () => {
  await azWith({})
  vi.stubEnv('PATH', '/nowhere')
  const az = createAzureCli(new URL('https://x.ingest.monitor.azure.com'), 60_000)
  expect(await az.run('version')).toEqual({ ok: false, why: 'az is not installed' })
})

test('where az is a program, its arguments go to it past any shell', () => {
  const args = ['rest', '--url', 'https://x/?a=1&$filter=(b)', '"']
  expect(azInvocation(args, 'linux')).toEqual({ file: 'az', args, shell: false })
})

test('on Windows az is a batch file: the shell starts it, each argument in quotes, not out of this folder', () => {
  vi.stubEnv('SystemRoot', String.raw`D:\Windows`)
  const body = String.raw`@C:\Users\A B\Temp\body.json`
  const url = "https://x/s?api-version=1&$filter=assignedTo('b')|<>^&"
  expect(azInvocation(['rest', '--url', url, '--body', body], 'win32')).toEqual({
    file: `az "rest" "--url" "${url}" "--body" "${body}"`,
    args: [],
    shell: true,
    cwd: String.raw`D:\Windows`,
  })
})

test.for(['a" & calc & "', '%PATH%', 'a\nb', 'a\r', 'a\0', 'a\\'])(
  'on Windows %j is refused, because quotes do not hold it',
  (arg) => {
    expect(() => azInvocation(['rest', arg], 'win32')).toThrow(
      `cmd.exe cannot be given ${JSON.stringify(arg)}`,
    )
  },
)

test('an az that does not answer is not waited for', async () => {
  await azWith({ version: {} })
  const az = createAzureCli(new URL('https://x.ingest.monitor.azure.com'), 1)
  expect(await az.run('version')).toEqual({ ok: false, why: 'az did not answer in time' })
})

test('an az that fails without a word is told by its exit code', async () => {
  const az = await azWith({ version: '' })
  expect(await az.run('version')).toMatchObject({ ok: false, why: expect.stringMatching(/^az: /) as string })
})
