import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

import { expect, onTestFinished, test, vi } from 'vitest'

import { nodeFs } from '../src/spool-fs.ts'
import type { SpoolFs } from '../src/spool-fs.ts'
import { encodeOwner, identify, isOnOneKernel, judge, parseOwner } from '../src/spool-owner.ts'
import type { ProcessIdentity, Verdict } from '../src/spool-owner.ts'
import { changedFs, ENDED, failingFs, target, temporaryDirectory, volumeOfType } from './spool-instances.ts'

const self = identify(nodeFs)
const onLinux = process.platform === 'linux'

function verdict(owner: Partial<ProcessIdentity>, { fs = nodeFs, oneKernel = false } = {}): Verdict {
  return judge({ ...self, ...owner }, self, fs, oneKernel)
}

/** The `/proc/<pid>/stat` of another process, for its start time. */
function startTimeOf(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? ''
}

test('a process knows itself', () => {
  expect(identify(nodeFs)).toMatchObject({ host: hostname(), pid: process.pid })
  expect(verdict({})).toBe('alive')
})

test.runIf(onLinux)('on Linux it knows its boot, its pid namespace and its start', () => {
  const { bootId, pidNamespace, startTime } = identify(nodeFs)
  expect(bootId).toMatch(/^[0-9a-f-]{36}$/)
  expect(pidNamespace).toMatch(/^pid:\[\d+\]$/)
  expect(startTime).toBe(startTimeOf(process.pid))
})

test('a process is alive until it is killed', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'spawn')
  const pid = child.pid ?? 0
  const owner = { pid, startTime: onLinux ? startTimeOf(pid) : undefined }
  expect(verdict(owner)).toBe('alive')
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  expect(verdict(owner)).toBe('dead')
})

test.runIf(onLinux)('a process that stands still is alive', async () => {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'spawn')
  const pid = child.pid ?? 0
  child.kill('SIGSTOP')
  expect(verdict({ pid, startTime: startTimeOf(pid) })).toBe('alive')
})

test.runIf(onLinux)('a killed process whose parent does not ask for its end is dead', async () => {
  // The shell starts a process, says its pid, and becomes one that never asks.
  const parent = spawn('sh', ['-c', 'sleep 1000 & echo $!; exec sleep 1000'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  onTestFinished(() => void process.kill(-(parent.pid ?? 0), 'SIGKILL'))
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const pid = Number(line.toString())
  const owner = { pid, startTime: startTimeOf(pid) }
  expect(verdict(owner)).toBe('alive')
  // As long as it is the shell, it may ask.
  await expect.poll(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n')
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8'), { timeout: 15_000 }).toContain(') Z ')
  expect(verdict(owner)).toBe('dead')
})

test.runIf(onLinux)('an earlier process with the pid of one that runs is dead', () => {
  expect(verdict({ startTime: '1' })).toBe('dead')
})

test('where the start of a process is unknown, its pid counts', () => {
  expect(verdict({ startTime: undefined })).toBe('alive')
  expect(verdict({ startTime: '1' }, { fs: failingFs('readFileSync', 'EMFILE') })).toBe('alive')
  expect(verdict({ ...ENDED, startTime: undefined })).toBe('dead')
})

test('where our own start is unknown, that of others is not asked for', () => {
  const here = { ...self, startTime: undefined }
  expect(judge({ ...self, startTime: '1' }, here, nodeFs, false)).toBe('alive')
})

test.runIf(onLinux).each(['Z', 'X'])('a process in the state %s is dead, whatever it is called', (state) => {
  const stat = `${self.pid} (we) ird) S) ${state} ${'0 '.repeat(18)}${self.startTime} 0`
  expect(verdict({}, { fs: changedFs({ readFileSync: () => stat }) })).toBe('dead')
  expect(verdict({}, { fs: changedFs({ readFileSync: () => stat.replace(`) ${state}`, ') S') }) })).toBe(
    'alive',
  )
})

test('a process that we may not signal is alive', () => {
  // As root, which tests often are, one may signal all.
  vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
  })
  expect(verdict({ pid: ENDED.pid, startTime: undefined })).toBe('alive')
})

test.runIf(onLinux)('without a /proc of its own numbers, a process knows its boot all the same', () => {
  const fs = failingFs('readlinkSync', 'ENOENT')
  const { bootId, pidNamespace, startTime } = identify(fs)
  expect([bootId, pidNamespace, startTime]).toEqual([self.bootId, undefined, undefined])
})

