import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs, {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'

import { listSpool, replaySpool, verifySpool } from '../src/index.ts'
import type { Shipper, ShipperOptions, SpoolSender } from '../src/index.ts'
import { nodeFs } from '../src/spool-fs.ts'
import { encodeHeader } from '../src/spool-header.ts'
import type { SpoolHeader } from '../src/spool-header.ts'
import { createInstance } from '../src/spool-instance.ts'
import type { Instance } from '../src/spool-instance.ts'
import { identify } from '../src/spool-owner.ts'
import { frame, header, spoolBytes } from './spool-bytes.ts'
import { startShipping } from './shipping.ts'
import { startReceiver } from './receiver.ts'

const FIXTURE = fileURLToPath(new URL('fixtures/spool-replay.ts', import.meta.url))

type Owner = 'alive' | 'dead' | 'released' | 'unknown'

let emulator: Emulator
let deadPid = 0
let sequence = 0

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
  deadPid = spawnSync(process.execPath, ['-e', '']).pid
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

function newSpool(): string {
  const directory = mkdtempSync(join(tmpdir(), 'azlogs-tools-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** An instance with such an owner, as a shipper would have left it. */
function addInstance(spool: string, owner: Owner, head: SpoolHeader = header): Instance {
  const self = identify(nodeFs)
  const instance = createInstance(nodeFs, spool, {
    targets: [head],
    self: {
      ...self,
      // A pid that came back would be told by its time of start.
      ...(owner === 'dead' ? { pid: deadPid, startTime: '1' } : {}),
      ...(owner === 'unknown' ? { host: 'elsewhere', pidNamespace: 'pid:[1]', pid: 4711 } : {}),
    },
  })
  onTestFinished(() => instance.release())
  if (owner === 'released') {
    const keeper = join(instance.directory, 'keeper')
    writeFileSync(keeper, '')
    instance.release()
    rmSync(keeper)
  }
  return instance
}

function addFile(instance: Instance, bytes: Uint8Array): string {
  sequence += 1
  const name = `1700000000000-${String(sequence).padStart(6, '0')}-${instance.suffix}.spool`
  const path = join(instance.directory, name)
  writeFileSync(path, bytes, { mode: 0o600 })
  return path
}

function rowsOf(first: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      TimeGenerated: '2026-01-01T00:00:00.000Z',
      Message: `record ${first + index}`,
      RecordId: `r-${first + index}`,
    }),
  )
}

function stored(): readonly unknown[] {
  return emulator.rows().map((row) => row['Message'])
}

function messages(first: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `record ${first + index}`)
}

function start(options: ShipperOptions = {}): Shipper {
  return startShipping(emulator, options).shipper
}

/** Every file with its bytes, rights and time. */
function snapshot(directory: string): readonly unknown[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const stats = lstatSync(join(directory, name))
      const bytes = stats.isFile() ? readFileSync(join(directory, name), 'latin1') : ''
      return [name, stats.mode, stats.mtimeMs, stats.ino, bytes]
    })
}

test('listSpool() tells of each instance whether it lives, and of each file what it is for', async () => {
  const spool = newSpool()
  const alive = addInstance(spool, 'alive')
  const dead = addInstance(spool, 'dead')
  const released = addInstance(spool, 'released')
  const unknown = addInstance(spool, 'unknown')
  const file = addFile(dead, spoolBytes(rowsOf(0, 3)))
  const foreign = addFile(released, Buffer.from('{"a":1}\n'))
  const unborn = addFile(released, encodeHeader(header).subarray(0, 30))
  mkdirSync(join(spool, 'dead-letter'))
  writeFileSync(join(dead.directory, 'notes.txt'), 'not of the spool')

  const listed = await listSpool(spool)
  const byPath = new Map(listed.map((instance) => [instance.path, instance]))
  expect(listed).toHaveLength(4)
  expect(byPath.get(alive.directory)).toMatchObject({ state: 'alive', pid: process.pid, files: [] })
  expect(byPath.get(dead.directory)).toEqual({
    path: dead.directory,
    state: 'dead',
    host: identify(nodeFs).host,
    pid: deadPid,
    files: [{ path: file, bytes: lstatSync(file).size, header, problem: undefined }],
    problem: undefined,
  })
  expect(byPath.get(released.directory)).toMatchObject({
    state: 'released',
    pid: undefined,
    files: [
      {
        path: foreign,
        header: undefined,
        problem: expect.stringContaining('does not begin as a spool file'),
      },
      { path: unborn, header: undefined, problem: expect.stringContaining('no rows') },
    ],
  })
  expect(byPath.get(unknown.directory)).toMatchObject({ state: 'unknown', host: 'elsewhere', pid: 4711 })
})

