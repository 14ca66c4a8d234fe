import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'

import { verifySpool } from '../src/index.ts'
import type { Problem, Shipper, ShipperOptions } from '../src/index.ts'
import { systemClock } from '../src/clock.ts'
import { uploadUrl } from '../src/destination.ts'
import { createPipeline } from '../src/pipeline.ts'
import { createSender } from '../src/sender.ts'
import { assembleShipper } from '../src/shipper.ts'
import { resolveShipperOptions } from '../src/shipper-options.ts'
import { nodeFs } from '../src/spool-fs.ts'
import type { SpoolFs } from '../src/spool-fs.ts'
import { createTokenSource } from '../src/token.ts'
import { createFastClock } from './fast-clock.ts'
import { createFaultyFs } from './faulty-fs.ts'
import { spoolPath } from './spooling.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
/** Counts the tests: rows of the one before may still be under way. */
let turn = 0
beforeEach(() => {
  turn += 1
  emulator.clear()
})

interface Subject {
  readonly shipper: Shipper
  readonly problems: Problem[]
}

/** A whole shipper on `fs`, for which time passes ten times as fast. */
function start(
  fs: SpoolFs,
  spool: Partial<NonNullable<ShipperOptions['spool']>> & { readonly directory: string },
  options: ShipperOptions = {},
): Subject {
  const problems: Problem[] = []
  const clock = createFastClock(10)
  const config = resolveShipperOptions(
    {
      endpoint: emulator.url,
      ruleId: emulator.ruleId,
      streamName: emulator.streamName,
      onProblem: (problem) => problems.push(problem),
      spool: { minFreeBytes: 0, ...spool },
      ...options,
    },
    {},
  )
  const tokens = createTokenSource(emulator.credential, config.scopes, systemClock)
  const shipper = assembleShipper(config, {
    clock,
    tokens,
    fs,
    connect: (events) => [
      createSender({
        ...createPipeline({}),
        ...events,
        tokens,
        clock: systemClock,
        requestTimeoutMs: 30_000,
        url: uploadUrl(config.destinations[0]),
      }),
    ],
  })
  onTestFinished(async () => {
    await shipper.close({ timeoutMs: 200 })
  })
  return { shipper, problems }
}

const DOWN = { endpoint: 'http://127.0.0.1:9' } as const

function log(shipper: Shipper, from: number, to: number): void {
  for (let n = from; n < to; n += 1) {
    shipper.push({
      Message: `record ${n}`,
      Level: 'info',
      RecordId: `${turn}-${n}`,
      Properties: { text: 'x'.repeat(200) },
    })
  }
}

async function rowsInFiles(
  directory: string,
): Promise<{ records: number; damaged: number; tornBytes: number }> {
  const files = (await verifySpool(directory)).flatMap((instance) => instance.files)
  const sum = { records: 0, damaged: 0, tornBytes: 0 }
  for (const file of files) {
    sum.records += file.records
    sum.damaged += file.damaged
    sum.tornBytes += file.tornBytes
  }
  return sum
}

function arrivedIds(): ReadonlySet<string> {
  const ids = emulator.rows().map(({ RecordId }) => String(RecordId))
  return new Set(ids.filter((id) => id.startsWith(`${turn}-`)))
}

test.each(['wal', 'spill'] as const)(
  'F9 %s: a disk that fills up degrades the spool, bounds memory, and is used again without a log call when there is space',
  async (durability) => {
    const directory = spoolPath()
    const faulty = createFaultyFs()
    const { shipper, problems } = start(
      faulty.fs,
      { directory, durability },
      { ...DOWN, maxBatchBytes: 50_000, maxBufferBytes: 8_000_000 },
    )
    log(shipper, 0, 1000)
    await shipper.durable()
    faulty.failWith('write', 'ENOSPC', { halfway: true })
    log(shipper, 1000, 11_000)
    await expect(shipper.durable()).rejects.toMatchObject({ code: 'AZLOGS_SPOOL_FULL' })
    expect(shipper.stats().spool).toMatchObject({ state: 'degraded' })
    expect(shipper.stats().pendingBytes).toBeLessThan(8_000_000)
    expect(shipper.stats()).toMatchObject({ accepted: 11_000, pending: 11_000, dropped: 0 })
    const told = problems.filter(({ kind }) => kind === 'degraded')
    expect(told).toHaveLength(1)
    expect(told[0]?.code).toBe('AZLOGS_SPOOL_FULL')

    faulty.heal()
    await vi.waitFor(() => expect(shipper.stats().spool).toMatchObject({ state: 'ok' }), { timeout: 10_000 })
    await shipper.durable()
    const left = await shipper.close({ timeoutMs: 100 })
    expect(left).toMatchObject({ pending: 11_000, dropped: 0 })
    expect(await rowsInFiles(directory)).toMatchObject({ records: 11_000, damaged: 0, tornBytes: 0 })

    const next = start(nodeFs, { directory, durability })
    await vi.waitFor(() => expect(next.shipper.stats().delivered).toBe(11_000), { timeout: 15_000 })
    expect(arrivedIds().size).toBe(11_000)
  },
)

