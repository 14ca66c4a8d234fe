import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { DEFAULT_RULE_ID, startEmulator } from '../src/index.ts'
import { openTerminal } from './terminal.ts'
import type { Terminal } from './terminal.ts'

const BIN = new URL('../src/bin.ts', import.meta.url).pathname
const ARGUMENTS = ['--conditions=dev', BIN, '--port', '0', '--no-https']

/** The command in a terminal, once it takes keys, and its address. */
async function start(env: Readonly<Record<string, string>> = {}, args: readonly string[] = []) {
  const terminal = openTerminal(process.execPath, [...ARGUMENTS, ...args], env)
  const [, url = ''] = await terminal.until(/Ingest:[^h]*(http:\/\/127\.0\.0\.1:\d+)/)
  await terminal.until(/press \? for keys/)
  return { terminal, url }
}

async function send(url: string, rows: readonly object[]): Promise<number> {
  // Any token of the right shape will do, also one of another emulator.
  await using other = await startEmulator({ https: false })
  const { token } = await other.credential.getToken('https://monitor.azure.com/.default')
  const rule = `${url}/dataCollectionRules/${DEFAULT_RULE_ID}`
  const response = await fetch(`${rule}/streams/Custom-AppLogs_CL?api-version=2023-01-01`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(rows),
  })
  return response.status
}

async function endsWell(terminal: Terminal): Promise<void> {
  expect(await terminal.ended).toMatchObject({ exitCode: 0, signal: 0 })
}

test('? explains the keys, and q quits', async () => {
  const { terminal } = await start()
  terminal.type('?')
  for (const key of ['o', 'f', 'e', 'c', 'q']) await terminal.until(new RegExp(`^ {2}${key} {2}\\w`, 'm'))
  terminal.type('q')
  await endsWell(terminal)
})

test.each([
  ['Ctrl+C', '\u0003'],
  ['Ctrl+D', '\u0004'],
])('%s quits, and unknown keys and arrows do nothing', async (_name, key) => {
  const { terminal } = await start()
  terminal.type('x9\u001B[A\u001B[q')
  terminal.type(key)
  await endsWell(terminal)
})

test('the terminal takes lines again afterwards', async () => {
  const command = [process.execPath, ...ARGUMENTS].map((part) => `'${part}'`).join(' ')
  const terminal = openTerminal('/bin/sh', ['-c', `${command}; stty -a`])
  await terminal.until(/press \? for keys/)
  terminal.type('q')
  await terminal.until(/[ ;]icanon/)
  await terminal.until(/[ ;]echo /)
  await endsWell(terminal)
})

test('a row is shown in colour, with its error, and cannot command the terminal', async () => {
  const { terminal, url } = await start({ TZ: 'UTC' })
  const row = { Level: 'error', Message: '\u001B[2Jgone\u0007', ErrorStack: 'Error: no\n    at here' }
  expect(await send(url, [row])).toBe(204)
  await terminal.until(
    // oxlint-disable-next-line no-control-regex
    /\u001B\[31mERROR\u001B\[39m \\u001b\[2Jgone\\u0007\r\n\u001B\[2m {4}Error: no\r\n {8}at here/,
  )
})

test('NO_COLOR leaves colours out', async () => {
  const { terminal, url } = await start({ NO_COLOR: '1' })
  expect(await send(url, [{ Level: 'error', Message: 'plain' }])).toBe(204)
  await terminal.until(/ERROR plain/)
  expect(terminal.shown()).not.toContain('\u001B[3')
})

test('f opens a menu of faults, whose digits switch them', async () => {
  const { terminal, url } = await start()
  terminal.type('f')
  await terminal.until(/9 ○ 403:for=/)
  await terminal.until(/a digit switches one/)
  terminal.type('9')
  await terminal.until(/9 ● 403:for=/)
  expect(await send(url, [{}])).toBe(403)
  await terminal.until(/403 .*for Custom-AppLogs_CL/)
  terminal.type('0')
  await terminal.until(/9 ○ 403:for=/)
  expect(await send(url, [{}])).toBe(204)
})

test('a digit does nothing when the menu is not open', async () => {
  const { terminal, url } = await start()
  terminal.type('9e')
  await terminal.until(/Paste this/)
  expect(await send(url, [{}])).toBe(204)
})

test('c forgets what came, but not the faults that are on', async () => {
  const { terminal, url } = await start({}, ['--fault', '429:times=1'])
  expect(await send(url, [{ Message: 'refused' }])).toBe(429)
  expect(await send(url, [{ Message: 'kept until now' }])).toBe(204)
  await terminal.until(/kept until now/)
  terminal.type('f')
  await terminal.until(/○ 403:for=/)
  terminal.type('9c')
  await terminal.until(/cleared/)
  expect(await send(url, [{ Message: 'new' }])).toBe(403)
  terminal.type('q')
  await endsWell(terminal)
})

test('e prints the variables again', async () => {
  const { terminal, url } = await start()
  terminal.type('e')
  await terminal.until(new RegExp(`export AZURE_DCE_ENDPOINT=${url}`))
})

test('o opens the page', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'azlogs-test-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const browser = join(directory, 'browser')
  const opened = join(directory, 'opened')
  await writeFile(browser, `#!/bin/sh\necho "$1" > '${opened}.part'\nmv '${opened}.part' '${opened}'\n`)
  await chmod(browser, 0o755)
  const { terminal, url } = await start({ BROWSER: browser })
  terminal.type('o')
  await terminal.until(new RegExp(`opening ${url}/`))
  await expect.poll(() => readFile(opened, 'utf8').catch(() => ''), { timeout: 20_000 }).toBe(`${url}/\n`)
})

test('o says so when no browser can be started', async () => {
  const { terminal, url } = await start({ BROWSER: '/nowhere/browser' })
  terminal.type('o')
  await terminal.until(new RegExp(`no browser could be started: open ${url}/`))
})

test('--quiet takes keys too', async () => {
  const terminal = openTerminal(process.execPath, [...ARGUMENTS, '--quiet'])
  await terminal.until(/press \? for keys/)
  terminal.type('q')
  await endsWell(terminal)
})

test('--json takes none: Ctrl+C is a signal, and ends it as well', async () => {
  const terminal = openTerminal(process.execPath, [...ARGUMENTS, '--json'])
  await terminal.until(/"event":"started"/)
  terminal.type('\u0003')
  await terminal.until(/"event":"closed"/)
  await endsWell(terminal)
})