test('an owner that makes no sense is unknown, and one of a later version is left alone', async () => {
  const spool = newSpool()
  const senseless = addInstance(spool, 'alive')
  writeFileSync(join(senseless.directory, 'owner.json'), '{"version":1,"pid":"x"')
  const later = addInstance(spool, 'dead')
  writeFileSync(join(later.directory, 'owner.json'), '{"version":2}')
  addFile(later, spoolBytes(rowsOf(0, 1)))
  const byPath = new Map((await listSpool(spool)).map((instance) => [instance.path, instance]))
  expect(byPath.get(senseless.directory)).toMatchObject({
    state: 'unknown',
    host: undefined,
    problem: undefined,
  })
  expect(byPath.get(later.directory)).toMatchObject({
    state: 'unknown',
    problem: expect.stringContaining('newer version'),
  })
  const result = await replaySpool(spool, start())
  expect(result).toMatchObject({ files: 0, skipped: { length: 2 } })
  expect(stored()).toEqual([])
})

test('an owner file that cannot be read is unknown, and a path that no system takes is told as it is', async () => {
  const spool = newSpool()
  const instance = addInstance(spool, 'dead')
  rmSync(join(instance.directory, 'owner.json'))
  mkdirSync(join(instance.directory, 'owner.json'))
  onTestFinished(() => rmSync(instance.directory, { recursive: true, force: true }))
  expect(await listSpool(spool)).toMatchObject([{ state: 'unknown', host: undefined, problem: undefined }])
  await expect(listSpool(join(spool, 'x'.repeat(300)))).rejects.toMatchObject({
    code: 'AZLOGS_CONFIG',
    message: expect.stringMatching(/^The spool cannot be read at .*ENAMETOOLONG/),
  })
})

test('what goes while it is looked at is left out', async () => {
  const spool = newSpool()
  const [gone, left] = [addInstance(spool, 'dead'), addInstance(spool, 'dead')]
  const paths = [0, 1, 2].map((n) => addFile(left, spoolBytes(rowsOf(n, 1))))
  const [settled = '', read = '', kept = ''] = paths
  // Their shipper delivers, and removes, one before its head is read, and one after that.
  const { open, readdir } = fs.promises
  vi.spyOn(fs.promises, 'readdir').mockImplementation((async (path: string) => {
    const names = await readdir(path)
    rmSync(path === spool ? gone.directory : settled, { recursive: true, force: true })
    return names
  }) as never)
  let opened = 0
  vi.spyOn(fs.promises, 'open').mockImplementation((async (path: string, flags: number) => {
    if (path === read && (opened += 1) === 2) rmSync(read)
    return open(path, flags)
  }) as never)
  const verified = await verifySpool(spool)
  expect(verified.map(({ path }) => path)).toEqual([left.directory])
  expect(verified[0]?.files).toMatchObject([{ path: kept, records: 1 }])
})

test('verifySpool() counts rows, damage and torn bytes, and changes nothing', async () => {
  const spool = newSpool()
  const dead = addInstance(spool, 'dead')
  const alive = addInstance(spool, 'alive')
  const damaged = spoolBytes(rowsOf(0, 10))
  damaged[spoolBytes(rowsOf(0, 4)).length + 30] = 0x7e
  const path = addFile(dead, Buffer.concat([damaged, frame('[1]'), frame('{"a":1}').subarray(0, 9)]))
  addFile(alive, spoolBytes(rowsOf(0, 2)))
  addFile(dead, Buffer.from('something else\n'))
  const before = snapshot(spool)

  const verified = await verifySpool(spool)
  const files = verified.flatMap((instance) => instance.files)
  expect(files.find((file) => file.path === path)).toMatchObject({
    records: 9,
    damaged: 2,
    tornBytes: 9,
    header,
  })
  expect(files.find((file) => file.path.startsWith(alive.directory))).toMatchObject({
    records: 2,
    damaged: 0,
    tornBytes: 0,
  })
  expect(files.find((file) => file.problem !== undefined)).toMatchObject({
    records: 0,
    damaged: 0,
    tornBytes: 0,
  })
  await listSpool(spool)
  expect(snapshot(spool)).toEqual(before)
})