test('F9 a real tmpfs of 1 MiB: what fits is durable, what does not waits in memory, and all of it arrives', async () => {
  const directory = spoolPath()
  mkdirSync(directory, { mode: 0o700 })
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', directory])
  onTestFinished(() => {
    execFileSync('umount', ['-l', directory])
  })
  emulator.answerNext({ status: 503, times: 6 })
  const { shipper } = start(nodeFs, { directory }, { maxBatchBytes: 100_000, flushIntervalMs: 100 })
  log(shipper, 0, 10_000)
  await expect(shipper.durable()).rejects.toMatchObject({ code: 'AZLOGS_SPOOL_FULL' })
  expect((await shipper.flush()).complete).toBe(true)
  expect(arrivedIds().size).toBe(10_000)
  await vi.waitFor(() => expect(shipper.stats().spool).toMatchObject({ state: 'ok', files: 0 }), {
    timeout: 10_000,
  })
  log(shipper, 10_000, 10_100)
  await shipper.durable()
})

test('F10 on a disk that is full, delivered files are unlinked, and the spool shrinks to nothing', async () => {
  const directory = spoolPath()
  const faulty = createFaultyFs()
  const first = start(nodeFs, { directory }, { ...DOWN, maxBatchBytes: 20_000 })
  log(first.shipper, 0, 2000)
  await first.shipper.close({ timeoutMs: 50 })
  faulty.failWith('write', 'ENOSPC')
  faulty.failWith('mkdir', 'ENOSPC')
  const { shipper } = start(faulty.fs, { directory })
  // Adopting is renaming; a full disk has no room for a directory to rename into.
  expect(shipper.stats().spool).toMatchObject({ state: 'degraded' })
  log(shipper, 2000, 2100)
  await shipper.flush()
  expect(shipper.stats()).toMatchObject({ delivered: 100 })
  faulty.heal()
  await vi.waitFor(() => expect(shipper.stats().recovered).toBe(2000), { timeout: 10_000 })
  faulty.failWith('write', 'ENOSPC')
  await vi.waitFor(() => expect(shipper.stats().delivered).toBe(2100), { timeout: 10_000 })
  expect(arrivedIds().size).toBe(2100)
  expect(shipper.stats().spool).toMatchObject({ files: 0, bytes: 0 })
})

test('F11 an fsync that fails acknowledges nothing: the rows are written to a new file, and that one is synced', async () => {
  const directory = spoolPath()
  const faulty = createFaultyFs()
  const { shipper, problems } = start(faulty.fs, { directory, fsync: true }, DOWN)
  log(shipper, 0, 100)
  faulty.failWith('fsync', 'EIO', { times: 1 })
  await shipper.durable()
  expect(faulty.calls.filter(({ name }) => name === 'fsync').length).toBeGreaterThan(1)
  // A second fsync of the same file would say yes without the data being there.
  const failed = faulty.calls.find((call) => call.name === 'fsync' && call.failed)
  expect(failed?.path).toMatch(/\.spool$/)
  expect(faulty.calls.filter(({ name, path }) => name === 'fsync' && path === failed?.path)).toHaveLength(1)
  expect((await rowsInFiles(directory)).records).toBeGreaterThanOrEqual(100)
  expect(problems.map(({ kind }) => kind)).toContain('degraded')
  faulty.failWith('fsync', 'EIO')
  log(shipper, 100, 200)
  await expect(shipper.durable()).rejects.toMatchObject({ code: 'AZLOGS_SPOOL' })
  faulty.heal()
  await shipper.durable()
  expect(shipper.stats()).toMatchObject({ pending: 200, dropped: 0 })
})

