import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { nodeFs } from '../src/spool-fs.ts'
import { createInstance, isDraftName, isInstanceName } from '../src/spool-instance.ts'
import { identify } from '../src/spool-owner.ts'
import { changedFs, failingFs, target, temporaryDirectory, writeBatch } from './spool-instances.ts'

const onPosix = process.platform !== 'win32'
const targets = [target]

function modeOf(path: string): number {
  return lstatSync(path).mode & 0o7777
}

test('an instance has a directory of its own, with its owner in it', () => {
  const spool = join(temporaryDirectory(), 'spool')
  const instance = createInstance(nodeFs, spool, { targets })
  expect(instance.directory).toBe(join(spool, instance.id))
  expect(isInstanceName(instance.id)).toBe(true)
  expect(instance.id.endsWith(`-${process.pid}-${instance.suffix}`)).toBe(true)
  expect(readdirSync(spool)).toEqual([instance.id])
  expect(readdirSync(instance.directory)).toEqual(['owner.json'])
  const owner: unknown = JSON.parse(readFileSync(join(instance.directory, 'owner.json'), 'utf8'))
  expect(owner).toMatchObject({ version: 1, host: hostname(), pid: process.pid, streams: [target] })
  expect(instance.isOurs()).toBe(true)
})

test.runIf(onPosix)('S10: its directory is 0700 and its files are 0600, whatever the umask', () => {
  const umask = process.umask(0)
  onTestFinished(() => void process.umask(umask))
  const spool = temporaryDirectory()
  chmodSync(spool, 0o755)
  const { directory } = createInstance(nodeFs, spool, { targets })
  expect(modeOf(directory)).toBe(0o700)
  expect(modeOf(join(directory, 'owner.json'))).toBe(0o600)
})

test('two instances of one process have two directories', () => {
  const spool = temporaryDirectory()
  const ids = [1, 2].map(() => createInstance(nodeFs, spool, { targets }).id)
  expect(readdirSync(spool).sort()).toEqual(ids.sort())
})

test.each(['.hidden host/..\\x', 'ü', '', 'x'.repeat(300), 'web-7.example.com'])(
  'a host called %j makes a directory that is found again',
  (host) => {
    const self = { ...identify(nodeFs), host }
    const { id } = createInstance(nodeFs, temporaryDirectory(), { targets, self })
    expect(isInstanceName(id)).toBe(true)
  },
)

test('names of other things are no instances', () => {
  const others = [
    'dead-letter',
    'lost+found',
    '..',
    '.x-1-0123456789ab.tmp',
    'x-1-0123456789ab.bak',
    'x-1-0123',
  ]
  expect(others.filter(isInstanceName)).toEqual([])
  expect(others.filter(isDraftName)).toEqual(['.x-1-0123456789ab.tmp'])
})

test('nobody sees the directory without its owner', () => {
  const spool = temporaryDirectory()
  const seen: unknown[] = []
  const fs = changedFs({
    renameSync: (from: string, to: string) => {
      seen.push(readdirSync(spool).filter(isInstanceName), readdirSync(from))
      renameSync(from, to)
    },
  })
  createInstance(fs, spool, { targets })
  expect(seen).toEqual([[], ['owner.json']])
})

test('S10: an unsafe spool directory is refused with what to do', () => {
  const path = join(temporaryDirectory(), 'file')
  writeFileSync(path, '')
  const refusal = expect.objectContaining({
    code: 'AZLOGS_CONFIG',
    problems: [`${path} is not a directory. Remove it, or name another path.`],
  })
  expect(() => createInstance(nodeFs, path, { targets })).toThrow(refusal)
})

test.runIf(process.geteuid?.() === 0)('S10: nothing is made in the directory of another user', () => {
  const spool = temporaryDirectory()
  chownSync(spool, 65_534, 65_534)
  expect(() => createInstance(nodeFs, spool, { targets })).toThrow('belongs to user 65534')
  expect(readdirSync(spool)).toEqual([])
})

test.runIf(onPosix)('S10: an owner.json that somebody has put there first is not written to', () => {
  const victim = join(temporaryDirectory(), 'victim')
  writeFileSync(victim, 'precious')
  const fs = changedFs({
    mkdirSync: (path: string, options: object) => {
      mkdirSync(path, options)
      symlinkSync(victim, join(path, 'owner.json'))
    },
  })
  expect(() => createInstance(fs, temporaryDirectory(), { targets })).toThrow(/EEXIST|ELOOP/)
  expect(readFileSync(victim, 'utf8')).toBe('precious')
})

test.each([
  ['mkdirSync', 'ENOSPC'],
  ['mkdirSync', 'EROFS'],
  ['openSync', 'EMFILE'],
  ['openSync', 'EACCES'],
  ['writeSync', 'ENOSPC'],
  ['writeSync', 'EIO'],
  ['fsyncSync', 'EIO'],
  ['renameSync', 'ENOSPC'],
])('when %s fails with %s, that is thrown and nothing is left behind', (call, code) => {
  const spool = temporaryDirectory()
  expect(() => createInstance(failingFs(call, code), spool, { targets, fsync: true })).toThrow(
    expect.objectContaining({ code }),
  )
  expect(readdirSync(spool)).toEqual([])
})

test('an owner.json that a full disk takes in pieces becomes whole', () => {
  const spool = temporaryDirectory()
  const fs = changedFs({
    writeSync: (fd: number, bytes: Buffer, at: number) => nodeFs.writeSync(fd, bytes, at, 1),
  })
  expect(createInstance(fs, spool, { targets }).isOurs()).toBe(true)
})

