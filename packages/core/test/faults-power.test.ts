import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { gunzipSync } from 'node:zlib'

import { expect, onTestFinished, test, vi } from 'vitest'

import type { ShipperOptions } from '../src/index.ts'
import { assembleShipper } from '../src/shipper.ts'
import { resolveShipperOptions } from '../src/shipper-options.ts'
import { createFrameParser } from '../src/spool-frame.ts'
import { nodeFs } from '../src/spool-fs.ts'
import { NO_ROWS, readSpoolFileNow } from '../src/spool-reader.ts'
import { answered, seeded } from './delivery-bench.ts'
import { createFastClock } from './fast-clock.ts'
import { createRecordingFs } from './recording-fs.ts'
import type { DiskChange } from './recording-fs.ts'
import { spoolPath } from './spooling.ts'

const OPTIONS: ShipperOptions = {
  endpoint: 'http://127.0.0.1:9',
  ruleId: `dcr-${'0'.repeat(32)}`,
  streamName: 'Custom-AppLogs_CL',
  onProblem: () => {},
}

/** Moments at which the power goes. */
const MOMENTS = 200

/** The files that a disk may have after a loss of power: `random` decides what of the unsynced it has. */
function filesAfter(changes: readonly DiskChange[], random: () => number): ReadonlyMap<string, Buffer> {
  const files = new Map<string, { content: Buffer; length: number; synced: number; named: boolean }>()
  for (const change of changes) {
    const file = files.get(change.path)
    switch (change.kind) {
      case 'create':
        files.set(change.path, { content: Buffer.alloc(8192), length: 0, synced: 0, named: false })
        break
      case 'write':
        if (file !== undefined) file.length += change.bytes.copy(file.content, file.length)
        break
      case 'truncate':
        if (file !== undefined) file.length = change.length
        break
      case 'sync':
        if (file !== undefined) file.synced = Math.max(file.synced, change.length)
        break
      case 'sync-directory':
        for (const [path, one] of files) if (dirname(path) === change.path) one.named = true
        break
      case 'rename': {
        // The directory's own rename: a journal keeps the order of names, or has neither.
        for (const [path, one] of files) {
          if (path !== change.path && !path.startsWith(`${change.path}/`)) continue
          files.delete(path)
          files.set(join(change.to, relative(change.path, path)), one)
        }
        break
      }
      case 'unlink':
        // The disk may not have that yet either: then the rows are delivered once more.
        if (random() < 0.5) files.delete(change.path)
        break
      default:
        change satisfies never
    }
  }
  const left = new Map<string, Buffer>()
  for (const [path, { content, length, synced, named }] of files) {
    if (!named && random() < 0.5) continue
    const kept = synced + Math.floor(random() * (length - synced + 1))
    left.set(path, content.subarray(0, kept))
  }
  return left
}

/** The numbers of the rows that are whole in a file. */
function rowsIn(content: Buffer): readonly number[] {
  const numbers: number[] = []
  const parser = createFrameParser({
    frame(json) {
      const { n } = JSON.parse(json.toString()) as { readonly n?: number }
      if (n !== undefined) numbers.push(n)
    },
    damaged: (bytes) => expect(bytes, 'a power loss cuts, it does not scramble').toBeUndefined(),
  })
  parser.push(content)
  parser.end()
  return numbers
}

test(`F4 with fsync, a loss of power at any of ${MOMENTS} moments loses nothing that was durable and not delivered`, async () => {
  const random = seeded(4)
  const directory = spoolPath()
  const recording = createRecordingFs()
  /** How many changes there had been when a row was delivered, … */
  const deliveredAfter = new Map<number, number>()
  /** … and when all rows up to one were said to be durable. */
  const durableAfter: { readonly changes: number; readonly rows: number }[] = []
  const config = resolveShipperOptions(
    { ...OPTIONS, maxBatchBytes: 2000, spool: { directory, fsync: true, minFreeBytes: 0 } },
    {},
  )
  const tokens = { ageMs: 0, get: async () => ({ ok: true as const, token: 'token' }) }
  const shipper = assembleShipper(config, {
    clock: createFastClock(10),
    tokens,
    fs: recording.fs,
    connect: () => [
      async (body) => {
        if (random() < 0.3) return answered(503)
        for (const { n } of JSON.parse(gunzipSync(body).toString()) as { readonly n: number }[]) {
          deliveredAfter.set(n, recording.changes.length)
        }
        return answered(204)
      },
    ],
  })
  let pushed = 0
  for (let round = 0; round < 40; round += 1) {
    for (let n = 0; n < 10; n += 1) {
      shipper.push({ n: pushed++, Message: 'x'.repeat(Math.floor(random() * 400)) })
    }
    await shipper.durable()
    durableAfter.push({ changes: recording.changes.length, rows: pushed })
  }
  const total = recording.changes.length
  let inFiles = 0
  for (let moment = 0; moment < MOMENTS; moment += 1) {
    const at = Math.floor(random() * total)
    const durable = durableAfter.findLast(({ changes }) => changes <= at)?.rows ?? 0
    const rows = new Set<number>()
    for (const [path, content] of filesAfter(recording.changes.slice(0, at), random)) {
      if (path.endsWith('.spool')) for (const n of rowsIn(content)) rows.add(n)
    }
    inFiles += rows.size
    for (let n = 0; n < durable; n += 1) {
      if (!rows.has(n)) expect(deliveredAfter.get(n), `row ${n} at change ${at}`).toBeLessThanOrEqual(at)
    }
  }
  // Otherwise the power never went while there was something to lose.
  expect(inFiles).toBeGreaterThan(MOMENTS)
  await shipper.close({ timeoutMs: 2000 })
})

test('F4 a shipper starts on whatever a loss of power left, and sends what is whole', async () => {
  const random = seeded(5)
  const directory = spoolPath()
  const recording = createRecordingFs()
  const config = resolveShipperOptions(
    { ...OPTIONS, maxBatchBytes: 2000, spool: { directory, fsync: true, minFreeBytes: 0 } },
    {},
  )
  const tokens = { ageMs: 0, get: async () => ({ ok: true as const, token: 'token' }) }
  const first = assembleShipper(config, {
    clock: createFastClock(10),
    tokens,
    fs: recording.fs,
    connect: () => [async () => answered(503)],
  })
  for (let n = 0; n < 100; n += 1) {
    first.push({ n, Message: 'x'.repeat(Math.floor(random() * 400)) })
    if (n % 10 === 9) await first.durable()
  }
  await first.close({ timeoutMs: 10 })
  for (let round = 0; round < 20; round += 1) {
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(directory, { mode: 0o700 })
    const left = filesAfter(
      recording.changes.slice(0, Math.floor(random() * recording.changes.length)),
      random,
    )
    let whole = 0
    for (const [path, content] of left) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      writeFileSync(path, content, { mode: 0o600 })
      if (path.endsWith('.spool')) whole += readSpoolFileNow(nodeFs, path, NO_ROWS).records
    }
    // Its process is this one: only without its mark it can be told to be dead.
    for (const name of readdirSync(directory)) rmSync(join(directory, name, 'owner.json'), { force: true })
    const next = assembleShipper(config, {
      clock: createFastClock(10),
      tokens,
      connect: () => [async () => answered(204)],
    })
    onTestFinished(async () => {
      await next.close({ timeoutMs: 0 })
    })
    await vi.waitFor(() => expect(next.stats().delivered).toBe(whole), { timeout: 10_000 })
    await next.close()
  }
})
