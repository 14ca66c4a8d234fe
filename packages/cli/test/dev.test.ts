import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'

import { runCommand } from '@azlogs/emulator/command'
import type { CommandIo } from '@azlogs/emulator/command'
import { expect, onTestFinished, test, vi } from 'vitest'

import { dev } from '../src/dev/command.ts'
import { createLock, formatLock } from '../src/schema/lock.ts'
import { finish, runCli, startCli } from './run-cli.ts'
import { directoryForTest } from './surroundings.ts'
import { openTerminal } from './terminal.ts'

// Each test starts processes, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 })

const FREE = ['--port', '0', '--https-port', '0']

async function folderWithLock(): Promise<string> {
  const folder = await directoryForTest()
  const lock = createLock('Orders_CL', [
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'Message', type: 'string' },
  ])
  await writeFile(join(folder, 'azlogs.schema.json'), formatLock(lock))
  return folder
}

test('the emulator has the schema of the folder, and what is sent to it is judged by that', async () => {
  const cwd = await folderWithLock()
  const child = startCli(['dev', '--json', ...FREE], { cwd })
  const ended = finish(child)
  const lines = createInterface({ input: child.stdout })
  const [started] = (await once(lines, 'line')) as [string]
  const { env, streamName } = JSON.parse(started) as { env: Record<string, string>; streamName: string }
  expect(streamName).toBe('Custom-Orders_CL')

  const judged = once(lines, 'line') as Promise<[string]>
  const file = join(cwd, 'rows.ndjson')
  await writeFile(file, '{"TimeGenerated":"2026-11-23T00:00:00Z","Message":"a","Colour":"red"}\n')
  // Sent from elsewhere: here the schema would have kept the stranger back.
  const sent = await runCli(['send', file, '--map', 'none'], { env, cwd: await directoryForTest() })
  expect(sent.code).toBe(0)
  expect((await judged)[0]).toContain('Colour')
  child.kill('SIGTERM')
  expect((await ended).code).toBe(0)
})

test('a taken port is a failure with a code', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const ran = await runCli(['dev', '--port', String(port)])
  expect(ran.code).toBe(2)
  expect(ran.stderr).toMatch(new RegExp(`^error AZL7001 port ${port} is taken`))
})

test('it takes every flag of azlogs-emulator', async () => {
  const said = new PassThrough()
  const io = { stdin: process.stdin, stdout: said, stderr: said, env: {}, platform: process.platform }
  await runCommand(['--help'], 'azlogs-emulator', {
    ...(io as unknown as CommandIo),
    once: process.once.bind(process),
    off: process.off.bind(process),
  })
  said.end()
  const flags = Array.from((await text(said)).matchAll(/^ +--(?:no-)?([a-z-]+)/gm), ([, flag]) => flag)
  expect(flags).toContain('port')
  expect(Object.keys(dev.args ?? {})).toEqual(expect.arrayContaining(flags.filter((flag) => flag !== 'help')))
})

test('a wrong value and a schema that cannot be used are told', async () => {
  const mode = await runCli(['dev', '--mode', 'lenient', ...FREE])
  expect(mode).toMatchObject({ code: 2, stdout: '' })
  expect(mode.stderr).toContain('error AZL7001 --mode must be azure or strict, not lenient')
  const schema = await runCli(['dev', '--schema', '/nowhere.json', ...FREE])
  expect(schema.stderr).toContain('error AZL7001 /nowhere.json')
})

test('on a terminal q ends it', async () => {
  const terminal = openTerminal(['dev', ...FREE], { cwd: await folderWithLock() })
  await terminal.until(/press \? for keys/)
  expect(terminal.text()).toContain('Orders_CL')
  terminal.pty.write('q')
  expect(await terminal.ended).toBe(0)
})
