import { rmSync, writeFileSync } from 'node:fs'
import type { Dirent } from 'node:fs'
import { basename, join } from 'node:path'

import { expect, test } from 'vitest'

import { nodeFs } from '../src/spool-fs.ts'
import {
  batchesIn,
  changedFs,
  createAdopter,
  ENDED,
  leaveInstance,
  leaveReleased,
  otherTarget,
  target,
  temporaryDirectory,
  watchedFs,
  writeBatch,
} from './spool-instances.ts'

const MINUTE = 60_000
const OTHER = `stream ${otherTarget.stream} of rule ${otherTarget.rule}`

test('files come in the order of their names, whatever order the disk tells them in', async () => {
  const spool = temporaryDirectory()
  const paths = [leaveInstance(spool, { owner: ENDED }), leaveInstance(spool, { owner: ENDED })].sort()
  const nameOf = (entry: Dirent | string): string => (typeof entry === 'string' ? entry : entry.name)
  const backwards = changedFs({
    readdir: async (path: string, options: { withFileTypes: true }) => {
      const entries = await nodeFs.promises.readdir(path, options)
      return entries.toSorted((one, other) => (nameOf(one) < nameOf(other) ? 1 : -1))
    },
  })
  const names = paths.flatMap((path) => batchesIn(path))
  const adopter = createAdopter(spool, { fs: backwards })
  await adopter.adoption.scan()
  expect(adopter.adopted).toEqual(names)
})

test('a directory with rows for several streams is opened when one of them is ours', async () => {
  const spool = temporaryDirectory()
  leaveInstance(spool, { owner: { ...ENDED, streams: [otherTarget, target] } })
  const adopter = createAdopter(spool)
  await adopter.adoption.scan()
  expect(adopter.adopted).toHaveLength(3)
})

test('all streams of a foreign directory are named', async () => {
  const spool = temporaryDirectory()
  const third = { ...otherTarget, stream: 'Custom-Third_CL' }
  leaveInstance(spool, { owner: { ...ENDED, streams: [otherTarget, third] } })
  const adopter = createAdopter(spool)
  await adopter.pass(2 * MINUTE)
  expect(adopter.foreign).toMatchObject([
    { reason: `Its rows are for ${OTHER}, stream Custom-Third_CL of rule ${target.rule}.` },
  ])
})

test('a file that is left behind is named, with what it is for', async () => {
  const spool = temporaryDirectory()
  const path = leaveReleased(spool, { files: 1 })
  const stranger = writeBatch(path, otherTarget)
  const adopter = createAdopter(spool)
  await adopter.pass(2 * MINUTE)
  expect(adopter.foreign).toEqual([{ path, reason: `${basename(stranger)} in it is for ${OTHER}.` }])
})

test('of several files that are left behind each is looked at once', async () => {
  const spool = temporaryDirectory()
  const path = leaveReleased(spool, { files: 0 })
  const strangers = [writeBatch(path, otherTarget), writeBatch(path, otherTarget)]
  const opened: string[] = []
  const fs = changedFs({
    open: (file: string, flags: number) => (opened.push(file), nodeFs.promises.open(file, flags)),
  })
  await createAdopter(spool, { fs }).pass(MINUTE)
  expect(opened.filter((file) => file.endsWith('.spool'))).toEqual(strangers)
})

test('a directory that went and came again is a new one', async () => {
  const spool = temporaryDirectory()
  const path = leaveReleased(spool, { files: 0 })
  const adopter = createAdopter(spool)
  const stranger = join(path, 'notes.spool')
  writeFileSync(stranger, 'notes')
  await adopter.pass(2 * MINUTE)
  expect(adopter.foreign).toHaveLength(1)
  rmSync(path, { recursive: true })
  await adopter.pass(MINUTE)
  nodeFs.mkdirSync(path, { mode: 0o700 })
  writeFileSync(stranger, 'notes again')
  await adopter.pass(30_000)
  expect(adopter.foreign).toHaveLength(1)
  await adopter.pass(MINUTE)
  expect(adopter.foreign).toHaveLength(2)
})

test('a file that somebody else took first is no failure', async () => {
  const spool = temporaryDirectory()
  const path = leaveReleased(spool)
  const elsewhere = temporaryDirectory()
  const [first = '', ...others] = batchesIn(path)
  const fs = changedFs({
    rename: async (from: string, to: string) => {
      if (from.endsWith(first)) await nodeFs.promises.rename(from, join(elsewhere, first))
      return nodeFs.promises.rename(from, to)
    },
  })
  const adopter = createAdopter(spool, { fs })
  await adopter.adoption.scan()
  expect(adopter.adopted).toEqual(others)
  expect(adopter.failures).toEqual([])
})

test('a directory that somebody else removed first is no failure', async () => {
  const spool = temporaryDirectory()
  const path = leaveReleased(spool)
  const fs = changedFs({
    readdir: async (directory: string, options: { withFileTypes: true }) => {
      if (directory === path) rmSync(path, { recursive: true })
      return nodeFs.promises.readdir(directory, options)
    },
  })
  const adopter = createAdopter(spool, { fs })
  await adopter.adoption.scan()
  expect(adopter.failures).toEqual([])
})

test('no owner.json stays open', async () => {
  const spool = temporaryDirectory()
  leaveInstance(spool, { owner: ENDED, files: 0 })
  const { fs, descriptors } = watchedFs()
  await createAdopter(spool, { fs }).adoption.scan()
  expect(new Set(descriptors())).toEqual(new Set([-1]))
})

test('what is adopted after stop() is told to nobody', async () => {
  const spool = temporaryDirectory()
  leaveReleased(spool, { files: 1 })
  const fs = changedFs({
    rename: async (from: string, to: string) => {
      adopter.adoption.stop()
      return nodeFs.promises.rename(from, to)
    },
  })
  const adopter = createAdopter(spool, { fs })
  await adopter.adoption.scan()
  expect(adopter.adopted).toEqual([])
  expect(batchesIn(adopter.instance.directory)).toHaveLength(1)
})
