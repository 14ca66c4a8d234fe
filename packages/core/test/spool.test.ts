import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'

import { createShipper, verifySpool } from '../src/index.ts'
import type { ShipperOptions, ShipperStats } from '../src/index.ts'
import { startShipping } from './shipping.ts'
import type { Shipping } from './shipping.ts'
import { spoolPath } from './spooling.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

type Spool = NonNullable<ShipperOptions['spool']>

function start(directory: string, spool: Partial<Spool> = {}, options: ShipperOptions = {}): Shipping {
  return startShipping(emulator, {
    flushIntervalMs: 60_000,
    spool: { directory, minFreeBytes: 0, ...spool },
    ...options,
  })
}

const DOWN = { endpoint: 'http://127.0.0.1:9', flushIntervalMs: 10 } as const

function row(n: number): Record<string, unknown> {
  return {
    Message: `record ${n}`,
    Level: n % 2 === 0 ? 'info' : 'warn',
    RecordId: `r-${n}`,
    Properties: { text: 'é'.repeat(100) },
  }
}

function spoolFiles(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.spool'))
}

function expectBalance({ accepted, delivered, quarantined, dropped, pending }: ShipperStats): void {
  expect(delivered + quarantined + dropped + pending).toBe(accepted)
}

test.each(['wal', 'spill'] as const)(
  '%s: durable() resolves when every row is in a file',
  async (durability) => {
    const directory = spoolPath()
    const { shipper } = start(directory, { durability }, DOWN)
    for (let n = 0; n < 1000; n += 1) shipper.push(row(n))
    await shipper.durable()
    const files = (await verifySpool(directory)).flatMap((instance) => instance.files)
    expect(files.reduce((sum, { records }) => sum + records, 0)).toBe(1000)
    for (const file of files) expect(file).toMatchObject({ damaged: 0, tornBytes: 0, problem: undefined })
    expect(shipper.stats()).toMatchObject({ pending: 1000, spool: { state: 'ok', files: files.length } })
  },
)

test('a file is unlinked when its rows are delivered, and a spool without rows leaves nothing behind', async () => {
  const directory = spoolPath()
  const { shipper } = start(directory)
  for (let n = 0; n < 1000; n += 1) shipper.push(row(n))
  await shipper.durable()
  await shipper.flush()
  expect(spoolFiles(directory)).toEqual([])
  expect(shipper.stats()).toMatchObject({ delivered: 1000, pending: 0, spool: { files: 0, bytes: 0 } })
  await shipper.close()
  expect(readdirSync(directory)).toEqual([])
})

