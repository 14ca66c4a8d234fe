import { readdirSync, readFileSync } from 'node:fs'

/** What a process holds at a moment. */
interface Sample {
  readonly minute: number
  readonly rssMb: number
  readonly descriptors: number
}

export interface Measurements {
  /** Looks at a process, where the system tells: Linux. */
  sample(name: string, pid: number): void
  summary(): Readonly<Record<string, ProcessSummary>>
}

export interface ProcessSummary {
  /** How long it was watched, in minutes, its first minutes left out. */
  readonly minutes: number
  /** By least squares; undefined when it was not watched for long enough. */
  readonly rssSlopeMbPerMinute: number | undefined
  readonly rssMb: { readonly first: number; readonly last: number; readonly highest: number }
  readonly descriptors: { readonly first: number; readonly last: number; readonly highest: number }
}

/** A heap grows until the engine has seen what is hot: this part of the time is left out, and so much at least. */
const WARM_UP_SHARE = 1 / 3
const WARM_UP_MINUTES = 1

/** A slope over less than this says nothing. */
const LEAST_MINUTES = 2

export function createMeasurements(minuteNow: () => number): Measurements {
  const samples = new Map<string, Sample[]>()
  return {
    sample(name, pid) {
      const sample = sampleOf(pid, minuteNow())
      if (sample === undefined) return
      const known = samples.get(name)
      if (known === undefined) samples.set(name, [sample])
      else known.push(sample)
    },
    summary: () => Object.fromEntries(Array.from(samples, ([name, all]) => [name, summaryOf(all)] as const)),
  }
}

function sampleOf(pid: number, minute: number): Sample | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]
    if (kilobytes === undefined) return undefined
    return { minute, rssMb: Number(kilobytes) / 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length }
  } catch {
    return undefined
  }
}

function summaryOf(samples: readonly Sample[]): ProcessSummary {
  const from = samples[0]?.minute ?? 0
  const to = samples.at(-1)?.minute ?? 0
  const warm = from + Math.max(WARM_UP_MINUTES, (to - from) * WARM_UP_SHARE)
  const steady = samples.filter(({ minute }) => minute >= warm)
  const seen = steady.length > 1 ? steady : samples
  const minutes = (seen.at(-1)?.minute ?? 0) - (seen[0]?.minute ?? 0)
  const rangeOf = (values: readonly number[]): { first: number; last: number; highest: number } => ({
    first: values[0] ?? 0,
    last: values.at(-1) ?? 0,
    highest: Math.max(...values),
  })
  return {
    minutes,
    rssSlopeMbPerMinute:
      minutes >= LEAST_MINUTES ? slopeOf(seen.map(({ minute, rssMb }) => [minute, rssMb])) : undefined,
    rssMb: rangeOf(seen.map(({ rssMb }) => rssMb)),
    descriptors: rangeOf(seen.map(({ descriptors }) => descriptors)),
  }
}

/** Of the line that is nearest to the points, by least squares. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const meanX = mean(points.map(([x]) => x))
  const meanY = mean(points.map(([, y]) => y))
  let above = 0
  let below = 0
  for (const [x, y] of points) {
    above += (x - meanX) * (y - meanY)
    below += (x - meanX) ** 2
  }
  return below === 0 ? 0 : above / below
}
