import type { LevelKind } from './level.ts'
import type { TimeRange } from './filter.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const STEPS: readonly number[] = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 5, 10, 30, 100, 365].map((count) => count * DAY),
]

export interface Histogram {
  readonly startMs: number
  readonly stepMs: number
  readonly bins: readonly HistogramBin[]
  /** Of the highest bin. */
  readonly peak: number
}

interface HistogramBin {
  readonly total: number
  readonly kinds: Readonly<Partial<Record<LevelKind, number>>>
}

interface TimedEntry {
  readonly timeMs: number
  readonly kind: LevelKind
}

/** Counts by time, in at most `maxBins` bins of a round width; over the range, or over all the times there are. */
export function histogramOf(
  entries: readonly TimedEntry[],
  options: { readonly maxBins: number; readonly range?: TimeRange | undefined },
): Histogram | undefined {
  const { maxBins, range = spanOf(entries) } = options
  if (range === undefined) return undefined
  const stepMs =
    STEPS.find((step) => binCount(range, step) <= maxBins) ??
    Math.ceil((range.toMs - range.fromMs) / Math.max(1, maxBins - 1))
  const startMs = Math.floor(range.fromMs / stepMs) * stepMs
  const bins = Array.from({ length: binCount(range, stepMs) }, () => ({
    total: 0,
    kinds: {} as Partial<Record<LevelKind, number>>,
  }))
  let peak = 0
  for (const { timeMs, kind } of entries) {
    if (timeMs < range.fromMs || timeMs >= range.toMs) continue
    const bin = bins[Math.floor((timeMs - startMs) / stepMs)]
    if (bin === undefined) continue
    bin.total += 1
    bin.kinds[kind] = (bin.kinds[kind] ?? 0) + 1
    if (bin.total > peak) peak = bin.total
  }
  return { startMs, stepMs, bins, peak }
}

/** The time from the start of one bin to the end of another, in whichever order. */
export function rangeOfBins(histogram: Histogram, first: number, last: number): TimeRange {
  const { startMs, stepMs } = histogram
  return {
    fromMs: startMs + Math.min(first, last) * stepMs,
    toMs: startMs + (Math.max(first, last) + 1) * stepMs,
  }
}

function binCount({ fromMs, toMs }: TimeRange, stepMs: number): number {
  return Math.floor((toMs - 1) / stepMs) - Math.floor(fromMs / stepMs) + 1
}

function spanOf(entries: readonly TimedEntry[]): TimeRange | undefined {
  let fromMs = Infinity
  let lastMs = -Infinity
  for (const { timeMs } of entries) {
    if (timeMs < fromMs) fromMs = timeMs
    if (timeMs > lastMs) lastMs = timeMs
  }
  return fromMs <= lastMs ? { fromMs, toMs: lastMs + 1 } : undefined
}