test('equal pids in another pid namespace are unknown, also when no such process is here', () => {
  expect(verdict({ pidNamespace: 'pid:[1]' })).toBe('unknown')
  expect(verdict({ ...ENDED, pidNamespace: 'pid:[1]' })).toBe('unknown')
  expect(verdict({ pidNamespace: undefined })).toBe(onLinux ? 'unknown' : 'alive')
})

test.runIf(onLinux)('another host name does not matter where the pids are the same', () => {
  expect(verdict({ host: 'renamed' })).toBe('alive')
  expect(verdict({ ...ENDED, host: 'renamed' })).toBe('dead')
})

test.runIf(onLinux)('another boot is over on a disk of our own, and unknown on one that hosts share', () => {
  const reboot = { bootId: '00000000-0000-4000-8000-000000000000' }
  expect(verdict(reboot, { oneKernel: true })).toBe('dead')
  expect(verdict(reboot)).toBe('unknown')
  expect(verdict({ ...reboot, host: 'elsewhere' })).toBe('unknown')
})

test('without a boot id, another host is unknown', () => {
  const plain: ProcessIdentity = { ...self, bootId: undefined, pidNamespace: undefined, startTime: undefined }
  expect(judge({ ...plain, host: 'elsewhere' }, plain, nodeFs, true)).toBe('unknown')
  expect(judge({ ...plain, ...ENDED }, plain, nodeFs, true)).toBe('dead')
  expect(judge(plain, plain, nodeFs, true)).toBe('alive')
  expect(judge({ ...plain, bootId: 'some' }, plain, nodeFs, true)).toBe('unknown')
})

test('a /proc of another pid namespace is not asked', () => {
  const fs: SpoolFs = changedFs({
    readlinkSync: (path: string) => (path === '/proc/self' ? '4711' : nodeFs.readlinkSync(path)),
  })
  expect(identify(fs)).toMatchObject({ pid: process.pid, startTime: undefined })
})

test('identify() does without what the system does not tell', () => {
  const fs = changedFs({
    readFileSync: () => {
      throw new Error('ENOENT')
    },
    readlinkSync: () => {
      throw new Error('ENOENT')
    },
  })
  expect(identify(fs)).toEqual({
    host: hostname(),
    bootId: undefined,
    pidNamespace: undefined,
    pid: process.pid,
    startTime: undefined,
  })
})

test('an owner reads back as it was written', () => {
  expect(parseOwner(encodeOwner(self, [target]))).toEqual({ ...self, streams: [target] })
})

const owner = JSON.parse(encodeOwner(self, [target])) as Record<string, unknown>

test.each([
  ['no JSON', '{"version":1,'],
  ['nothing', ''],
  ['zeros, as after a loss of power', '\0'.repeat(300)],
  ['no object', '7'],
  ['null', 'null'],
  ['no version', JSON.stringify({ ...owner, version: undefined })],
  ['a version that is no number', JSON.stringify({ ...owner, version: '2' })],
  ['no host', JSON.stringify({ ...owner, host: 7 })],
  ['pid 0, which would stand for our own group', JSON.stringify({ ...owner, pid: 0 })],
  ['a negative pid, which would stand for a group', JSON.stringify({ ...owner, pid: -1 })],
  ['a pid that is no number', JSON.stringify({ ...owner, pid: '1' })],
  ['no streams', JSON.stringify({ ...owner, streams: 'all' })],
])('an owner.json with %s makes no sense', (_name, text) => {
  expect(parseOwner(text)).toBeUndefined()
})

test('an owner.json of a later version is recognised as such', () => {
  expect(parseOwner(JSON.stringify({ version: 2 }))).toBe('newer')
})

test('what an owner.json says of the system is text, or not there', () => {
  const odd = { ...owner, bootId: 7, pidNamespace: null, startTime: {} }
  expect(parseOwner(JSON.stringify(odd))).toMatchObject({
    bootId: undefined,
    pidNamespace: undefined,
    startTime: undefined,
  })
})

test('streams that make no sense are left out', () => {
  const streams = [
    target,
    null,
    7,
    { rule: 'dcr' },
    { rule: 7, stream: 'Custom-A' },
    { rule: 'dcr', stream: 7 },
  ]
  expect(parseOwner(JSON.stringify({ ...owner, streams }))).toMatchObject({ streams: [target] })
})

test.runIf(onLinux)('ext4 belongs to one kernel, NFS and what nobody knows to several', async () => {
  const directory = temporaryDirectory()
  expect(await isOnOneKernel(volumeOfType(0xef53), directory)).toBe(true)
  expect(await isOnOneKernel(volumeOfType(0x6969), directory)).toBe(false)
  expect(await isOnOneKernel(volumeOfType(0x1234), directory)).toBe(false)
})