test('replaySpool() sends what the dead left, oldest first, removes it, and leaves the living alone', async () => {
  const spool = newSpool()
  const first = addInstance(spool, 'dead')
  const second = addInstance(spool, 'released')
  const alive = addInstance(spool, 'alive')
  const unknown = addInstance(spool, 'unknown')
  addFile(first, spoolBytes(rowsOf(0, 100)))
  addFile(second, spoolBytes(rowsOf(100, 100)))
  addFile(first, spoolBytes(rowsOf(200, 100)))
  const kept = [addFile(alive, spoolBytes(rowsOf(300, 5))), addFile(unknown, spoolBytes(rowsOf(400, 5)))]

  const result = await replaySpool(spool, start())
  expect(stored()).toEqual(messages(0, 300))
  expect(result).toMatchObject({ files: 3, records: 300, damaged: 0 })
  expect(new Map(result.skipped.map(({ path, reason }) => [path, reason]))).toEqual(
    new Map([
      [alive.directory, expect.stringContaining(`Process ${process.pid} is running`)],
      [unknown.directory, expect.stringContaining('process 4711 on elsewhere')],
    ]),
  )
  expect(kept.map((path) => existsSync(path))).toEqual([true, true])
  expect(readdirSync(spool).sort()).toEqual([basename(alive.directory), basename(unknown.directory)].sort())
})

test('numbers keep their digits, and __proto__ is a column like others, on the way through a shipper', async () => {
  const spool = newSpool()
  const texts = [
    '{"n":12345678901234567890,"m":-9007199254740993,"f":1.5,"o":{"a":[1,2]}}',
    '{"__proto__":{"a":1},"toJSON":"x"}',
  ]
  addFile(addInstance(spool, 'dead'), spoolBytes(texts))
  const receiver = await startReceiver()
  await replaySpool(spool, start({ endpoint: receiver.url }))
  expect(receiver.received.map(({ json }) => json.toString())).toEqual([`[${texts.join(',')}]`])
})

test('a file of which a row was dropped stays, whole, for the next one', async () => {
  const spool = newSpool()
  const dead = addInstance(spool, 'dead')
  const bytes = [spoolBytes(rowsOf(0, 50)), spoolBytes(rowsOf(50, 50)), spoolBytes(rowsOf(100, 50))]
  const names = bytes.map((content) => basename(addFile(dead, content)))
  emulator.answerNext({ times: 1 }, { status: 503, times: 1000 })

  const failed = await replaySpool(spool, start({ retryForMs: 1, maxConcurrency: 1 }))
  expect(failed).toMatchObject({ files: 1, records: 50, damaged: 0 })
  expect(failed.skipped.map(({ path }) => basename(path))).toEqual(names.slice(1))
  expect(failed.skipped.map(({ reason }) => reason)).toEqual([
    expect.stringContaining('dropped 50 rows while it was being sent (retries-exhausted)'),
    expect.stringContaining('Not tried'),
  ])
  const [left] = await listSpool(spool)
  expect(left).toMatchObject({ state: 'released', files: { length: 2 } })
  expect(left?.files.map(({ path }) => readFileSync(path))).toEqual(bytes.slice(1))

  emulator.clear()
  expect(await replaySpool(spool, start())).toMatchObject({ files: 2, records: 100, skipped: [] })
  expect(stored()).toEqual(messages(50, 100))
  expect(readdirSync(spool)).toEqual([])
})

test('a row that finds no room keeps its own file only', async () => {
  const spool = newSpool()
  const dead = addInstance(spool, 'dead')
  addFile(dead, spoolBytes([JSON.stringify({ Message: 'x'.repeat(3_000_000) })]))
  addFile(dead, spoolBytes(rowsOf(0, 10)))
  const result = await replaySpool(spool, start({ maxBufferBytes: 1_000_000, maxBatchBytes: 100_000 }))
  expect(result).toMatchObject({
    files: 1,
    records: 10,
    skipped: [{ reason: expect.stringContaining('buffer-full') }],
  })
  expect(stored()).toEqual(messages(0, 10))
})

test('a file many times larger than the memory bound is sent without a drop', async () => {
  const spool = newSpool()
  addFile(addInstance(spool, 'dead'), spoolBytes(rowsOf(0, 20_000)))
  const shipper = start({ maxBufferBytes: 200_000, maxBatchBytes: 50_000 })
  expect(await replaySpool(spool, shipper)).toMatchObject({ files: 1, records: 20_000, skipped: [] })
  expect(shipper.stats()).toMatchObject({ delivered: 20_000, dropped: 0 })
  // Each once; several requests are under way at a time.
  expect(new Set(stored())).toEqual(new Set(messages(0, 20_000)))
  expect(stored()).toHaveLength(20_000)
})

