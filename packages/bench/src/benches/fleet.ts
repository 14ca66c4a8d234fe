import { BYTES_PER_MINUTE, REQUESTS_PER_MINUTE, SHIPPERS, simulateFleet, sum } from './fleet-simulation.ts'
import type { FleetResult, Scenario } from './fleet-simulation.ts'
import type { Second } from './simulated-dcr.ts'
import { sparkline, table } from './text-chart.ts'

interface NamedScenario extends Omit<Scenario, 'quota' | 'hint'> {
  readonly name: string
  /** What it shows. */
  readonly title: string
}

const SCENARIOS: readonly NamedScenario[] = [
  {
    name: 'requests',
    title: 'full batches of 100 kB, 20,000 a minute: 1.7 times the requests that are allowed',
    load: { rowEveryMs: 1500, rowBytes: 49_000 },
    options: { maxBatchBytes: 100_000 },
    minutes: 15,
  },
  {
    name: 'small',
    title: 'a flush every 2 s, 30,000 a minute: 2.5 times the requests that are allowed, of small batches',
    load: { rowEveryMs: 1000, rowBytes: 5_000 },
    options: { flushIntervalMs: 2000 },
    minutes: 15,
  },
  {
    name: 'bytes',
    title: '2.5 GB a minute: 1.25 times the bytes that are allowed',
    load: { rowEveryMs: 6000, rowBytes: 248_000 },
    options: {},
    minutes: 15,
  },
  {
    name: 'at limit',
    title: 'one batch each 5 s: exactly the 12,000 requests a minute that are allowed',
    load: { rowEveryMs: 2500, rowBytes: 8_000 },
    options: {},
    minutes: 10,
  },
  {
    name: 'outage',
    title: 'the same, and 503 from the fifth to the fifteenth minute',
    load: { rowEveryMs: 2500, rowBytes: 8_000 },
    // Without a spool, records are given up after five minutes by default.
    options: { retryForMs: 30 * 60_000 },
    minutes: 20,
    outage: { fromMinute: 5, minutes: 10 },
  },
]

/** Two ways to count, and to say when to come back. */
const SERVICES: readonly (Pick<Scenario, 'quota' | 'hint'> & { readonly label: string })[] = [
  { label: 'fixed window, Retry-After: its end', quota: 'fixed window', hint: 'exact' },
  { label: 'token bucket, Retry-After: 1–30 s', quota: 'token bucket', hint: 'random' },
]

/** The minutes after the first 429 go into finding out how much there is for each shipper. */
const LEARNING_MINUTES = 5

/** Least time that is measured. */
const MEASURED_MINUTES = 3

const TARGETS = {
  /** Of the limit, or of what was offered where that is less. */
  goodput: 0.95,
  rejected: 0.05,
  /** The worst shipper, of the mean. */
  worst: 0.5,
  /** In the second minute after an outage, of what it was before. */
  recovery: 0.9,
  /** Most requests in any ten seconds after an outage, of what the limit allows in ten seconds. */
  storm: 2,
}

const SEED = 1

/**
 * A thousand shippers, with their real batching, retries, gates and limits, against one DCR that takes 12,000 requests and
 * 2 GB a minute. Prints what happened and returns whether every target was met.
 */
export async function fleet(print: (line: string) => void): Promise<boolean> {
  print(
    `${SHIPPERS} shippers, one DCR: ${REQUESTS_PER_MINUTE} requests and ${BYTES_PER_MINUTE / 1e9} GB a minute.`,
  )
  const rows = [['', 'goodput', 'rejected', 'in all', 'worst', 'lost', 'recovery', 'peak', '']]
  for (const scenario of SCENARIOS) {
    print(`\n${scenario.name}: ${scenario.title}`)
    for (const service of SERVICES) {
      const result = await simulateFleet({ ...scenario, ...service }, SEED)
      const { cells, met } = judge(scenario, result)
      rows.push([`${scenario.name}, ${service.quota}`, ...cells, met ? 'met' : 'MISSED'])
      printChart(result.seconds, service.label, print)
    }
  }
  print(`\n${table(rows)}`)
  print(
    `\nTargets: goodput ≥ ${percent(TARGETS.goodput)} of the limit, or of the load where that is less; rejected ≤ ${percent(TARGETS.rejected)} of all requests;` +
      `\nworst shipper ≥ ${percent(TARGETS.worst)} of the mean; nothing lost. After the outage: ≥ ${percent(TARGETS.recovery)} of the goodput before it from the` +
      `\n61st second on; never more than ${TARGETS.storm} times the allowed requests in ten seconds.` +
      `\nGoodput and rejected are measured from ${LEARNING_MINUTES} minutes after the first 429 on; goodput with an outage, before it; all the rest\nfrom the first second.`,
  )
  return rows.slice(1).every((row) => row.at(-1) === 'met')
}