test.each([
  ['mkdir', 'EACCES'],
  ['mkdir', 'EROFS'],
  ['open', 'EMFILE'],
  ['open', 'EACCES'],
  ['rename', 'EROFS'],
] as const)(
  'F12 %s fails with %s: with required it throws, else it goes on in memory with one warning and is there when the cause is gone',
  async (name, code) => {
    const directory = spoolPath()
    const faulty = createFaultyFs()
    faulty.failWith(name, code)
    expect(() => start(faulty.fs, { directory, required: true })).toThrow(
      expect.objectContaining({ code: 'AZLOGS_SPOOL', cause: expect.objectContaining({ code }) }),
    )
    const { shipper, problems } = start(faulty.fs, { directory }, DOWN)
    log(shipper, 0, 100)
    await expect(shipper.durable()).rejects.toMatchObject({ code: 'AZLOGS_SPOOL' })
    expect(problems.filter(({ kind }) => kind === 'degraded')).toHaveLength(1)
    expect(shipper.stats()).toMatchObject({ pending: 100, dropped: 0, spool: { state: 'degraded' } })
    faulty.heal()
    await vi.waitFor(() => expect(shipper.stats().spool).toMatchObject({ state: 'ok' }), { timeout: 10_000 })
    await shipper.durable()
    expect(await rowsInFiles(directory)).toMatchObject({ records: 100, damaged: 0 })
  },
)

test('F12 a directory that is deleted underneath is made again, with all that is in memory', async () => {
  const directory = spoolPath()
  const { shipper, problems } = start(nodeFs, { directory }, DOWN)
  log(shipper, 0, 1000)
  await shipper.durable()
  rmSync(directory, { recursive: true, force: true })
  await shipper.durable()
  expect(await rowsInFiles(directory)).toMatchObject({ records: 1000, damaged: 0 })
  expect(problems).toContainEqual(expect.objectContaining({ kind: 'degraded', code: 'AZLOGS_SPOOL_LOST' }))
  // Also when nobody asks.
  rmSync(directory, { recursive: true, force: true })
  await vi.waitFor(async () => expect((await rowsInFiles(directory)).records).toBe(1000), { timeout: 10_000 })
  log(shipper, 1000, 1100)
  await shipper.durable()
  expect((await rowsInFiles(directory)).records).toBe(1100)
})

test('F12 a file where the directory should be is refused with its name', () => {
  const directory = spoolPath()
  mkdirSync(join(directory, '..'), { recursive: true })
  writeFileSync(directory, '')
  expect(() => start(nodeFs, { directory })).toThrow(/is not a directory/)
  expect(readdirSync(join(directory, '..'))).toEqual(['spool'])
})

test('F9 a disk that takes half of a header leaves no file behind, and the rows wait in memory', async () => {
  const directory = spoolPath()
  let isFull = true
  const fs: SpoolFs = {
    ...nodeFs,
    writeSync: ((fd: number, bytes: Buffer, offset = 0, length = bytes.length - offset) =>
      nodeFs.writeSync(fd, bytes, offset, isFull && offset === 0 ? length >> 1 : length)) as never,
  }
  const { shipper } = start(fs, { directory, durability: 'spill' }, DOWN)
  log(shipper, 0, 10)
  await expect(shipper.durable()).rejects.toMatchObject({ code: 'AZLOGS_SPOOL_FULL' })
  expect(await rowsInFiles(directory)).toMatchObject({ records: 0 })
  expect(readdirSync(directory, { recursive: true }).map(String)).not.toContainEqual(
    expect.stringMatching(/\.spool$/),
  )
  isFull = false
  await shipper.durable()
  expect(await rowsInFiles(directory)).toMatchObject({ records: 10, damaged: 0, tornBytes: 0 })
})

test('F9 the parts of a batch that was divided while the disk was full are in files when there is space', async () => {
  const directory = spoolPath()
  const faulty = createFaultyFs()
  const { shipper } = start(faulty.fs, { directory, durability: 'spill' })
  emulator.answerNext({ status: 413 }, { status: 503, times: 1000 })
  faulty.failWith('write', 'ENOSPC')
  log(shipper, 0, 10)
  await expect(shipper.durable()).rejects.toMatchObject({ code: 'AZLOGS_SPOOL_FULL' })
  await vi.waitFor(() => expect(shipper.stats()).toMatchObject({ splits: 1, pending: 10 }), {
    timeout: 10_000,
  })
  faulty.heal()
  await vi.waitFor(async () => expect((await rowsInFiles(directory)).records).toBe(10), { timeout: 10_000 })
  expect(shipper.stats().spool).toMatchObject({ state: 'ok' })
})
