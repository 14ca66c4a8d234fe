import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

import { expect, test } from 'vitest'

import { nodeFs } from '../src/spool-fs.ts'
import { createInstance } from '../src/spool-instance.ts'
import { encodeOwner, identify } from '../src/spool-owner.ts'
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
  volumeOfType,
  writeBatch,
} from './spool-instances.ts'

const onLinux = process.platform === 'linux'
const NFS = 0x6969
const MINUTE = 60_000

/** Of a process in another container, or on another host: whether it runs cannot be known. */
const ELSEWHERE = { pidNamespace: 'pid:[1]', bootId: null, host: 'elsewhere' }

test('F28: the files of a dead process are adopted at the first scan, oldest first, and its directory goes', async () => {
  const spool = temporaryDirectory()
  const dead = leaveInstance(spool, { files: 20, owner: ENDED })
  const names = batchesIn(dead)
  const adopter = createAdopter(spool)
  await adopter.adoption.scan()
  expect(adopter.adopted).toEqual(names)
  expect(batchesIn(adopter.instance.directory)).toEqual(names)
  expect(readdirSync(spool)).toEqual([adopter.instance.id])
  expect(adopter.failures).toEqual([])
})

test('what is adopted is whole, and its size is told', async () => {
  const spool = temporaryDirectory()
  const dead = leaveInstance(spool, { files: 1, owner: ENDED })
  const [name = ''] = batchesIn(dead)
  const content = readFileSync(join(dead, name))
  const told: unknown[] = []
  const { adoption, instance } = createAdopter(spool, {
    onAdopted: (path, bytes) => told.push([path, bytes]),
  })
  await adoption.scan()
  const path = join(instance.directory, name)
  expect(told).toEqual([[path, content.length]])
  expect(readFileSync(path)).toEqual(content)
})

test('files of a released directory are adopted at once', async () => {
  const spool = temporaryDirectory()
  const released = createInstance(nodeFs, spool, { targets: [target] })
  const path = writeBatch(released.directory)
  released.release()
  const { adoption, adopted, instance } = createAdopter(spool)
  await adoption.scan()
  expect(adopted).toEqual([basename(path)])
  expect(readdirSync(spool)).toEqual([instance.id])
})

test('another instance of this process keeps its files as long as it gives signs of life', async () => {
  const spool = temporaryDirectory()
  const other = createInstance(nodeFs, spool, { targets: [target] })
  writeBatch(other.directory)
  const adopter = createAdopter(spool)
  for (let minute = 0; minute < 30; minute += 1) {
    await adopter.pass(MINUTE)
    expect(await other.beat()).toBe('owner')
  }
  expect(adopter.adopted).toEqual([])
  expect(batchesIn(other.directory)).toHaveLength(1)
})

test.each([0, 1])('its own directory is no one else’s, with %i files', async (files) => {
  const spool = temporaryDirectory()
  const adopter = createAdopter(spool)
  for (let count = 0; count < files; count += 1) writeBatch(adopter.instance.directory)
  await adopter.pass(30 * MINUTE)
  expect(adopter.adopted).toEqual([])
  expect(adopter.instance.isOurs()).toBe(true)
})

test('a living process that gives no sign of life for ten minutes has lost its files', async () => {
  const spool = temporaryDirectory()
  const frozen = createInstance(nodeFs, spool, { targets: [target] })
  writeBatch(frozen.directory)
  const adopter = createAdopter(spool)
  await adopter.pass(10 * MINUTE)
  expect(adopter.adopted).toHaveLength(0)
  await adopter.pass(10_000)
  expect(adopter.adopted).toHaveLength(1)
  expect(frozen.isOurs()).toBe(false)
  expect(await frozen.beat()).toBe('evicted')
})

