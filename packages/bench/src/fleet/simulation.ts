import { resolveShipperOptions } from '@azlogs/core'
import type { Shipper, ShipperOptions } from '@azlogs/core'
import { assembleShipper } from '@azlogs/core/internal'

import { createEventClock } from './event-clock.ts'
import type { EventClock } from './event-clock.ts'
import { createFixedWindow, createTokenBucket } from './quota.ts'
import { createSeededRandom } from '../load/seeded-random.ts'
import { createSimulatedDcr } from './simulated-dcr.ts'
import type { Second, SimulatedDcr } from './simulated-dcr.ts'

/** A fleet of like shippers that write to one DCR. */
export interface Scenario {
  readonly quota: 'fixed window' | 'token bucket'
  readonly hint: 'exact' | 'random'
  /** What each shipper's application logs. */
  readonly load: { readonly rowEveryMs: number; readonly rowBytes: number }
  readonly options: Pick<ShipperOptions, 'flushIntervalMs' | 'maxBatchBytes' | 'retryForMs'>
  /** How long the applications log. */
  readonly minutes: number
  readonly outage?: { readonly fromMinute: number; readonly minutes: number }
}

/** What became of it. */
export interface FleetResult {
  /** What the service saw, second by second. */
  readonly seconds: readonly Second[]
  /** Bytes of JSON that it took from each shipper. */
  readonly bytesByShipper: readonly number[]
  /** Rows that were pushed and that, at the end, neither were delivered nor wait for it. */
  readonly lost: number
  /** Rows that the shippers say they delivered, less those that the service took. */
  readonly missing: number
  /** Rows that wait for their delivery at the end. */
  readonly pending: number
}

/** What Azure allows one DCR in a minute. */
const REQUESTS_PER_MINUTE = 12_000
const BYTES_PER_MINUTE = 2_000_000_000

/** For so many shippers each scenario is made. A smaller fleet has that much smaller a quota. */
const FULL_FLEET = 1000

/**
 * One byte stands for a hundred, in rows, batches, buffers and the quota alike: a thousand backlogs fit into memory, and the
 * requests are the same.
 */
const SCALE = 100

/** What log text compresses to. */
const COMPRESSION_RATIO = 8

const MINUTE_MS = 60_000

/** What the DCR allows a fleet of so many shippers in a minute. */
export function allowedPerMinute(shippers: number): { readonly requests: number; readonly bytes: number } {
  const share = shippers / FULL_FLEET
  return { requests: REQUESTS_PER_MINUTE * share, bytes: BYTES_PER_MINUTE * share }
}

/** Runs the real shippers against the simulated service, on a clock of their own. */
export async function simulateFleet(
  scenario: Scenario,
  shipperCount: number,
  seed: number,
): Promise<FleetResult> {
  const { load, outage, minutes } = scenario
  const allowed = allowedPerMinute(shipperCount)
  const random = createSeededRandom(seed)
  const clock = createEventClock()
  const limits = {
    requests: allowed.requests,
    rawBytes: allowed.bytes / SCALE,
    wireBytes: allowed.bytes / SCALE,
  }
  const dcr = createSimulatedDcr({
    clock,
    random,
    quota: scenario.quota === 'fixed window' ? createFixedWindow(limits) : createTokenBucket(limits),
    hint: scenario.hint,
    shippers: shipperCount,
    outage:
      outage === undefined
        ? undefined
        : {
            fromMs: outage.fromMinute * MINUTE_MS,
            toMs: (outage.fromMinute + outage.minutes) * MINUTE_MS,
          },
  })
  const shippers = Array.from({ length: shipperCount }, (_shipper, index) =>
    createSimulatedShipper(scenario.options, clock, dcr, index, random),
  )
  const rowBytes = Math.round(load.rowBytes / SCALE)
  const row = { text: 'x'.repeat(rowBytes - '{"text":""}'.length) }
  const end = minutes * MINUTE_MS
  let pushed = 0
  for (const shipper of shippers) {
    const push = (): void => {
      if (clock.now() >= end) return
      shipper.push(row)
      pushed += 1
      clock.after(load.rowEveryMs, push)
    }
    // The applications of a fleet do not start in the same instant.
    clock.after(random() * (scenario.options.flushIntervalMs ?? 5000), push)
  }

  await clock.runUntil(end)
  const stats = shippers.map((shipper) => shipper.stats())
  const delivered = sum(stats.map((each) => each.delivered))
  const pending = sum(stats.map((each) => each.pending))
  const result = {
    seconds: dcr.seconds.map((second) => ({ ...second, acceptedBytes: second.acceptedBytes * SCALE })),
    bytesByShipper: dcr.acceptedBytes.map((bytes) => bytes * SCALE),
    lost: pushed - delivered - pending,
    // What the service took a moment ago is not known to be delivered yet.
    missing: Math.max(0, delivered - rowsIn(dcr.seconds, rowBytes)),
    pending,
  }
  // With no time left they leave the process as they found it.
  await Promise.all(shippers.map((shipper) => shipper.close({ timeoutMs: 0 })))
  return result
}

function createSimulatedShipper(
  options: Scenario['options'],
  clock: EventClock,
  dcr: SimulatedDcr,
  index: number,
  random: () => number,
): Shipper {
  const config = resolveShipperOptions(
    {
      ...options,
      endpoint: 'https://fleet.westeurope-1.ingest.monitor.azure.com',
      ruleId: `dcr-${'0'.repeat(32)}`,
      streamName: 'Custom-Fleet_CL',
      credential: { getToken: () => Promise.resolve(null) },
      maxBatchBytes: (options.maxBatchBytes ?? 1_000_000) / SCALE,
      maxBufferBytes: Math.floor(33_554_432 / SCALE),
      onProblem: () => {},
    },
    {},
  )
  const rawSizes = new WeakMap<Uint8Array, number>()
  return assembleShipper(config, {
    clock,
    tokens: { ageMs: 0, get: () => Promise.resolve({ ok: true, token: 'simulated' }) },
    connect: ({ onRequest }) => [
      (body) => {
        onRequest()
        return dcr.post(index, rawSizes.get(body) ?? 0, body.length)
      },
    ],
    random,
    // Only the size of what is sent matters here.
    gzip: (bytes) => {
      const body = Buffer.alloc(Math.ceil(bytes.length / COMPRESSION_RATIO))
      rawSizes.set(body, bytes.length)
      return Promise.resolve(body)
    },
  })
}

/** Rows all have one size; a request adds a comma or bracket to each of them, and a bracket. */
function rowsIn(seconds: readonly Second[], rowBytes: number): number {
  const bytes = sum(seconds.map(({ acceptedBytes }) => acceptedBytes))
  const requests = sum(seconds.map(({ accepted }) => accepted))
  return (bytes - requests) / (rowBytes + 1)
}

export function sum(values: readonly number[]): number {
  let total = 0
  for (const value of values) total += value
  return total
}
