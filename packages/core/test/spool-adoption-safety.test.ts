import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'

import { expect, test } from 'vitest'

import { nodeFs } from '../src/spool-fs.ts'
import { createInstance } from '../src/spool-instance.ts'
import {
  batchesIn,
  changedFs,
  createAdopter,
  ENDED,
  failingFs,
  leaveInstance,
  leaveReleased,
  target,
  temporaryDirectory,
  writeBatch,
} from './spool-instances.ts'

const onPosix = process.platform !== 'win32'
const MINUTE = 60_000

test.runIf(onPosix)('S10: an instance directory that is a symbolic link is not followed', async () => {
  const outside = temporaryDirectory()
  const spool = temporaryDirectory()
  const real = leaveReleased(outside)
  const link = join(spool, basename(real))
  symlinkSync(real, link)
  const adopter = createAdopter(spool)
  await adopter.pass(20 * MINUTE)
  expect(adopter.adopted).toEqual([])
  expect(batchesIn(real)).toHaveLength(3)
  expect(adopter.foreign).toEqual([
    { path: link, reason: `${link} is a symbolic link. Name the directory that it points to.` },
  ])
})

test.runIf(onPosix)('S10: what ends in .spool and is no file is left: link, pipe, directory', async () => {
  const outside = writeBatch(temporaryDirectory())
  const spool = temporaryDirectory()
  const path = leaveReleased(spool, { files: 1 })
  symlinkSync(outside, join(path, 'link.spool'))
  execFileSync('mkfifo', [join(path, 'pipe.spool')])
  mkdirSync(join(path, 'directory.spool'))
  const adopter = createAdopter(spool)
  await adopter.pass(2 * MINUTE)
  expect(adopter.adopted).toHaveLength(1)
  expect(readdirSync(path).sort()).toEqual(['directory.spool', 'link.spool', 'pipe.spool'])
  expect(lstatSync(outside).isFile()).toBe(true)
  expect(adopter.foreign).toEqual([{ path, reason: 'directory.spool in it is no file.' }])
})

test.runIf(onPosix)(
  'S10: a file that becomes a link or a pipe while it is looked at is not followed',
  async () => {
    const outside = writeBatch(temporaryDirectory())
    const spool = temporaryDirectory()
    const path = leaveReleased(spool, { files: 2 })
    const [first = '', second = ''] = batchesIn(path)
    const fs = changedFs({
      readdir: async (directory: string, options: { withFileTypes: true }) => {
        const entries = await nodeFs.promises.readdir(directory, options)
        if (directory === path) {
          unlinkSync(join(path, first))
          symlinkSync(outside, join(path, first))
          unlinkSync(join(path, second))
          execFileSync('mkfifo', [join(path, second)])
        }
        return entries
      },
    })
    const adopter = createAdopter(spool, { fs })
    await adopter.adoption.scan()
    expect(adopter.adopted).toEqual([])
    expect(lstatSync(outside).isFile()).toBe(true)
  },
)

test.runIf(onPosix).each([
  ['a symbolic link', (path: string) => symlinkSync('/etc/hostname', path), 'is a symbolic link.'],
  ['a pipe', (path: string) => execFileSync('mkfifo', [path]), 'is no file.'],
  ['a directory', (path: string) => mkdirSync(path), 'is no file.'],
])('S10: a directory whose owner.json is %s is left alone', async (_what, make, reason) => {
  const spool = temporaryDirectory()
  const path = leaveReleased(spool)
  make(join(path, 'owner.json'))
  const adopter = createAdopter(spool)
  await adopter.pass(20 * MINUTE)
  expect(adopter.adopted).toEqual([])
  expect(readdirSync(path)).toHaveLength(4)
  expect(adopter.foreign).toEqual([{ path, reason: `owner.json in it ${reason}` }])
})

test.runIf(onPosix)(
  'S10: an instance directory that others can write to is left and called foreign',
  async () => {
    const spool = temporaryDirectory()
    const path = leaveReleased(spool)
    chmodSync(path, 0o777)
    const adopter = createAdopter(spool)
    await adopter.pass(MINUTE)
    expect(adopter.adopted).toEqual([])
    expect(adopter.foreign).toEqual([
      { path, reason: expect.stringContaining(`Run "chmod 700 ${path}"`) as string },
    ])
    chmodSync(path, 0o700)
    await adopter.pass(10_000)
    expect(adopter.adopted).toHaveLength(3)
  },
)

test.runIf(onPosix)('S10: one that Kubernetes opened to its fsGroup is adopted', async () => {
  const spool = temporaryDirectory()
  const path = leaveReleased(spool)
  for (const name of batchesIn(path)) chmodSync(join(path, name), 0o660)
  chmodSync(path, 0o2770)
  const adopter = createAdopter(spool)
  await adopter.adoption.scan()
  expect(adopter.adopted).toHaveLength(3)
})

test.runIf(process.geteuid?.() === 0)('S10: an instance directory of another user is left', async () => {
  const spool = temporaryDirectory()
  const path = leaveReleased(spool)
  chownSync(path, 65_534, 65_534)
  const adopter = createAdopter(spool)
  await adopter.pass(MINUTE)
  expect(adopter.adopted).toEqual([])
  expect(adopter.foreign).toEqual([
    { path, reason: expect.stringContaining('belongs to user 65534') as string },
  ])
})

test.runIf(process.geteuid?.() === 0)('S10: a file of another user is left', async () => {
  const spool = temporaryDirectory()
  const path = leaveReleased(spool)
  const [name = ''] = batchesIn(path)
  chownSync(join(path, name), 65_534, 65_534)
  const adopter = createAdopter(spool)
  await adopter.pass(2 * MINUTE)
  expect(adopter.adopted).toHaveLength(2)
  expect(adopter.foreign).toEqual([{ path, reason: `${name} in it belongs to user 65534.` }])
})

