import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'

import type { Problem, Shipper, ShipperOptions, ShipperStats } from '../src/index.ts'
import { createRowMapper } from '../src/index.ts'
import { assembleShipper } from '../src/shipper.ts'
import { resolveShipperOptions } from '../src/shipper-options.ts'
import { answered } from './delivery-bench.ts'
import { startShipping } from './shipping.ts'
import { createVirtualClock, gzipAtOnce } from './virtual-clock.ts'
import type { VirtualClock } from './virtual-clock.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

const LEVELS = [
  ['debug', 5],
  ['info', 9],
  ['warn', 13],
  ['error', 17],
  ['fatal', 21],
] as const

const toRow = createRowMapper()

function rowOf(n: number): Record<string, unknown> {
  const [level, severity] = LEVELS[n % LEVELS.length] ?? LEVELS[0]
  return toRow({ level, severity, message: `${n} ${'x'.repeat(200)}` })
}

function expectBalance(stats: ShipperStats): void {
  expect(stats.delivered + stats.quarantined + stats.dropped + stats.pending).toBe(stats.accepted)
}

interface Subject {
  readonly shipper: Shipper
  readonly clock: VirtualClock
  readonly problems: Problem[]
  /** Rows that arrived, in order. */
  readonly stored: Record<string, unknown>[]
  up: boolean
}

/** A whole shipper on a virtual clock, whose service is down until it is said to be up. */
function start(options: ShipperOptions): Subject {
  const clock = createVirtualClock()
  const problems: Problem[] = []
  const config = resolveShipperOptions(
    {
      endpoint: emulator.url,
      ruleId: emulator.ruleId,
      streamName: emulator.streamName,
      onProblem: (problem) => problems.push(problem),
      ...options,
    },
    {},
  )
  const tokens = { ageMs: 0, get: async () => ({ ok: true as const, token: 'token' }) }
  const stored: Record<string, unknown>[] = []
  const subject = { clock, problems, stored, up: false }
  const shipper = assembleShipper(config, {
    clock,
    tokens,
    gzip: gzipAtOnce,
    connect: () => [
      async (body) => {
        if (!subject.up) return answered(503)
        stored.push(...(JSON.parse(gunzipSync(body).toString()) as Record<string, unknown>[]))
        return answered(204)
      },
    ],
  })
  onTestFinished(async () => {
    await shipper.close({ timeoutMs: 0 })
  })
  return Object.assign(subject, { shipper })
}

test('F17 at the bound, drop-newest loses exactly what it counts, by level, and no error while a lesser record could go', async () => {
  const subject = start({ maxBufferBytes: 100_000 })
  const { shipper, clock, stored, problems } = subject
  const lost: Record<string, number> = {}
  for (let n = 0; n < 400; n += 1) {
    const { dropped } = shipper.stats()
    const row = rowOf(n)
    shipper.push(row)
    const level = String(row['Level'])
    if (shipper.stats().dropped > dropped) lost[level] = (lost[level] ?? 0) + 1
    expectBalance(shipper.stats())
    expect(shipper.stats().pendingBytes).toBeLessThanOrEqual(100_000)
    // The last tenth is theirs alone, and there is room for 20 of these rows in it.
    if (n < 180) expect(lost['error'] ?? 0).toBe(0)
  }
  expect(shipper.stats().droppedLevels['buffer-full']).toEqual(lost)
  expect(lost['info']).toBeGreaterThan(lost['warn'] ?? 0)
  expect(lost['warn']).toBeGreaterThan(lost['error'] ?? 0)
  expect(problems[0]).toMatchObject({ kind: 'lost', code: 'AZLOGS_BUFFER_FULL' })

  subject.up = true
  while (!stored.some(({ Logger }) => Logger === 'azlogs')) await clock.advance(1000)
  while (shipper.stats().pending > 0) await clock.advance(1000)
  // The row about the gap says what is missing; it comes in the minute after the drops.
  const gaps = stored.filter(({ Logger }) => Logger === 'azlogs')
  expect(gaps).toHaveLength(1)
  expect(gaps[0]?.['Properties']).toMatchObject({
    droppedRecords: shipper.stats().dropped,
    droppedByLevel: lost,
  })
  expect(stored.length).toBe(shipper.stats().delivered)
  expect(stored.length - 1 + shipper.stats().dropped).toBe(400)
})

