/** What one request takes of a quota. */
interface Usage {
  readonly requests: number
  /** Bytes of JSON. */
  readonly rawBytes: number
  /** Bytes on the wire. */
  readonly wireBytes: number
}

/** What a minute allows. */
export type Limits = Usage

/** Azure says how much a minute allows, not how it counts: both common ways are here. */
export interface Quota {
  /** Milliseconds until there is room for this: 0 when there is now, and then it is taken. */
  take(usage: Usage, now: number): number
}

const MINUTE_MS = 60_000

const KINDS = ['requests', 'rawBytes', 'wireBytes'] as const

/** Counts from zero again every minute. What a minute did not use is gone. */
export function createFixedWindow(limits: Limits): Quota {
  let window = 0
  let used: Usage = { requests: 0, rawBytes: 0, wireBytes: 0 }

  return {
    take(usage, now) {
      const current = Math.floor(now / MINUTE_MS)
      if (current !== window) {
        window = current
        used = { requests: 0, rawBytes: 0, wireBytes: 0 }
      }
      if (KINDS.some((kind) => used[kind] + usage[kind] > limits[kind])) return (window + 1) * MINUTE_MS - now
      used = combine(used, usage, 1)
      return 0
    },
  }
}

/** Fills up evenly, to one minute's worth at most. */
export function createTokenBucket(limits: Limits): Quota {
  let filledAt = 0
  let left: Usage = limits

  return {
    take(usage, now) {
      const filled = combine(left, limits, (now - filledAt) / MINUTE_MS)
      filledAt = now
      left = {
        requests: Math.min(filled.requests, limits.requests),
        rawBytes: Math.min(filled.rawBytes, limits.rawBytes),
        wireBytes: Math.min(filled.wireBytes, limits.wireBytes),
      }
      const waits = KINDS.map((kind) => ((usage[kind] - left[kind]) / limits[kind]) * MINUTE_MS)
      const wait = Math.max(0, ...waits)
      if (wait === 0) left = combine(left, usage, -1)
      return wait
    },
  }
}

function combine(one: Usage, other: Usage, factor: number): Usage {
  return {
    requests: one.requests + other.requests * factor,
    rawBytes: one.rawBytes + other.rawBytes * factor,
    wireBytes: one.wireBytes + other.wireBytes * factor,
  }
}
