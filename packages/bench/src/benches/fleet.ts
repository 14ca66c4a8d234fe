import type { Bench } from '../bench.ts'
import { allowedPerMinute, simulateFleet, sum } from '../fleet/simulation.ts'
import type { FleetResult, Scenario } from '../fleet/simulation.ts'
import type { Second } from '../fleet/simulated-dcr.ts'
import { sparkline } from '../report/text-chart.ts'
import { figuresOf } from '../rounds.ts'
import type { Sample } from '../rounds.ts'

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

const SEED = 1

/** A quarter of the fleet, with a quarter of the quota: all of it comes out alike and takes ten minutes of CPU. */
const SHIPPERS = 250

/** Fewer are no fleet. */
const LEAST_SHIPPERS = 100

/**
 * Hundreds of shippers, with their real batching, retries, gates and limits, against one DCR that takes 12 requests and 2 MB a minute
 * for each of them. Once: on a clock of its own it comes out the same each time.
 */
export const fleet: Bench = async ({ scale, progress }) => {
  const shippers = Math.max(LEAST_SHIPPERS, Math.ceil(SHIPPERS * scale))
  const runs: { name: string; sample: Sample; remark: string }[] = []
  for (const scenario of SCENARIOS) {
    for (const { label, ...service } of SERVICES) {
      const result = await simulateFleet({ ...scenario, ...service }, shippers, SEED)
      const name = `${scenario.name}, ${service.quota}`
      runs.push({
        name,
        sample: judge(scenario, result, shippers),
        remark: `${scenario.title}; ${label}\n${chart(result.seconds, shippers)}`,
      })
      progress(name)
    }
  }
  const samples = runs.map(({ sample }) => sample)
  const allowed = allowedPerMinute(shippers)
  return {
    title: `${shippers.toLocaleString('en')} shippers, one DCR: ${allowed.requests.toLocaleString('en')} requests and ${allowed.bytes / 1e9} GB a minute`,
    subjects: runs.map(({ name, sample, remark }) => ({
      name,
      remark,
      figures: figuresOf([sample], {
        goodput: { unit: '% goodput', better: 'more' },
        rejected: '% rejected',
        rejectedInAll: '% in all',
        worst: { unit: '% worst of mean', better: 'more' },
        lost: 'lost',
        recovery: { unit: '% recovery', better: 'more' },
        peak: 'times the quota at peak',
      }),
    })),
    targets: [
      {
        text: `% of the limit that gets through, or of the load where that is less, ${LEARNING_MINUTES} minutes after the first 429`,
        value: least(samples, 'goodput'),
        bound: { atLeast: 95 },
      },
      {
        text: '% of requests rejected from then on',
        value: most(samples, 'rejected'),
        bound: { atMost: 5 },
      },
      {
        text: '% of the mean that the worst shipper gets through',
        value: least(samples, 'worst'),
        bound: { atLeast: 50 },
      },
      { text: 'rows lost', value: most(samples, 'lost'), bound: { atMost: 0 } },
      {
        text: '% of the earlier goodput from the 61st second after an outage on',
        value: least(samples, 'recovery'),
        bound: { atLeast: 90 },
      },
      {
        text: 'most requests in ten seconds after an outage, times what is allowed',
        value: most(samples, 'peak'),
        bound: { atMost: 2 },
      },
    ],
  }
}

function least(samples: readonly Sample[], figure: string): number {
  return Math.min(...samples.flatMap((sample) => sample[figure] ?? []))
}

function most(samples: readonly Sample[], figure: string): number {
  return Math.max(...samples.flatMap((sample) => sample[figure] ?? []))
}

function judge(scenario: NamedScenario, result: FleetResult, shippers: number): Sample {
  const { outage } = scenario
  const settled = afterLearning(result.seconds)
  const mean = sum(result.bytesByShipper) / shippers
  // What an outage keeps from a fleet is no matter of its goodput.
  const goodput = goodputOf(
    scenario,
    outage === undefined ? settled : result.seconds.slice(60, outage.fromMinute * 60),
    shippers,
  )
  return {
    goodput: goodput * 100,
    rejected: rejectedOf(settled) * 100,
    rejectedInAll: rejectedOf(result.seconds) * 100,
    worst: (Math.min(...result.bytesByShipper) / mean) * 100,
    lost: result.lost + result.missing,
    ...(outage !== undefined && {
      recovery: recoveryOf(result.seconds, outage) * 100,
      peak: peakOf(result.seconds.slice((outage.fromMinute + outage.minutes) * 60), shippers),
    }),
  }
}

/** What was taken, of the limit that it comes closest to, or of what was offered. */
function goodputOf({ load }: NamedScenario, seconds: readonly Second[], shippers: number): number {
  const allowed = allowedPerMinute(shippers)
  const minutes = seconds.length / 60
  const bytes = bytesIn(seconds) / minutes
  const offered = (shippers * load.rowBytes * 60_000) / load.rowEveryMs
  return Math.max(
    total(seconds, 'accepted') / minutes / allowed.requests,
    bytes / Math.min(allowed.bytes, offered),
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
function peakOf(seconds: readonly Second[], shippers: number): number {
  return (
    Math.max(...tens(seconds).map((ten) => total(ten, 'requests'))) /
    (allowedPerMinute(shippers).requests / 6)
  )
}

function tens(seconds: readonly Second[]): readonly (readonly Second[])[] {
  return Array.from({ length: Math.floor(seconds.length / 10) }, (_ten, index) =>
    seconds.slice(index * 10, index * 10 + 10),
  )
}

/** A character is ten seconds. */
function chart(seconds: readonly Second[], shippers: number): string {
  const steps = tens(seconds)
  const taken = steps.map((step) => total(step, 'accepted'))
  const rejected = steps.map((step) => total(step, 'rejected'))
  const highest = Math.max(
    allowedPerMinute(shippers).requests / 6,
    ...taken.map((some, step) => some + (rejected[step] ?? 0)),
  )
  const bytes = steps.map(bytesIn)
  return [
    `  taken    ${sparkline(taken, highest)}`,
    `  rejected ${sparkline(rejected, highest)}`,
    `  MB       ${sparkline(bytes, Math.max(...bytes))}`,
  ].join('\n')
}

function total(seconds: readonly Second[], kind: keyof Second): number {
  return sum(seconds.map((second) => second[kind]))
}

function bytesIn(seconds: readonly Second[]): number {
  return total(seconds, 'acceptedBytes')
}