test('the owner sees that it is evicted before the first of its files goes', async () => {
  const spool = temporaryDirectory()
  const owner = createInstance(nodeFs, spool, { targets: [target] })
  writeBatch(owner.directory)
  const seen: boolean[] = []
  const adopter = createAdopter(spool, {
    fs: {
      ...nodeFs,
      promises: {
        ...nodeFs.promises,
        rename: (from, to) => {
          seen.push(owner.isOurs())
          return nodeFs.promises.rename(from, to)
        },
      },
    },
  })
  await adopter.pass(11 * MINUTE)
  expect(seen).toEqual([false])
})

test.runIf(onLinux)(
  'F28: after a reboot the files are adopted at once from a disk of this machine',
  async () => {
    const spool = temporaryDirectory()
    leaveInstance(spool, { owner: { bootId: 'the one before' } })
    const { adoption, adopted } = createAdopter(spool, { fs: volumeOfType(0xef53) })
    await adoption.scan()
    expect(adopted).toHaveLength(3)
  },
)

test.each([
  ['of another boot, on a volume that hosts share', { bootId: 'another', host: 'elsewhere' }],
  ['in another pid namespace, with our own pid', { pidNamespace: 'pid:[1]' }],
  ['of whom nothing but the host is known', { ...ELSEWHERE, pidNamespace: null, startTime: null }],
])('an owner %s is dead when it gives no sign of life for 45 s', async (_who, owner) => {
  const spool = temporaryDirectory()
  leaveInstance(spool, { owner })
  const adopter = createAdopter(spool, { fs: volumeOfType(NFS) })
  await adopter.pass(50_000)
  expect(adopter.adopted).toEqual([])
  await adopter.pass(10_000)
  expect(adopter.adopted).toHaveLength(3)
})

test('an owner elsewhere with a sign of life now and then keeps its files, whatever the clocks say', async () => {
  const spool = temporaryDirectory()
  const path = leaveInstance(spool, { owner: ELSEWHERE })
  const adopter = createAdopter(spool)
  for (const time of [0, 4e9, 1, 1.7e9, 1.6e9, 1.6e9 + 0.001]) {
    utimesSync(join(path, 'owner.json'), time, time)
    await adopter.pass(40_000)
  }
  expect(adopter.adopted).toEqual([])
})

test('when the whole machine stood still, an owner elsewhere gets its chance to move', async () => {
  const spool = temporaryDirectory()
  const path = leaveInstance(spool, { owner: ELSEWHERE })
  const adopter = createAdopter(spool)
  await adopter.adoption.scan()
  for (let round = 0; round < 3; round += 1) {
    adopter.freeze(24 * 60 * MINUTE)
    await adopter.adoption.scan()
    expect(adopter.adopted).toEqual([])
    utimesSync(join(path, 'owner.json'), round, round)
    await adopter.pass(20_000)
  }
  expect(adopter.adopted).toEqual([])
})

test.each([
  ['nothing', ''],
  ['zeros', '\0'.repeat(100)],
  ['hostile text', `{"version":1,"__proto__":{"pid":1},"host":${'['.repeat(10_000)}`],
  ['a megabyte', encodeOwner({ ...identify(nodeFs), ...ENDED }, []) + ' '.repeat(1_048_576)],
])(
  'with %s in its owner.json, a directory is adopted after 45 s, by what its files say',
  async (_what, text) => {
    const spool = temporaryDirectory()
    const path = leaveInstance(spool, { files: 2 })
    const stranger = writeBatch(path, otherTarget)
    writeFileSync(join(path, 'owner.json'), text)
    const adopter = createAdopter(spool)
    await adopter.pass(50_000)
    expect(adopter.adopted).toEqual([])
    await adopter.pass(10_000)
    expect(adopter.adopted).toHaveLength(2)
    expect(batchesIn(path)).toEqual([basename(stranger)])
  },
)

test('a directory that was left half made is cleared away after 45 s', async () => {
  const spool = temporaryDirectory()
  const path = leaveReleased(spool, { files: 0 })
  const draft = join(spool, `.${basename(path)}.tmp`)
  nodeFs.renameSync(path, draft)
  const adopter = createAdopter(spool)
  await adopter.pass(50_000)
  expect(readdirSync(spool).sort()).toEqual([basename(draft), adopter.instance.id].sort())
  await adopter.pass(10_000)
  expect(readdirSync(spool)).toEqual([adopter.instance.id])
})

