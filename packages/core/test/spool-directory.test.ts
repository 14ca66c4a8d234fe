import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { checkSpoolDirectory } from '../src/spool-directory.ts'
import { nodeFs } from '../src/spool-fs.ts'
import { failingFs, temporaryDirectory } from './spool-instances.ts'

const user = process.geteuid?.()
const onPosix = user !== undefined

function modeOf(path: string): number {
  return lstatSync(path).mode & 0o7777
}

function directoryOfMode(mode: number): string {
  const path = join(temporaryDirectory(), 'spool')
  mkdirSync(path)
  chmodSync(path, mode)
  return path
}

test('S10: a missing directory is made for this user alone, whatever the umask', () => {
  const umask = process.umask(0)
  onTestFinished(() => void process.umask(umask))
  const parent = temporaryDirectory()
  expect(checkSpoolDirectory(nodeFs, join(parent, 'a', 'b'))).toEqual([])
  if (!onPosix) return
  expect(modeOf(join(parent, 'a'))).toBe(0o700)
  expect(modeOf(join(parent, 'a', 'b'))).toBe(0o700)
})

test('a directory for this user alone is taken as it is', () => {
  const path = directoryOfMode(0o700)
  expect(checkSpoolDirectory(nodeFs, path)).toEqual([])
})

test.runIf(onPosix)('others may read it, if somebody wants that', () => {
  const path = directoryOfMode(0o755)
  expect(checkSpoolDirectory(nodeFs, path)).toEqual([])
  expect(modeOf(path)).toBe(0o755)
})

test.runIf(onPosix).each([
  ['the group', 0o770, '0770'],
  ['everybody, like the mount point of an emptyDir', 0o777, '0777'],
  ['everybody, like /tmp', 0o1777, '1777'],
  ['the group of a volume that others can read', 0o2775, '2775'],
])('S10: a directory that can be written by %s is refused, and left as it is', (_who, mode, digits) => {
  const path = directoryOfMode(mode)
  const problems = checkSpoolDirectory(nodeFs, path)
  expect(problems).toEqual([
    expect.stringContaining(
      `${path} can be written by other users (mode ${digits}). Run "chmod 700 ${path}".`,
    ),
  ])
  expect(problems[0]).toContain(`name a directory in it, such as ${path}/azlogs`)
  expect(modeOf(path)).toBe(mode)
  expect(readdirSync(path)).toEqual([])
})

test.runIf(onPosix)('the directory within a mount point that the advice names is fine', () => {
  const path = directoryOfMode(0o777)
  expect(checkSpoolDirectory(nodeFs, join(path, 'azlogs'))).toEqual([])
})

test.runIf(onPosix)('S10: a directory that Kubernetes opened to its fsGroup is closed again', () => {
  const path = directoryOfMode(0o2770)
  expect(checkSpoolDirectory(nodeFs, path)).toEqual([])
  expect(modeOf(path)).toBe(0o700)
})

test.runIf(onPosix)('S10: where the volume does not let itself be closed, the directory is refused', () => {
  const path = directoryOfMode(0o2770)
  const problems = checkSpoolDirectory(failingFs('fchmodSync', 'EPERM'), path)
  expect(problems).toEqual([expect.stringContaining('mount it with dir_mode=0700,file_mode=0600.')])
})

test.runIf(onPosix)('S10: a directory of another user is refused', () => {
  const path = directoryOfMode(0o700)
  expect(checkSpoolDirectory(nodeFs, path, Number(user) + 1)).toEqual([
    `${path} belongs to user ${user}, and this process runs as user ${Number(user) + 1}. Name a directory in it, such as ` +
      `${path}/azlogs, which is then made with the right owner, or run "chown ${Number(user) + 1} ${path}".`,
  ])
})

test.runIf(user === 0)('S10: root refuses a directory of another user too', () => {
  const path = directoryOfMode(0o700)
  chownSync(path, 65_534, 65_534)
  expect(checkSpoolDirectory(nodeFs, path)).toEqual([
    expect.stringContaining(`${path} belongs to user 65534`),
  ])
})

test.runIf(onPosix)('every problem of a directory is named', () => {
  const path = directoryOfMode(0o777)
  expect(checkSpoolDirectory(nodeFs, path, Number(user) + 1)).toHaveLength(2)
})

test('where there are no such users and modes, nothing is asked of them', () => {
  const path = directoryOfMode(0o777)
  expect(checkSpoolDirectory(nodeFs, path, null)).toEqual([])
})

test.runIf(onPosix).each(['', '/', '/.'])(
  'S10: a symbolic link to a directory is refused (%j at its end)',
  (end) => {
    const path = directoryOfMode(0o700)
    const link = `${path}-link`
    symlinkSync(path, link)
    expect(checkSpoolDirectory(nodeFs, `${link}${end}`)).toEqual([
      `${link} is a symbolic link. Name the directory that it points to.`,
    ])
  },
)

test.runIf(onPosix)('S10: a symbolic link to nowhere is refused, and nothing is made there', () => {
  const parent = temporaryDirectory()
  symlinkSync(join(parent, 'nowhere'), join(parent, 'link'))
  expect(checkSpoolDirectory(nodeFs, join(parent, 'link'))).toHaveLength(1)
  expect(readdirSync(parent)).toEqual(['link'])
})

test('a symbolic link on the way to it is nobody’s business', () => {
  const parent = temporaryDirectory()
  mkdirSync(join(parent, 'real'))
  symlinkSync(join(parent, 'real'), join(parent, 'link'), 'junction')
  expect(checkSpoolDirectory(nodeFs, join(parent, 'link', 'spool'))).toEqual([])
})

test('a file is no directory', () => {
  const path = join(temporaryDirectory(), 'file')
  writeFileSync(path, '')
  expect(checkSpoolDirectory(nodeFs, path)).toEqual([
    `${path} is not a directory. Remove it, or name another path.`,
  ])
  expect(checkSpoolDirectory(nodeFs, join(path, 'spool'))).toEqual([
    expect.stringMatching(/cannot be a directory \((ENOTDIR|EEXIST)\).*Name another path\.$/),
  ])
})

test.each(['EACCES', 'EROFS', 'ENOSPC', 'EMFILE', 'EIO'])(
  '%s is no problem of the directory: it may pass',
  (code) => {
    const parent = temporaryDirectory()
    expect(checkSpoolDirectory(failingFs('mkdirSync', code), join(parent, 'spool'))).toEqual([])
    expect(checkSpoolDirectory(failingFs('lstatSync', code), parent)).toEqual([])
    rmSync(parent, { recursive: true })
  },
)

test('Windows gets none of the flags that it does not know', () => {
  const script = `
    Object.defineProperty(process, 'platform', { value: 'win32' })
    const { NO_FOLLOW, NO_WAITING, ONLY_DIRECTORY } = await import('${new URL('../src/spool-fs.ts', import.meta.url).href}')
    console.log(JSON.stringify([NO_FOLLOW, NO_WAITING, ONLY_DIRECTORY]))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, NODE_OPTIONS: '' },
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual([0, 0, 0])
})
