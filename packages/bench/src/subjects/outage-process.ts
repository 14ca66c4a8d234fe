// Pushes rows at a steady rate into one shipper before, during and after an outage of its endpoint, and prints how it fared.
// Arguments: the endpoint, the outage and its length in milliseconds, the mode, the directory of the spool.
import { setTimeout as wait } from 'node:timers/promises'

import { createShipper } from '@azlogs/core'
import type { ShipperOptions } from '@azlogs/core'

import { pace } from '../load/pace.ts'
import { rowOf } from '../load/rows.ts'
import { CREDENTIAL, RULE_ID, STREAM_NAME } from './destination.ts'

const [endpoint = '', kind = '', length = '0', mode = '', directory = ''] = process.argv.slice(2)

/**
 * Until the engine has taken the memory that it works with: its young generation doubles for the last time, by 26 MB, after some 650,000
 * rows, and an application that has just started grows by that much without any outage.
 */
const WARM_UP_ROWS = 1_000_000
const WARM_UP_ROWS_PER_SECOND = 30_000

const ROWS_PER_SECOND = 5000
const STEADY_MS = 12_000

/** The load goes on for so long when the endpoint is back. */
const AFTERWARDS_MS = 15_000

/** Longest time that is waited for its recovery. */
const PATIENCE_MS = 60_000

const SAMPLE_EVERY_MS = 50
const MAX_BUFFER_BYTES = 33_554_432

const SPOOLS: Readonly<Record<string, Pick<ShipperOptions, 'spool'>>> = {
  memory: {},
  spill: { spool: { directory, durability: 'spill' } },
  wal: { spool: { directory, durability: 'wal' } },
}

const shipper = createShipper({
  endpoint,
  ruleId: RULE_ID,
  streamName: STREAM_NAME,
  credential: CREDENTIAL,
  maxBufferBytes: MAX_BUFFER_BYTES,
  // What is dropped is counted below.
  onProblem: () => {},
  ...SPOOLS[mode],
})

interface State {
  readonly at: number
  readonly rssBytes: number
  readonly pending: number
}

const states: State[] = []
const sampling = setInterval(() => {
  states.push({
    at: performance.now(),
    rssBytes: process.memoryUsage.rss(),
    pending: shipper.stats().pending,
  })
}, SAMPLE_EVERY_MS)

const most = (some: readonly State[], figure: 'rssBytes' | 'pending'): number =>
  some.reduce((highest, state) => Math.max(highest, state[figure]), 0)

const outageMs = Number(length)
const log = (number: number): boolean => shipper.push(rowOf(number))
await pace(0, WARM_UP_ROWS, WARM_UP_ROWS_PER_SECOND, log)
await shipper.flush()
states.length = 0
const rows = WARM_UP_ROWS + (ROWS_PER_SECOND * (STEADY_MS + outageMs + AFTERWARDS_MS)) / 1000
const logging = pace(WARM_UP_ROWS, rows, ROWS_PER_SECOND, log)
await wait(STEADY_MS)
// The first half of the quiet time is for the engine and the connections.
const steady = states.slice(states.length / 2)
await fetch(`${endpoint}/outage/${kind}/${outageMs}`, { method: 'POST' })
const begunAt = performance.now()
const backAt = begunAt + outageMs
await wait(outageMs)

/** No more wait than at the end of a flush interval when all was well. */
const usual = most(steady, 'pending') * 1.05
const recovered = (): State | undefined => states.find(({ at, pending }) => at > backAt && pending <= usual)
while (recovered() === undefined && performance.now() < backAt + PATIENCE_MS) await wait(SAMPLE_EVERY_MS)
await logging
const whole = states.filter(({ at }) => at > begunAt)
await shipper.close({ timeoutMs: PATIENCE_MS })
clearInterval(sampling)
const { accepted, delivered, quarantined, dropped, pending } = shipper.stats()
process.stdout.write(
  JSON.stringify({
    rows,
    startRssMb: most(steady, 'rssBytes') / 1e6,
    peakRssMb: most(whole, 'rssBytes') / 1e6,
    buffersMore: (most(whole, 'rssBytes') - most(steady, 'rssBytes')) / MAX_BUFFER_BYTES,
    recoverySeconds: ((recovered()?.at ?? backAt + PATIENCE_MS) - backAt) / 1000,
    dropped,
    unaccounted: accepted - delivered - quarantined - dropped - pending,
  }),
  () => process.exit(),
)