test('with fsync, the owner, its directory and the spool directory are on the disk in this order', () => {
  const spool = temporaryDirectory()
  const paths = new Map<number, string>()
  const synced: string[] = []
  const fs = changedFs({
    openSync: (path: string, flags: number, mode: number) => {
      const fd = nodeFs.openSync(path, flags, mode)
      paths.set(fd, path)
      return fd
    },
    fsyncSync: (fd: number) => {
      nodeFs.fsyncSync(fd)
      synced.push(String(paths.get(fd)))
    },
    renameSync: (from: string, to: string) => {
      renameSync(from, to)
      synced.push('renamed')
    },
  })
  const { id } = createInstance(fs, spool, { targets, fsync: true })
  const draft = join(spool, `.${id}.tmp`)
  expect(synced).toEqual(
    onPosix ? [join(draft, 'owner.json'), draft, 'renamed', spool] : [join(draft, 'owner.json'), 'renamed'],
  )
})

test('beat() gives a sign of life that a jump of the clock cannot hide', async () => {
  const instance = createInstance(nodeFs, temporaryDirectory(), { targets })
  const path = join(instance.directory, 'owner.json')
  const content = readFileSync(path, 'utf8')
  utimesSync(path, new Date(4e12), new Date(4e12))
  expect(await instance.beat()).toBe('owner')
  expect(statSync(path).mtimeMs).toBeLessThan(4e12)
  utimesSync(path, 0, 0)
  expect(await instance.beat()).toBe('owner')
  expect(statSync(path).mtimeMs).toBeGreaterThan(0)
  expect(readFileSync(path, 'utf8')).toBe(content)
})

test.each([
  ['owner.json is gone', (directory: string) => rmSync(join(directory, 'owner.json'))],
  ['the directory is gone', (directory: string) => rmSync(directory, { recursive: true })],
  ['the directory has another name', (directory: string) => renameSync(directory, `${directory}-old`)],
  [
    'a file took its place',
    (directory: string) => (rmSync(directory, { recursive: true }), writeFileSync(directory, '')),
  ],
  ['another owner moved in', (directory: string) => writeFileSync(join(directory, 'owner.json'), '{}')],
])('it is evicted when %s', async (_what, change) => {
  const instance = createInstance(nodeFs, temporaryDirectory(), { targets })
  change(instance.directory)
  expect(instance.isOurs()).toBe(false)
  expect(await instance.beat()).toBe('evicted')
})

test('it is evicted when the whole spool is gone, and the next one makes it anew', async () => {
  const spool = join(temporaryDirectory(), 'spool')
  const instance = createInstance(nodeFs, spool, { targets })
  rmSync(spool, { recursive: true })
  expect(await instance.beat()).toBe('evicted')
  expect(createInstance(nodeFs, spool, { targets }).isOurs()).toBe(true)
})

test('a directory that came back from a backup is still ours', () => {
  const instance = createInstance(nodeFs, temporaryDirectory(), { targets })
  cpSync(instance.directory, `${instance.directory}-backup`, { recursive: true })
  rmSync(instance.directory, { recursive: true })
  renameSync(`${instance.directory}-backup`, instance.directory)
  expect(instance.isOurs()).toBe(true)
})

test.each(['EMFILE', 'EIO', 'EACCES'])('a disk that answers %s does not make it evicted', async (code) => {
  const spool = temporaryDirectory()
  const { directory } = createInstance(nodeFs, spool, { targets })
  let broken = false
  const refuse = (): void => {
    if (broken) throw Object.assign(new Error(code), { code })
  }
  const instance = createInstance(
    changedFs({
      readFileSync: (path: string, encoding: 'utf8') => (refuse(), nodeFs.readFileSync(path, encoding)),
      utimes: async (path: string, atime: Date, mtime: Date) => (
        refuse(),
        nodeFs.promises.utimes(path, atime, mtime)
      ),
    }),
    spool,
    { targets },
  )
  broken = true
  expect(instance.isOurs()).toBe(true)
  await expect(instance.beat()).rejects.toMatchObject({ code })
  broken = false
  expect(await instance.beat()).toBe('owner')
  expect(readdirSync(spool).sort()).toEqual([basename(directory), instance.id].sort())
})

test('release() removes an empty directory', async () => {
  const spool = temporaryDirectory()
  const instance = createInstance(nodeFs, spool, { targets })
  instance.release()
  instance.release()
  expect(readdirSync(spool)).toEqual([])
  expect(instance.isOurs()).toBe(false)
  expect(await instance.beat()).toBe('released')
})

test('release() leaves files to whoever wants them', () => {
  const instance = createInstance(nodeFs, temporaryDirectory(), { targets })
  const path = writeBatch(instance.directory)
  instance.release()
  expect(readdirSync(instance.directory)).toEqual([basename(path)])
})

test('a beat that release() overtakes is none of an evicted instance', async () => {
  const instance = createInstance(nodeFs, temporaryDirectory(), { targets })
  const beat = instance.beat()
  instance.release()
  expect(await beat).toBe('released')
})

test('release() leaves a directory alone that is no longer ours', () => {
  const instance = createInstance(nodeFs, temporaryDirectory(), { targets })
  writeFileSync(join(instance.directory, 'owner.json'), '{}')
  instance.release()
  expect(readdirSync(instance.directory)).toEqual(['owner.json'])
})

test.each(['unlinkSync', 'rmdirSync'])('release() bears it when %s fails', (call) => {
  const instance = createInstance(failingFs(call, 'EROFS'), temporaryDirectory(), { targets })
  expect(() => instance.release()).not.toThrow()
})