function judge(
  scenario: NamedScenario,
  result: FleetResult,
): { readonly cells: readonly string[]; readonly met: boolean } {
  const { outage } = scenario
  const settled = afterLearning(result.seconds)
  const rejected = rejectedOf(settled)
  const mean = sum(result.bytesByShipper) / SHIPPERS
  const worst = Math.min(...result.bytesByShipper) / mean
  const lost = result.lost + result.missing
  // What an outage keeps from a fleet is no matter of its goodput.
  const goodput = goodputOf(
    scenario,
    outage === undefined ? settled : result.seconds.slice(60, outage.fromMinute * 60),
  )
  const recovery = outage === undefined ? undefined : recoveryOf(result.seconds, outage)
  const peak =
    outage === undefined ? undefined : peakOf(result.seconds.slice((outage.fromMinute + outage.minutes) * 60))
  return {
    cells: [
      percent(goodput),
      percent(rejected),
      percent(rejectedOf(result.seconds)),
      percent(worst),
      String(lost),
      recovery === undefined ? '' : percent(recovery),
      peak === undefined ? '' : `× ${peak.toFixed(1)}`,
    ],
    met:
      goodput >= TARGETS.goodput &&
      rejected <= TARGETS.rejected &&
      worst >= TARGETS.worst &&
      lost === 0 &&
      (recovery ?? 1) >= TARGETS.recovery &&
      (peak ?? 0) <= TARGETS.storm,
  }
}

/** What was taken, of the limit that it comes closest to, or of what was offered. */
function goodputOf({ load }: NamedScenario, seconds: readonly Second[]): number {
  const minutes = seconds.length / 60
  const bytes = bytesIn(seconds) / minutes
  const offered = (SHIPPERS * load.rowBytes * 60_000) / load.rowEveryMs
  return Math.max(
    total(seconds, 'accepted') / minutes / REQUESTS_PER_MINUTE,
    bytes / Math.min(BYTES_PER_MINUTE, offered),
  )
}

function afterLearning(seconds: readonly Second[]): readonly Second[] {
  const felt = Math.max(
    0,
    seconds.findIndex(({ rejected }) => rejected > 0),
  )
  return seconds.slice(Math.min(felt + LEARNING_MINUTES * 60, seconds.length - MEASURED_MINUTES * 60))
}

/** Requests answered with 429, of all. */
function rejectedOf(seconds: readonly Second[]): number {
  return total(seconds, 'rejected') / total(seconds, 'requests')
}

/** The worst ten seconds from one minute after the outage on, in bytes, of the mean before it. */
function recoveryOf(
  seconds: readonly Second[],
  outage: { readonly fromMinute: number; readonly minutes: number },
): number {
  const before = seconds.slice(60, outage.fromMinute * 60)
  const after = seconds.slice((outage.fromMinute + outage.minutes + 1) * 60)
  const usual = (bytesIn(before) / before.length) * 10
  return Math.min(...tens(after).map(bytesIn)) / usual
}

/** Most requests in ten seconds, of what the limit allows in ten seconds. */
function peakOf(seconds: readonly Second[]): number {
  return Math.max(...tens(seconds).map((ten) => total(ten, 'requests'))) / (REQUESTS_PER_MINUTE / 6)
}

function tens(seconds: readonly Second[]): readonly (readonly Second[])[] {
  return Array.from({ length: Math.floor(seconds.length / 10) }, (_ten, index) =>
    seconds.slice(index * 10, index * 10 + 10),
  )
}

function printChart(seconds: readonly Second[], label: string, print: (line: string) => void): void {
  const steps = tens(seconds)
  const most = Math.max(
    REQUESTS_PER_MINUTE / 6,
    ...steps.map((step) => total(step, 'accepted') + total(step, 'rejected')),
  )
  print(`  ${label}; a character is ten seconds, the highest ${most} requests`)
  print(
    `    taken    ${sparkline(
      steps.map((step) => total(step, 'accepted')),
      most,
    )}`,
  )
  print(
    `    rejected ${sparkline(
      steps.map((step) => total(step, 'rejected')),
      most,
    )}`,
  )
  print(`    MB       ${sparkline(steps.map(bytesIn), Math.max(...steps.map(bytesIn)))}`)
}

function total(seconds: readonly Second[], kind: keyof Second): number {
  return sum(seconds.map((second) => second[kind]))
}

function bytesIn(seconds: readonly Second[]): number {
  return total(seconds, 'acceptedBytes')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
