import { gunzipSync } from 'node:zlib'

import { expect, onTestFinished, test } from 'vitest'

import { createRowMapper } from '../src/index.ts'
import type { Shipper, ShipperOptions, ShipperStats } from '../src/index.ts'
import { assembleShipper } from '../src/shipper.ts'
import { resolveShipperOptions } from '../src/shipper-options.ts'
import { answered } from './delivery-bench.ts'
import { spoolPath } from './spooling.ts'
import { createVirtualClock, gzipAtOnce } from './virtual-clock.ts'
import type { VirtualClock } from './virtual-clock.ts'

const HOUR_MS = 3_600_000

type Row = Readonly<Record<string, unknown>>

/** A service that is down until it is said to be up. */
interface Service {
  readonly clock: VirtualClock
  /** What it has taken, one request after the other. */
  readonly taken: (readonly Row[])[]
  up: boolean
}

/** How long it takes to answer, in virtual milliseconds. */
const ANSWER_MS = 1000

function createService(): Service {
  return { clock: createVirtualClock(2), taken: [], up: false }
}

/** A whole shipper on virtual time, with real files. */
function start(service: Service, options: ShipperOptions): Shipper {
  const config = resolveShipperOptions(
    {
      endpoint: 'https://example.ingest.monitor.azure.com',
      ruleId: 'dcr-0123456789abcdef0123456789abcdef',
      streamName: 'Custom-AppLogs_CL',
      onProblem: () => {},
      ...options,
    },
    {},
  )
  const shipper = assembleShipper(config, {
    clock: service.clock,
    tokens: { ageMs: 0, get: async () => ({ ok: true as const, token: 'token' }) },
    gzip: gzipAtOnce,
    connect: () => [
      async (body) => {
        await new Promise<void>((resolve) => service.clock.after(ANSWER_MS, resolve))
        if (!service.up) return answered(503)
        service.taken.push(JSON.parse(gunzipSync(body).toString()) as readonly Row[])
        return answered(204)
      },
    ],
  })
  onTestFinished(async () => {
    await shipper.close({ timeoutMs: 0 })
  })
  return shipper
}

function expectBalance({ accepted, delivered, quarantined, dropped, pending }: ShipperStats): void {
  expect(delivered + quarantined + dropped + pending).toBe(accepted)
}

/** Lets virtual time pass until it is so; files are real and take their own time. */
async function passTimeUntil({ clock }: Service, isSo: () => boolean, stepMs = 1000): Promise<void> {
  while (!isSo()) await clock.advance(stepMs)
}

test('F16 an outage of 72 hours, with a restart in it, loses nothing and changes no row, and a live error overtakes the backlog', async () => {
  const directory = spoolPath()
  const service = createService()
  const { clock, taken } = service
  const options = {
    maxBufferBytes: 1_000_000,
    maxBatchBytes: 100_000,
    maxConcurrency: 2,
    spool: { directory, minFreeBytes: 0 },
  } as const
  const beganAt = Date.now() - 72 * HOUR_MS
  const logged = new Map<string, string>()
  let shipper = start(service, options)

  function log(more: Row): void {
    const EventTime = new Date(beganAt + clock.now()).toISOString()
    const RecordId = `r-${logged.size}`
    const row = { TimeGenerated: EventTime, EventTime, RecordId, ...more }
    logged.set(RecordId, JSON.stringify(row))
    shipper.push(row)
  }

  for (let hour = 0; hour < 72; hour += 1) {
    if (hour === 36) {
      expect(await shipper.close({ timeoutMs: 0 })).toMatchObject({ delivered: 0, dropped: 0 })
      shipper = start(service, options)
    }
    for (let n = 0; n < 200; n += 1) log({ Level: 'info', Message: `hour ${hour} ${'x'.repeat(200)}` })
    await clock.advance(HOUR_MS)
    expectBalance(shipper.stats())
    expect(shipper.stats().pendingBytes).toBeLessThan(options.maxBufferBytes)
  }
  expect(taken).toEqual([])

  service.up = true
  await passTimeUntil(service, () => taken.length > 0)
  const requestsBefore = taken.length
  const loggedAt = clock.now()
  log({ Level: 'error', Message: 'after the recovery' })
  const position = (): number =>
    taken.findIndex((rows) => rows.some(({ Message }) => Message === 'after the recovery'))
  await passTimeUntil(service, () => position() >= 0, 100)
  expect(clock.now() - loggedAt).toBeLessThanOrEqual(10_000)
  // Two requests a second left at most: the rest of the backlog is still there.
  expect(position() - requestsBefore).toBeLessThan(20)
  expect(shipper.stats().pending).toBeGreaterThan(5000)

  await passTimeUntil(service, () => taken.flat().length >= logged.size && shipper.stats().pending === 0)
  const arrived = new Map(taken.flat().map((row) => [String(row['RecordId']), JSON.stringify(row)]))
  expect(arrived).toEqual(logged)
  expect(taken.flat()).toHaveLength(logged.size)
  expect(shipper.stats()).toMatchObject({ dropped: 0, quarantined: 0, spool: { files: 0, state: 'ok' } })
}, 120_000)

