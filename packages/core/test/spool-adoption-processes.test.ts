import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'

import { expect, test, vi } from 'vitest'

import {
  batchesIn,
  createAdopter,
  ENDED,
  leaveInstance,
  leaveReleased,
  startInstance,
  temporaryDirectory,
  writeBatch,
} from './spool-instances.ts'

vi.setConfig({ testTimeout: 120_000 })

const MINUTE = 60_000
const hasNamespaces = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0

/** Every spool file below the directory, with its instance. */
function everything(spool: string): readonly { readonly instance: string; readonly name: string }[] {
  return readdirSync(spool).flatMap((instance) =>
    batchesIn(join(spool, instance)).map((name) => ({ instance, name })),
  )
}

test('F28: a process keeps its files until kill -9; then they are adopted at the next scan', async () => {
  const spool = temporaryDirectory()
  const owner = await startInstance(spool)
  const name = basename(writeBatch(owner.directory))
  const adopter = createAdopter(spool)
  await adopter.pass(MINUTE)
  expect(adopter.adopted).toEqual([])
  await owner.kill()
  await adopter.adoption.scan()
  expect(adopter.adopted).toEqual([name])
  expect(readdirSync(spool)).toEqual([adopter.instance.id])
})

test('a process that stands still keeps its files for ten minutes, and learns when it wakes up that they are gone', async () => {
  const spool = temporaryDirectory()
  const owner = await startInstance(spool)
  writeBatch(owner.directory)
  owner.child.kill('SIGSTOP')
  const adopter = createAdopter(spool)
  await adopter.pass(10 * MINUTE)
  expect(adopter.adopted).toEqual([])
  await adopter.pass(10_000)
  expect(adopter.adopted).toHaveLength(1)
  owner.child.kill('SIGCONT')
  expect(await owner.ask('beat')).toEqual({ isOurs: false, beat: 'evicted' })
})

test('a process that releases its directory leaves its files to others at once', async () => {
  const spool = temporaryDirectory()
  const owner = await startInstance(spool)
  const adopter = createAdopter(spool)
  writeBatch(owner.directory)
  expect(await owner.ask('release')).toEqual({ isOurs: false })
  await adopter.adoption.scan()
  expect(adopter.adopted).toHaveLength(1)
})

test.runIf(hasNamespaces)(
  'F28: a process in another pid namespace keeps its files while it gives signs of life; killed, it loses them after 45 s',
  async () => {
    const spool = temporaryDirectory()
    const owner = await startInstance(spool, { unshared: true })
    expect(basename(owner.directory)).toMatch(/-1-[0-9a-f]{12}$/)
    writeBatch(owner.directory)
    const adopter = createAdopter(spool)
    for (let round = 0; round < 5; round += 1) {
      await adopter.pass(40_000)
      expect(await owner.ask('beat')).toMatchObject({ beat: 'owner' })
    }
    await owner.kill()
    await adopter.pass(50_000)
    expect(adopter.adopted).toEqual([])
    await adopter.pass(10_000)
    expect(adopter.adopted).toHaveLength(1)
  },
)

test.runIf(hasNamespaces)(
  'F28: two containers with equal pids do not take each other for themselves',
  async () => {
    const spool = temporaryDirectory()
    const one = await startInstance(spool, { unshared: true })
    const two = await startInstance(spool, { unshared: true })
    writeBatch(one.directory)
    writeBatch(two.directory)
    expect(await one.ask('scan')).toEqual({ adopted: [], failures: [] })
    expect(await two.ask('scan')).toEqual({ adopted: [], failures: [] })
    expect([await one.ask('beat'), await two.ask('beat')]).toMatchObject([
      { beat: 'owner' },
      { beat: 'owner' },
    ])
  },
)

test('F28: each file of the dead is adopted exactly once by two processes that scan at the same time', async () => {
  const spool = temporaryDirectory()
  const adopters = await Promise.all([startInstance(spool), startInstance(spool)])
  const all: string[] = []
  let rounds = 0
  const shared = (counts: readonly number[]): boolean => counts.every((count) => count > 0)
  let seenShared = false
  while (rounds < 20 && (rounds < 3 || !seenShared)) {
    rounds += 1
    const before = everything(spool).length
    expect(before).toBe(all.length)
    const left = [
      leaveInstance(spool, { files: 200, owner: ENDED }),
      leaveReleased(spool, { files: 200 }),
      leaveInstance(spool, { files: 200, owner: ENDED }),
    ]
    all.push(...left.flatMap((path) => batchesIn(path)))
    const had = adopters.map(({ directory }) => batchesIn(directory).length)
    const answers = await Promise.all(adopters.map((adopter) => adopter.ask('scan')))
    expect(answers.flatMap(({ failures }) => failures)).toEqual([])
    for (const [index, { adopted = [] }] of answers.entries()) {
      expect(adopted.map((path) => basename(path)).sort()).toEqual(
        batchesIn(adopters[index]?.directory ?? ''),
      )
    }
    seenShared ||= shared(answers.map(({ adopted = [] }, index) => adopted.length - (had[index] ?? 0)))
  }
  expect(seenShared).toBe(true)
  expect(
    everything(spool)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(all.sort())
  expect(readdirSync(spool).sort()).toEqual(adopters.map(({ directory }) => basename(directory)).sort())
})

test.each(['unlink:1', 'rename:1', 'rename:2', 'rename:7', 'rmdir:1'])(
  'F3: an adopter that is killed at %s loses nothing and doubles nothing',
  async (where) => {
    const spool = temporaryDirectory()
    const names = batchesIn(leaveInstance(spool, { files: 10, owner: ENDED }))
    const first = await startInstance(spool, { env: { DIE_AT: where } })
    await expect(first.ask('scan')).rejects.toThrow('the process has ended with SIGKILL')
    expect(everything(spool)).toHaveLength(10)
    const second = await startInstance(spool, { env: { DIE_AT: where } })
    await expect(second.ask('scan')).rejects.toThrow('the process has ended with SIGKILL')
    const last = createAdopter(spool)
    await last.adoption.scan()
    expect([...last.adopted].sort()).toEqual(names)
    expect(everything(spool).map(({ instance }) => instance)).toEqual(names.map(() => last.instance.id))
    expect(readdirSync(spool)).toEqual([last.instance.id])
  },
)