test('what does not end in .spool is not touched, nor what is no instance directory', async () => {
  const spool = temporaryDirectory()
  const path = leaveReleased(spool, { files: 1 })
  writeFileSync(join(path, 'readme.txt'), 'keep')
  writeFileSync(join(path, 'batch.spool.bak'), 'keep')
  for (const name of ['dead-letter', 'lost+found', 'backup']) {
    mkdirSync(join(spool, name), { mode: 0o700 })
    writeBatch(join(spool, name))
  }
  writeBatch(spool)
  const adopter = createAdopter(spool)
  await adopter.pass(20 * MINUTE)
  expect(adopter.adopted).toHaveLength(1)
  expect(readdirSync(path).sort()).toEqual(['batch.spool.bak', 'readme.txt'])
  for (const name of ['dead-letter', 'lost+found', 'backup'])
    expect(batchesIn(join(spool, name))).toHaveLength(1)
  expect(batchesIn(spool)).toHaveLength(1)
})

const FAULTS = ['readdir', 'statfs', 'lstatSync', 'open', 'unlink', 'lstat', 'rename'].flatMap((call) =>
  ['EACCES', 'EROFS', 'EMFILE', 'ENOSPC', 'EIO', 'EPERM', 'EBUSY'].map((code) => [call, code] as const),
)

test.each(FAULTS)(
  'F12: when %s fails with %s, that is told, nothing is lost, and the next scan goes on',
  async (call, code) => {
    const spool = temporaryDirectory()
    const path = leaveInstance(spool, { owner: ENDED })
    const names = batchesIn(path)
    const broken = createAdopter(spool, { fs: failingFs(call, code) })
    await broken.pass(MINUTE)
    expect(broken.failures[0]).toMatchObject({ code })
    expect(broken.adopted).toEqual([])
    expect(batchesIn(path)).toEqual(names)
    expect(broken.foreign).toEqual([])
    const healed = createAdopter(spool)
    await healed.adoption.scan()
    expect(healed.adopted).toEqual(names)
  },
)

test('F12: when a directory cannot be removed, its files are adopted all the same, once', async () => {
  const spool = temporaryDirectory()
  leaveReleased(spool)
  const adopter = createAdopter(spool, { fs: failingFs('rmdir', 'EACCES') })
  await adopter.pass(MINUTE)
  expect(adopter.adopted).toHaveLength(3)
  expect(adopter.failures[0]).toMatchObject({ code: 'EACCES' })
})

test('a file that cannot be moved holds up no other', async () => {
  const spool = temporaryDirectory()
  const path = leaveReleased(spool)
  const [stuck = ''] = batchesIn(path)
  const fs = changedFs({
    rename: (from: string, to: string) =>
      from.endsWith(stuck)
        ? Promise.reject(Object.assign(new Error('EBUSY'), { code: 'EBUSY' }))
        : nodeFs.promises.rename(from, to),
  })
  const adopter = createAdopter(spool, { fs })
  await adopter.adoption.scan()
  expect(adopter.adopted).toHaveLength(2)
  expect(adopter.failures).toEqual([expect.objectContaining({ code: 'EBUSY' })])
  expect(batchesIn(path)).toEqual([stuck])
})

test('F12: when the directory is deleted underneath, that is told and nothing breaks', async () => {
  const spool = join(temporaryDirectory(), 'spool')
  const adopter = createAdopter(spool)
  rmSync(spool, { recursive: true })
  await adopter.pass(MINUTE)
  expect(adopter.failures[0]).toMatchObject({ code: 'ENOENT' })
  const again = createAdopter(spool)
  leaveReleased(spool)
  await again.adoption.scan()
  expect(again.adopted).toHaveLength(3)
})

test.each(['open', 'lstat', 'rename', 'unlink', 'rmdir', 'statfs'])(
  'F12: when the directory is deleted just before %s, nothing breaks',
  async (call) => {
    const spool = join(temporaryDirectory(), 'spool')
    leaveInstance(spool, { owner: ENDED })
    const real = nodeFs.promises[call as 'rmdir']
    const fs = changedFs({
      [call]: (...args: Parameters<typeof real>) => {
        rmSync(spool, { recursive: true, force: true })
        return real(...args)
      },
    })
    const adopter = createAdopter(spool, { fs })
    await adopter.pass(MINUTE)
    expect(adopter.instance.isOurs()).toBe(false)
  },
)

test.each([
  ['has another name', (directory: string) => renameSync(directory, `${directory}.away`)],
  ['has no owner', (directory: string) => unlinkSync(join(directory, 'owner.json'))],
])(
  'an adopter whose own directory %s in the middle leaves the other files where they are',
  async (_what, change) => {
    const spool = temporaryDirectory()
    const path = leaveReleased(spool, { files: 5 })
    const adopter = createAdopter(spool, { onAdopted: () => change(adopter.instance.directory) })
    await adopter.adoption.scan()
    expect(batchesIn(path)).toHaveLength(4)
    expect(adopter.failures).toEqual([])
  },
)

test('when no instance can be made for the files, that is told and they stay', async () => {
  const spool = temporaryDirectory()
  const path = leaveInstance(spool, { owner: ENDED })
  const full = failingFs('mkdirSync', 'ENOSPC')
  const adopter = createAdopter(spool, { own: () => createInstance(full, spool, { targets: [target] }) })
  await adopter.adoption.scan()
  expect(adopter.failures).toEqual([expect.objectContaining({ code: 'ENOSPC' })])
  expect(batchesIn(path)).toHaveLength(3)
  expect(readFileSync(join(path, 'owner.json'), 'utf8')).not.toBe('')
})