test('rows that the service refuses for good are settled, and their file goes', async () => {
  const spool = newSpool()
  addFile(addInstance(spool, 'dead'), spoolBytes(rowsOf(0, 1)))
  emulator.answerNext({ status: 400 })
  const shipper = start()
  expect(await replaySpool(spool, shipper)).toMatchObject({ files: 1, records: 1, skipped: [] })
  expect(shipper.stats()).toMatchObject({ quarantined: 1 })
  expect(readdirSync(spool)).toEqual([])
})

test('the bytes of damaged records are in the dead letters before their file goes', async () => {
  const spool = newSpool()
  const bytes = spoolBytes(rowsOf(0, 5))
  const from = spoolBytes(rowsOf(0, 2)).length
  bytes[from + 40] = 0xff
  addFile(addInstance(spool, 'dead'), bytes)
  expect(await replaySpool(spool, start())).toMatchObject({ files: 1, records: 4, damaged: 1, skipped: [] })
  expect(stored()).toEqual(['record 0', 'record 1', 'record 3', 'record 4'])
  expect(readdirSync(spool)).toEqual(['dead-letter'])
  const [letters = ''] = readdirSync(join(spool, 'dead-letter'))
  const [line = '', ...others] = readFileSync(join(spool, 'dead-letter', letters), 'utf8')
    .trimEnd()
    .split('\n')
  expect(others).toEqual([])
  const letter = JSON.parse(line) as { readonly code: string; readonly record: string }
  expect(letter.code).toBe('AZLOGS_SPOOL_DAMAGED')
  expect(letter.record).toBe(bytes.subarray(from, spoolBytes(rowsOf(0, 3)).length - 1).toString('latin1'))
})

test('files for several streams are not sent before it is said which', async () => {
  const spool = newSpool()
  const other = { ...header, stream: 'Custom-Other_CL' }
  addFile(addInstance(spool, 'dead'), spoolBytes(rowsOf(0, 3)))
  const left = addFile(addInstance(spool, 'dead', other), spoolBytes(rowsOf(3, 3), other))
  const shipper = start()
  await expect(replaySpool(spool, shipper)).rejects.toMatchObject({
    code: 'AZLOGS_CONFIG',
    message: expect.stringMatching(/Custom-AppLogs_CL.*Custom-Other_CL.*only/),
  })
  expect(shipper.stats().accepted).toBe(0)

  for (const only of [{}, { streamName: header.stream }, { stream: 7 }, 'Custom-AppLogs_CL', null]) {
    const sending = replaySpool(spool, shipper, { only: only as object })
    await expect(sending).rejects.toMatchObject({
      code: 'AZLOGS_CONFIG',
      message: expect.stringContaining(JSON.stringify(only)),
    })
  }

  const result = await replaySpool(spool, shipper, { only: { stream: header.stream } })
  expect(stored()).toEqual(messages(0, 3))
  expect(result).toMatchObject({
    files: 1,
    skipped: [{ path: left, reason: expect.stringContaining('Custom-Other_CL') }],
  })
  expect(await replaySpool(spool, shipper, { only: { rule: 'dcr-of-nobody' } })).toMatchObject({
    files: 0,
    records: 0,
  })
  expect(existsSync(left)).toBe(true)
})

test('a file that says nothing of its stream stays, and is named', async () => {
  const spool = newSpool()
  const dead = addInstance(spool, 'dead')
  const path = addFile(dead, Buffer.from('{"Message":"mine?"}\n'))
  addFile(dead, spoolBytes(rowsOf(0, 3)))
  const result = await replaySpool(spool, start())
  expect(result).toMatchObject({ files: 1, records: 3, skipped: [{ path }] })
  expect(existsSync(path)).toBe(true)
})