test('wal: a row is in its file at the end of the turn in which it was pushed', async () => {
  const directory = spoolPath()
  const { shipper } = start(directory)
  shipper.push(row(0))
  await setImmediate()
  const [file = ''] = spoolFiles(directory)
  expect(readFileSync(join(directory, file), 'utf8')).toMatch(
    /^\S+ \S+ \{"azlogs":1.*\n\S+ \S+ \{"Message":"record 0".*\}\n$/,
  )
})

test('spill: nothing is written while all is well', async () => {
  const directory = spoolPath()
  const { shipper } = start(directory, { durability: 'spill' })
  for (let n = 0; n < 1000; n += 1) shipper.push(row(n))
  await shipper.flush()
  expect(spoolFiles(directory)).toEqual([])
})

test.each(['wal', 'spill'] as const)(
  '%s: with no server and little memory, everything goes to files, and is delivered when there is one',
  async (durability) => {
    const directory = spoolPath()
    const options = { maxBufferBytes: 400_000, maxBatchBytes: 50_000 }
    const down = start(directory, { durability }, { ...DOWN, ...options })
    const count = 20_000
    for (let n = 0; n < count; n += 1) {
      down.shipper.push(row(n))
      expect(down.shipper.stats().pendingBytes).toBeLessThan(400_000)
    }
    expect(down.shipper.stats()).toMatchObject({ accepted: count, dropped: 0, pending: count })
    const left = await down.shipper.close({ timeoutMs: 200 })
    expect(left).toMatchObject({ accepted: count, delivered: 0, dropped: 0, pending: count })
    expectBalance(left)
    expect(down.problems.filter(({ kind }) => kind === 'lost')).toEqual([])

    const { shipper } = start(directory, { durability }, options)
    await vi.waitFor(() => expect(shipper.stats().delivered).toBe(count), { timeout: 15_000 })
    expect(shipper.stats()).toMatchObject({ recovered: count, accepted: count, pending: 0 })
    expect(new Set(emulator.rows().map(({ RecordId }) => RecordId)).size).toBe(count)
    expect(emulator.rows()).toHaveLength(count)
    expect(spoolFiles(directory)).toEqual([])
  },
)

test('what the process evicted to files it reads again itself when the server is back', async () => {
  const directory = spoolPath()
  emulator.answerNext({ status: 503, times: 4 })
  const { shipper } = start(
    directory,
    {},
    { maxBufferBytes: 400_000, maxBatchBytes: 50_000, flushIntervalMs: 10 },
  )
  for (let n = 0; n < 5000; n += 1) shipper.push(row(n))
  expect(shipper.stats().spool?.waitingFiles).toBeGreaterThan(0)
  expect((await shipper.flush()).complete).toBe(true)
  expect(shipper.stats()).toMatchObject({ accepted: 5000, delivered: 5000, recovered: 0, pending: 0 })
  expect(emulator.rows()).toHaveLength(5000)
})

test('a file goes when the last part of its divided batch is settled, and a poison record is in the dead letters', async () => {
  const directory = spoolPath()
  emulator.answerNext({ status: 413 }, { status: 413 }, { status: 413 })
  const { shipper, problems } = start(directory)
  for (let n = 0; n < 100; n += 1) shipper.push(row(n))
  await shipper.flush()
  expect(shipper.stats()).toMatchObject({ delivered: 100, splits: 3 })
  expect(spoolFiles(directory)).toEqual([])

  emulator.answerNext({ status: 400, body: '{"error":{"code":"InvalidRecord","message":"no"}}' })
  shipper.push({ Message: 'poison', RecordId: 'p' })
  await shipper.flush()
  expect(shipper.stats()).toMatchObject({ quarantined: 1 })
  const problem = problems.find(({ kind }) => kind === 'quarantined')
  expect(problem?.records).toBeUndefined()
  const [name = ''] = readdirSync(join(directory, 'dead-letter'))
  const [line = ''] = readFileSync(join(directory, 'dead-letter', name), 'utf8').split('\n')
  expect(JSON.parse(line)).toMatchObject({
    code: 'AZLOGS_REJECTED',
    statusCode: 400,
    responseBody: expect.stringContaining('InvalidRecord'),
    record: { Message: 'poison', RecordId: 'p' },
  })
  expect(problem?.message).toContain(name)
})

test('drop-oldest: at maxBytes the oldest files go, counted by level; drop-newest: nothing new is written', async () => {
  const options = { ...DOWN, maxBufferBytes: 200_000, maxBatchBytes: 20_000 }
  const oldest = spoolPath()
  const dropping = start(oldest, { maxBytes: 300_000 }, { ...options, overflow: 'drop-oldest' })
  for (let n = 0; n < 5000; n += 1) {
    dropping.shipper.push(row(n))
    expectBalance(dropping.shipper.stats())
  }
  const stats = dropping.shipper.stats()
  expect(stats.droppedBy['spool-full']).toBeGreaterThan(2000)
  const { info = 0, warn = 0 } = stats.droppedLevels['spool-full']
  expect(info + warn).toBe(stats.droppedBy['spool-full'])
  expect(Math.abs(info - warn)).toBeLessThan(2)
  expect(stats.spool?.bytes).toBeLessThan(330_000)
  expect(dropping.problems).toContainEqual(
    expect.objectContaining({ kind: 'lost', code: 'AZLOGS_SPOOL_FULL' }),
  )

  const newest = spoolPath()
  const refusing = start(newest, { maxBytes: 300_000 }, options)
  for (let n = 0; n < 5000; n += 1) refusing.shipper.push(row(n))
  const refused = refusing.shipper.stats()
  expectBalance(refused)
  expect(refused.droppedBy['spool-full']).toBe(0)
  expect(refused.droppedBy['buffer-full']).toBeGreaterThan(1000)
  expect(refused.spool).toMatchObject({ state: 'degraded' })
  await expect(refusing.shipper.durable()).rejects.toMatchObject({ code: 'AZLOGS_SPOOL_FULL' })
})

test('durable() without a spool says what it needs', async () => {
  const { shipper } = startShipping(emulator)
  await expect(shipper.durable()).rejects.toMatchObject({ code: 'AZLOGS_CONFIG' })
})

test('a directory that others can write to is refused at once, with what to do', () => {
  const directory = spoolPath()
  mkdirSync(directory)
  chmodSync(directory, 0o777)
  expect(() => start(directory)).toThrow(/chmod 700/)
})

test('each spool option that makes no sense is named', () => {
  const spool = { directory: '', durability: 'always', maxBytes: 5, fsync: 1, dir: 'x' } as unknown as Spool
  expect(() => createShipper({ ...emulator.env, spool })).toThrow(
    /spool: "dir" is no option[\s\S]*spool: directory is ""[\s\S]*spool: fsync is 1[\s\S]*spool: durability is "always"[\s\S]*spool: maxBytes is 5/,
  )
})

test.each(['wal', 'spill'] as const)(
  '%s: what is logged while the shipper closes is kept, and after that it is dropped and counted',
  async (durability) => {
    const directory = spoolPath()
    const { shipper } = start(directory, { durability }, DOWN)
    shipper.push(row(0))
    const closed = shipper.close({ timeoutMs: 100 })
    shipper.push(row(1))
    await setImmediate()
    shipper.push(row(2))
    expect(await closed).toMatchObject({ accepted: 3, delivered: 0, dropped: 0, pending: 3 })
    shipper.push(row(3))
    expect(shipper.stats()).toMatchObject({ accepted: 4, dropped: 1, pending: 3 })
    expect(shipper.stats().droppedBy.closed).toBe(1)

    const next = start(directory, { durability })
    await vi.waitFor(() => expect(next.shipper.stats().delivered).toBe(3), { timeout: 15_000 })
    expect(emulator.rows().map((sent) => sent['Message'])).toEqual([0, 1, 2].map((n) => row(n)['Message']))
  },
)

test('flush() that waits for rows which close() leaves in the spool ends, and says that it is not complete', async () => {
  const { shipper } = start(spoolPath(), {}, DOWN)
  shipper.push(row(0))
  const flushed = shipper.flush()
  await shipper.close({ timeoutMs: 100 })
  expect(await flushed).toEqual({ complete: false, pending: 1 })
})

test('drop-oldest: what a dead process left goes first, and is counted by the levels in its files', async () => {
  const directory = spoolPath()
  const options = { ...DOWN, maxBufferBytes: 200_000, maxBatchBytes: 20_000 }
  const left = start(directory, { durability: 'spill' }, { ...options, maxBufferBytes: 1_000_000 })
  for (let n = 0; n < 500; n += 1) left.shipper.push({ ...row(n), Level: 'debug' })
  await left.shipper.close({ timeoutMs: 0 })
  const { shipper } = start(directory, { maxBytes: 300_000 }, { ...options, overflow: 'drop-oldest' })
  await vi.waitFor(() => expect(shipper.stats().spool?.waitingFiles).toBeGreaterThan(2))
  let dropped: Readonly<Record<string, number>> = {}
  for (let n = 500; n < 10_000 && dropped['debug'] === undefined; n += 1) {
    shipper.push(row(n))
    expectBalance(shipper.stats())
    dropped = shipper.stats().droppedLevels['spool-full']
  }
  // Those that had been read ahead came without their levels.
  const { debug, unknown: _readAhead, ...ofThisProcess } = dropped
  expect(debug).toBeGreaterThan(10)
  expect(ofThisProcess).toEqual({})
})

test('drop-oldest: where all of maxBytes is for rows that are in memory too, nothing goes', async () => {
  const { shipper } = start(
    spoolPath(),
    { maxBytes: 100_000 },
    { ...DOWN, maxBatchBytes: 20_000, overflow: 'drop-oldest' },
  )
  for (let n = 0; n < 1000; n += 1) shipper.push(row(n))
  await expect(shipper.durable()).rejects.toMatchObject({ code: 'AZLOGS_SPOOL_FULL' })
  expect(shipper.stats()).toMatchObject({ accepted: 1000, pending: 1000, dropped: 0 })
})

test.each(['wal', 'spill'] as const)(
  '%s: with little memory, rows that come faster than they can be sent go to files, and none is dropped',
  async (durability) => {
    const { shipper } = start(spoolPath(), { durability }, { maxBufferBytes: 100_000 })
    for (let n = 0; n < 20_000; n += 1) {
      shipper.push(row(n))
      if (n % 100 === 99) await setImmediate()
    }
    expect(shipper.stats()).toMatchObject({ accepted: 20_000, dropped: 0 })
  },
)

test('while every batch is on its way to a server that hangs, the open one goes to a file for a row that needs its memory', async () => {
  emulator.answerNext({ delayMs: 600_000 })
  const { shipper } = start(spoolPath(), { durability: 'spill' }, { maxBufferBytes: 400_000 })
  let n = 0
  while (shipper.stats().inFlight === 0) {
    for (let end = n + 50; n < end; n += 1) shipper.push(row(n))
    await setImmediate()
  }
  const { pendingBytes } = shipper.stats()
  while (shipper.stats().pendingBytes < pendingBytes + 50_000) shipper.push(row((n += 1)))
  expect(shipper.stats()).toMatchObject({ spool: { waitingFiles: 0 } })
  shipper.push({ Message: 'x'.repeat(90_000) })
  expect(shipper.stats()).toMatchObject({ dropped: 0, inFlight: 1, spool: { waitingFiles: 1 } })
  expect(shipper.stats().pendingBytes).toBeLessThan(0.6 * 400_000)
})

test.each(['drop-oldest', 'drop-newest'] as const)(
  '%s: a row that is larger than all the memory is dropped, and nothing for its sake',
  async (overflow) => {
    const { shipper } = start(spoolPath(), { durability: 'spill' }, { maxBufferBytes: 100_000, overflow })
    expect(shipper.push({ Level: 'info', Message: 'x'.repeat(150_000) })).toBe(false)
    expect(shipper.stats().droppedLevels['buffer-full']).toEqual({ info: 1 })
    shipper.push(row(0))
    expect(await shipper.flush()).toEqual({ complete: true, pending: 0 })
    expect(shipper.stats()).toMatchObject({ delivered: 1, dropped: 1 })
  },
)

test('wal: a row that is larger than what is collected in a turn is in its file whole', async () => {
  const directory = spoolPath()
  const { shipper } = start(directory, {}, DOWN)
  shipper.push(row(0))
  shipper.push({ Message: 'x'.repeat(900_000), RecordId: 'large' })
  shipper.push(row(1))
  await shipper.durable()
  const files = (await verifySpool(directory)).flatMap((instance) => instance.files)
  expect(files.reduce((sum, { records }) => sum + records, 0)).toBe(3)
  expect(files.every(({ damaged, tornBytes }) => damaged + tornBytes === 0)).toBe(true)
})