test('rows for another stream are left, and called foreign once when nobody has taken them for a minute', async () => {
  const spool = temporaryDirectory()
  const path = leaveInstance(spool, { to: otherTarget, owner: ENDED })
  const adopter = createAdopter(spool)
  await adopter.pass(MINUTE)
  expect(adopter.foreign).toEqual([])
  await adopter.pass(10 * MINUTE)
  expect(adopter.foreign).toEqual([
    { path, reason: `Its rows are for stream Custom-Other_CL of rule ${target.rule}.` },
  ])
  expect(adopter.adopted).toEqual([])
  expect(readdirSync(path)).toHaveLength(4)
})

test('rows for another rule are left too', async () => {
  const spool = temporaryDirectory()
  const path = leaveReleased(spool, { to: { ...target, rule: 'dcr-11111111111111111111111111111111' } })
  const adopter = createAdopter(spool)
  await adopter.pass(5 * MINUTE)
  expect(adopter.foreign).toHaveLength(1)
  expect(batchesIn(path)).toHaveLength(3)
})

test('nobody hears of another stream’s rows as long as their own process lives', async () => {
  const spool = temporaryDirectory()
  const other = createInstance(nodeFs, spool, { targets: [otherTarget] })
  writeBatch(other.directory, otherTarget)
  const adopter = createAdopter(spool)
  for (let minute = 0; minute < 5; minute += 1) {
    await adopter.pass(MINUTE)
    await other.beat()
  }
  expect(adopter.foreign).toEqual([])
})

test('each file goes to the stream of its header, from one directory to two shippers', async () => {
  const spool = temporaryDirectory()
  const path = leaveReleased(spool, { files: 2 })
  const other = writeBatch(path, otherTarget)
  const one = createAdopter(spool)
  const two = createAdopter(spool, { targets: [otherTarget] })
  await one.adoption.scan()
  await two.adoption.scan()
  expect(one.adopted).toHaveLength(2)
  expect(two.adopted).toEqual([basename(other)])
  expect(readdirSync(spool)).toHaveLength(2)
})

test('a shipper with several destinations adopts what is for any of them', async () => {
  const spool = temporaryDirectory()
  leaveInstance(spool, { owner: ENDED })
  leaveInstance(spool, { to: otherTarget, owner: ENDED })
  const adopter = createAdopter(spool, { targets: [target, otherTarget] })
  await adopter.adoption.scan()
  expect(adopter.adopted).toHaveLength(6)
})

test('a directory of a newer version is left and called foreign', async () => {
  const spool = temporaryDirectory()
  const path = leaveInstance(spool)
  writeFileSync(join(path, 'owner.json'), JSON.stringify({ version: 2, pid: ENDED.pid }))
  const adopter = createAdopter(spool)
  await adopter.pass(20 * MINUTE)
  expect(adopter.foreign).toEqual([{ path, reason: 'A newer version of azlogs made it.' }])
  expect(batchesIn(path)).toHaveLength(3)
})

test('files that had not been begun when their process died are removed', async () => {
  const spool = temporaryDirectory()
  const path = leaveInstance(spool, { files: 1, owner: ENDED })
  const header = readFileSync(join(path, batchesIn(path)[0] ?? '')).subarray(0, 40)
  for (const length of [0, 1, 8, 9, 17, 18, 19, 40]) {
    writeFileSync(join(path, `torn-${length}.spool`), header.subarray(0, length))
  }
  const adopter = createAdopter(spool)
  await adopter.adoption.scan()
  expect(adopter.adopted).toHaveLength(1)
  expect(readdirSync(spool)).toEqual([adopter.instance.id])
})