test('killed while it sends, a process leaves all rows to the next one', async () => {
  const spool = newSpool()
  const dead = addInstance(spool, 'dead')
  for (let index = 0; index < 5; index += 1) addFile(dead, spoolBytes(rowsOf(index * 10, 10)))
  emulator.answerNext({ times: 2 }, { delayMs: 600_000 })
  const child = spawn(process.execPath, ['--conditions=dev', FIXTURE, spool], {
    env: { ...process.env, NODE_OPTIONS: '', ...emulator.env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await emulator.waitForRequests(3, { timeoutMs: 15_000 })
  const ended = once(child, 'close')
  child.kill('SIGKILL')
  await ended
  expect(stored()).toEqual(messages(0, 20))

  expect(await replaySpool(spool, start())).toMatchObject({ files: 3, records: 30, skipped: [] })
  expect(stored()).toEqual(messages(0, 50))
  expect(readdirSync(spool)).toEqual([])
})

test('two that send a spool at the same time send each row once', async () => {
  const spool = newSpool()
  const dead = addInstance(spool, 'dead')
  for (let index = 0; index < 20; index += 1) addFile(dead, spoolBytes(rowsOf(index * 10, 10)))
  const results = await Promise.all([replaySpool(spool, start()), replaySpool(spool, start())])
  expect(results[0].records + results[1].records).toBe(200)
  expect(stored()).toHaveLength(200)
  expect(new Set(stored())).toEqual(new Set(messages(0, 200)))
})

test('what a shipper that fails altogether was given is there for the next one', async () => {
  const spool = newSpool()
  addFile(addInstance(spool, 'dead'), spoolBytes(rowsOf(0, 3)))
  const { shipper } = startShipping(emulator)
  const broken: SpoolSender = {
    push: () => {
      throw new Error('out of order')
    },
    flush: () => shipper.flush(),
    stats: () => shipper.stats(),
  }
  expect(await replaySpool(spool, broken)).toMatchObject({ files: 0, skipped: [{ reason: 'out of order' }] })
  expect(await replaySpool(spool, shipper)).toMatchObject({ files: 1, records: 3 })
})

test.for([listSpool, verifySpool, (directory: string) => replaySpool(directory, start())])(
  'a directory that is not there, or not safe, is refused with a reason, and nothing is made',
  async (tool) => {
    const parent = newSpool()
    const missing = join(parent, 'missing')
    await expect(tool(missing)).rejects.toMatchObject({
      code: 'AZLOGS_CONFIG',
      message: expect.stringContaining(`There is no spool at ${missing}`),
    })
    expect(readdirSync(parent)).toEqual([])
    await expect(tool('')).rejects.toMatchObject({
      code: 'AZLOGS_CONFIG',
      message: expect.stringContaining('empty'),
    })
    await expect(tool(undefined as unknown as string)).rejects.toMatchObject({
      message: expect.stringContaining('undefined'),
    })

    const file = join(parent, 'file')
    writeFileSync(file, '')
    await expect(tool(file)).rejects.toMatchObject({ message: expect.stringContaining('not a directory') })
    if (process.platform === 'win32') return

    const real = newSpool()
    addFile(addInstance(real, 'dead'), spoolBytes(rowsOf(0, 3)))
    const link = join(parent, 'link')
    symlinkSync(real, link)
    await expect(tool(link)).rejects.toMatchObject({ message: expect.stringContaining('symbolic link') })
    chmodSync(real, 0o777)
    await expect(tool(real)).rejects.toMatchObject({
      message: expect.stringContaining('written by other users'),
    })
    expect(stored()).toEqual([])
  },
)

test.skipIf(process.platform === 'win32')('symbolic links in a spool lead nowhere', async () => {
  const spool = newSpool()
  const elsewhere = newSpool()
  const outside = addInstance(elsewhere, 'dead')
  const secret = addFile(outside, spoolBytes(rowsOf(0, 3)))
  const dead = addInstance(spool, 'dead')
  symlinkSync(secret, join(dead.directory, basename(secret)))
  symlinkSync(outside.directory, join(spool, basename(outside.directory)))
  addFile(dead, spoolBytes(rowsOf(10, 1)))

  const verified = await verifySpool(spool)
  const linked = verified.find(({ path }) => basename(path) === basename(outside.directory))
  expect(linked).toMatchObject({ files: [], problem: expect.stringContaining('symbolic link') })
  expect(verified.flatMap(({ files }) => files).map(({ records }) => records)).toEqual([0, 1])
  const result = await replaySpool(spool, start())
  expect(result).toMatchObject({ files: 1, records: 1, skipped: { length: 2 } })
  expect(stored()).toEqual(['record 10'])
  expect(existsSync(secret)).toBe(true)
  expect(dirname(secret)).toBe(outside.directory)
})

test.runIf(process.geteuid?.() === 0)('a directory of another user is refused', async () => {
  const spool = newSpool()
  chownSync(spool, 12_345, 12_345)
  await expect(listSpool(spool)).rejects.toMatchObject({
    message: expect.stringContaining('belongs to user 12345'),
  })
  await expect(verifySpool(spool)).rejects.toMatchObject({ code: 'AZLOGS_CONFIG' })
  await expect(replaySpool(spool, start())).rejects.toMatchObject({ code: 'AZLOGS_CONFIG' })
})
