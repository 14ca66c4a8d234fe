/** 100 ns ticks in a millisecond: the finest time that a `datetime` column holds. */
const TICKS_PER_MS = 10_000

/**
 * A step back in time up to this long, in milliseconds, is taken for jitter between threads or a slewing clock and
 * does not reorder rows; a longer one is another time, and is believed.
 */
const JITTER_MS = 2000

/** Gives each record a time that no record before it had. */
export interface Timestamps {
  /** ISO 8601 in UTC with seven decimals, for `timeMs` milliseconds since 1970 or as little later as is needed. */
  next(timeMs: number): string
}

/**
 * Times that grow with every call, in their sub-millisecond digits: two records of one millisecond keep the order in
 * which they were logged under `order by TimeGenerated`.
 */
export function createTimestamps(): Timestamps {
  let lastMs = Number.NEGATIVE_INFINITY
  let lastTick = 0
  let prefixMs = Number.NaN
  let prefix = ''

  return {
    next(timeMs) {
      const valid = Number.isFinite(timeMs) && Math.abs(timeMs) <= 8.64e15 ? timeMs : Date.now()
      let ms = Math.floor(valid)
      let tick = Math.floor((valid - ms) * TICKS_PER_MS)
      if (ms <= lastMs && lastMs - ms < JITTER_MS && (ms < lastMs || tick <= lastTick)) {
        ms = lastMs
        tick = lastTick + 1
        if (tick === TICKS_PER_MS) {
          ms += 1
          tick = 0
        }
      }
      lastMs = ms
      lastTick = tick
      if (ms !== prefixMs) {
        prefixMs = ms
        prefix = new Date(ms).toISOString().slice(0, -1)
      }
      return `${prefix}${fourDigits(tick)}Z`
    },
  }
}

// padStart() takes longer than all the rest.
function fourDigits(tick: number): string {
  if (tick < 10) return `000${tick}`
  if (tick < 100) return `00${tick}`
  return tick < 1000 ? `0${tick}` : String(tick)
}

const ofThisProcess = createTimestamps()

/** The next time of this process; see {@link createTimestamps}. */
export function nextTimestamp(timeMs: number): string {
  return ofThisProcess.next(timeMs)
}