test.each([
  ['text', 'notes'],
  ['text with a newline', 'notes\n'],
  ['zeros, as after a loss of power', '\0'.repeat(500)],
  ['hexadecimal digits and then text', '0123abcd notes'],
  ['a row, and no header', '00000008 3be3ae72 {"a":17}\n'],
  ['something long', 'x'.repeat(100_000)],
])('a file of %s is left where it is and called foreign', async (_what, text) => {
  const spool = temporaryDirectory()
  const path = leaveReleased(spool, { files: 1 })
  writeFileSync(join(path, 'notes.spool'), text)
  const adopter = createAdopter(spool)
  await adopter.pass(5 * MINUTE)
  expect(adopter.adopted).toHaveLength(1)
  expect(adopter.foreign).toEqual([{ path, reason: 'notes.spool in it does not begin as a spool file.' }])
  expect(readFileSync(join(path, 'notes.spool'), 'utf8')).toBe(text)
})

test('a file never takes the place of another with its name', async () => {
  const spool = temporaryDirectory()
  const path = leaveReleased(spool, { files: 1 })
  const adopter = createAdopter(spool)
  const [name = ''] = batchesIn(path)
  writeFileSync(join(adopter.instance.directory, name), 'ours')
  await adopter.pass(2 * MINUTE)
  expect(readFileSync(join(adopter.instance.directory, name), 'utf8')).toBe('ours')
  expect(batchesIn(path)).toEqual([name])
  expect(adopter.foreign).toEqual([{ path, reason: expect.stringContaining('is there already') }])
})

test('a foreign file is looked at once, and new ones beside it are still adopted', async () => {
  const spool = temporaryDirectory()
  const path = leaveReleased(spool, { files: 0 })
  const stranger = writeBatch(path, otherTarget)
  const opened: string[] = []
  const adopter = createAdopter(spool, {
    fs: {
      ...nodeFs,
      promises: {
        ...nodeFs.promises,
        open: (file, flags) => (opened.push(String(file)), nodeFs.promises.open(file, flags)),
      },
    },
  })
  await adopter.pass(MINUTE)
  const late = writeBatch(path)
  await adopter.pass(MINUTE)
  expect(opened.filter((file) => file === stranger)).toHaveLength(1)
  expect(adopter.adopted).toEqual([basename(late)])
})

test('without files to adopt, no instance is asked for', async () => {
  const spool = temporaryDirectory()
  leaveReleased(spool, { files: 0 })
  leaveInstance(spool, { files: 0, owner: ENDED })
  let asked = 0
  const adopter = createAdopter(spool, {
    own: () => {
      asked += 1
      throw new Error('asked')
    },
  })
  await adopter.pass(MINUTE)
  expect(asked).toBe(0)
  expect(readdirSync(spool)).toEqual([adopter.instance.id])
})

test('who is no longer the owner of its own directory leaves the others as they are', async () => {
  const spool = temporaryDirectory()
  const path = leaveInstance(spool, { owner: ENDED })
  const adopter = createAdopter(spool)
  rmSync(join(adopter.instance.directory, 'owner.json'))
  await adopter.adoption.scan()
  expect(adopter.adopted).toEqual([])
  expect(readdirSync(path)).toHaveLength(4)
})

test('stop() ends a scan after the file that is being moved', async () => {
  const spool = temporaryDirectory()
  const path = leaveReleased(spool, { files: 10 })
  const adopter = createAdopter(spool, { onAdopted: () => adopter.adoption.stop() })
  await adopter.adoption.scan()
  expect(batchesIn(path)).toHaveLength(9)
  await adopter.adoption.scan()
  expect(batchesIn(path)).toHaveLength(9)
})

test('two calls of scan() at once look through the directory once', async () => {
  const spool = temporaryDirectory()
  const looks: unknown[] = []
  const { adoption } = createAdopter(spool, {
    fs: changedFs({ readdir: (path: string) => (looks.push(path), nodeFs.promises.readdir(path)) }),
  })
  await Promise.all([adoption.scan(), adoption.scan()])
  expect(looks).toEqual([spool])
  await adoption.scan()
  expect(looks).toHaveLength(2)
})