const LEVELS = [
  ['debug', 5],
  ['info', 9],
  ['warn', 13],
  ['error', 17],
  ['fatal', 21],
] as const

const ROWS = 2000

const toRow = createRowMapper()

function rowOf(n: number): Row {
  const [level, severity] = LEVELS[n % LEVELS.length] ?? LEVELS[0]
  return toRow({ level, severity, message: `${n} ${'x'.repeat(200)}` })
}

/** Memory and spool are small, so that both are full long before the last row. */
const SMALL = { maxBufferBytes: 100_000, maxBatchBytes: 10_000 } as const

interface Aftermath {
  readonly stats: ShipperStats
  /** Numbers of the rows that arrived. */
  readonly kept: ReadonlySet<number>
  /** Rows that did not, by level. */
  readonly missing: Readonly<Record<string, number>>
  /** What the rows about gaps in the table say is missing, by level. */
  readonly announced: Readonly<Record<string, number>>
}

/** The service comes back, and everything that is left arrives. */
async function recover(service: Service, shipper: Shipper): Promise<Aftermath> {
  service.up = true
  const rows = (): readonly Row[] => service.taken.flat()
  const isGap = ({ Logger }: Row): boolean => Logger === 'azlogs'
  const announced = (): Record<string, number> => {
    const sums: Record<string, number> = {}
    for (const { Properties } of rows().filter(isGap)) {
      const { droppedByLevel } = Properties as { readonly droppedByLevel: Record<string, number> }
      for (const [level, count] of Object.entries(droppedByLevel)) sums[level] = (sums[level] ?? 0) + count
    }
    return sums
  }
  const told = (): number => Object.values(announced()).reduce((sum, count) => sum + count, 0)
  await passTimeUntil(service, () => shipper.stats().pending === 0 && told() >= shipper.stats().dropped)
  const numbers = rows()
    .filter((row) => !isGap(row))
    .map(({ Message }) => Number.parseInt(String(Message), 10))
  const kept = new Set(numbers)
  expect(numbers).toHaveLength(kept.size)
  const missing: Record<string, number> = {}
  for (let n = 0; n < ROWS; n += 1) {
    const [level] = LEVELS[n % LEVELS.length] ?? LEVELS[0]
    if (!kept.has(n)) missing[level] = (missing[level] ?? 0) + 1
  }
  return { stats: shipper.stats(), kept, missing, announced: announced() }
}

test('F17 with a spool and drop-newest, what has no place is counted by level and told in the table, and no error goes while a lesser record could', async () => {
  const service = createService()
  const shipper = start(service, {
    ...SMALL,
    spool: { directory: spoolPath(), minFreeBytes: 0, maxBytes: 100_000 },
  })
  for (let n = 0; n < ROWS; n += 1) {
    const { dropped } = shipper.stats()
    const row = rowOf(n)
    shipper.push(row)
    const stats = shipper.stats()
    expectBalance(stats)
    expect(stats.pendingBytes).toBeLessThanOrEqual(SMALL.maxBufferBytes)
    const isError = Number(row['SeverityNumber']) >= 17
    if (stats.dropped > dropped && isError) expect(stats.pendingBytes).toBeGreaterThan(90_000)
    if (n % 50 === 0) await service.clock.advance(0)
  }
  expect(shipper.stats().spool).toMatchObject({ state: 'degraded' })
  const { stats, kept, missing, announced } = await recover(service, shipper)
  expect(stats.droppedLevels['buffer-full']).toEqual(missing)
  expect(stats.dropped).toBe(ROWS - kept.size)
  expect(announced).toEqual(missing)
  // Of memory alone, a quarter of them would have had a place.
  expect(kept.size).toBeGreaterThan(300)
  expect(missing['info']).toBeGreaterThan(missing['warn'] ?? 0)
  expect(missing['warn']).toBeGreaterThan(missing['error'] ?? 0)
  expect(stats).toMatchObject({ quarantined: 0, spool: { state: 'ok', files: 0 } })
}, 60_000)

test('F17 with a spool and drop-oldest, the oldest files go whole, are counted by level and told in the table', async () => {
  const service = createService()
  const shipper = start(service, {
    ...SMALL,
    overflow: 'drop-oldest',
    spool: { directory: spoolPath(), minFreeBytes: 0, maxBytes: 300_000 },
  })
  for (let n = 0; n < ROWS; n += 1) {
    shipper.push(rowOf(n))
    expectBalance(shipper.stats())
    expect(shipper.stats().pendingBytes).toBeLessThanOrEqual(SMALL.maxBufferBytes)
    expect(shipper.stats().spool?.bytes).toBeLessThanOrEqual(300_000 + SMALL.maxBatchBytes)
    if (n % 50 === 0) await service.clock.advance(0)
  }
  const { stats, kept, missing, announced } = await recover(service, shipper)
  expect(stats.droppedLevels['spool-full']).toEqual(missing)
  expect(announced).toEqual(missing)
  expect(stats.dropped).toBe(ROWS - kept.size)
  // The newest 300 kB of them are there.
  const newest = Array.from({ length: 300 }, (_, n) => ROWS - 300 + n)
  expect(newest.filter((n) => !kept.has(n))).toEqual([])
}, 60_000)