test('F17 drop-oldest gives up the oldest batches whole, counts them exactly, and keeps the newest rows', async () => {
  const subject = start({ maxBufferBytes: 100_000, maxBatchBytes: 5000, overflow: 'drop-oldest' })
  const { shipper, clock, stored } = subject
  for (let n = 0; n < 1000; n += 1) {
    shipper.push(rowOf(n))
    if (n % 50 === 0) await clock.advance(0)
    expectBalance(shipper.stats())
    expect(shipper.stats().pendingBytes).toBeLessThanOrEqual(100_000)
  }
  const { dropped, droppedLevels } = shipper.stats()
  expect(dropped).toBeGreaterThan(500)
  expect(Object.values(droppedLevels['buffer-full']).reduce((sum, count) => sum + count, 0)).toBe(dropped)
  subject.up = true
  while (!stored.some(({ Logger }) => Logger === 'azlogs')) await clock.advance(1000)
  while (shipper.stats().pending > 0) await clock.advance(1000)
  const numbers = stored
    .filter(({ Logger }) => Logger !== 'azlogs')
    .map(({ Message }) => Number.parseInt(String(Message), 10))
    .toSorted((a, b) => a - b)
  expect(numbers).toHaveLength(1000 - dropped)
  expect(numbers.at(-1)).toBe(999)
  const kept = new Set(numbers)
  const lost: Record<string, number> = {}
  for (let n = 0; n < 1000; n += 1) {
    if (kept.has(n)) continue
    const level = LEVELS[n % LEVELS.length]?.[0] ?? ''
    lost[level] = (lost[level] ?? 0) + 1
  }
  expect(droppedLevels['buffer-full']).toEqual(lost)
  const gaps = stored.filter(({ Logger }) => Logger === 'azlogs')
  expect(gaps.map(({ Properties }) => Reflect.get(Properties as object, 'droppedByLevel'))).toEqual([lost])
})

test('F17 a gap is announced when there is room for the row that does it, however long that takes', async () => {
  const subject = start({ maxBufferBytes: 10_000 })
  const { shipper, clock, stored } = subject
  const fill = (): void => {
    for (let n = 0; n < 100; n += 1)
      shipper.push(toRow({ level: 'fatal', severity: 21, message: 'x'.repeat(100) }))
  }
  for (let minute = 0; minute < 4; minute += 1) {
    fill()
    await clock.advance(60_000)
    expect(shipper.stats().pendingBytes).toBeLessThanOrEqual(10_000)
  }
  const { dropped } = shipper.stats()
  subject.up = true
  while (shipper.stats().pending > 0) await clock.advance(1000)
  await clock.advance(120_000)
  while (shipper.stats().pending > 0) await clock.advance(1000)
  const gaps = stored.filter(({ Logger }) => Logger === 'azlogs')
  const told = gaps.map(({ Properties }) => Number(Reflect.get(Properties as object, 'droppedRecords')))
  expect(told.reduce((sum, count) => sum + count, 0)).toBe(dropped)
})

test('F17 push() says that there is pressure before it drops: who waits then loses nothing', async () => {
  const { shipper } = startShipping(emulator, { maxBufferBytes: 50_000 })
  for (let n = 0; n < 2000; n += 1) {
    if (!shipper.push(rowOf(n))) await shipper.flush()
  }
  await shipper.flush()
  expect(shipper.stats()).toMatchObject({ delivered: 2000, dropped: 0 })
})

interface Ending {
  readonly code: number | null
  readonly signal: string | null
  readonly stderr: string
  /** From the signal, or the start, to the end. */
  readonly tookMs: number
}

function run(way: string, kill: NodeJS.Signals | undefined, env: Record<string, string>): Promise<Ending> {
  const fixture = fileURLToPath(new URL('fixtures/exit.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=dev', fixture, way], {
    env: { ...process.env, ...emulator.env, NODE_OPTIONS: '', ROWS: '50000', CLOSE_MS: '5000', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let begin = performance.now()
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    if (!chunk.toString().includes('ready') || kill === undefined) return
    begin = performance.now()
    child.kill(kill)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, stderr, tookMs: performance.now() - begin })),
  )
}

function lostIn(stderr: string): number {
  return [...stderr.matchAll(/(\d+) records? lost/g)].reduce((sum, [, count]) => sum + Number(count), 0)
}

test('F29 SIGTERM with 50,000 records pending and a server that hangs: the process ends within 5.5 s and tells the exact loss', async () => {
  emulator.answerNext({ delayMs: 60_000, times: 1000 })
  const { signal, stderr, tookMs } = await run('signal', 'SIGTERM', {})
  expect(signal).toBe('SIGTERM')
  expect(tookMs).toBeLessThan(5500)
  expect(lostIn(stderr)).toBe(50_000)
  expect(emulator.rows()).toHaveLength(0)
})

test('F29 SIGTERM with 50,000 records pending and no server: the process ends within 5.5 s and tells the exact loss', async () => {
  const { signal, stderr, tookMs } = await run('signal', 'SIGTERM', {
    AZURE_DCE_ENDPOINT: 'http://127.0.0.1:9',
  })
  expect(signal).toBe('SIGTERM')
  expect(tookMs).toBeLessThan(5500)
  expect(lostIn(stderr)).toBe(50_000)
})

test('F29 process.exit() with 50,000 records pending tells the exact loss at once', async () => {
  const { code, stderr } = await run('exit', undefined, {})
  expect(code).toBe(0)
  expect(lostIn(stderr)).toBe(50_000)
})

test('F29 SIGTERM with 50,000 records pending and a server that answers: all of them arrive', async () => {
  const { signal, stderr } = await run('signal', 'SIGTERM', {})
  expect({ signal, stderr }).toEqual({ signal: 'SIGTERM', stderr: '' })
  expect(emulator.rows()).toHaveLength(50_000)
})
