/** What one data collection rule takes in a window of time. */
export interface ThrottleLimits {
  /** @default 12,000 */
  readonly requests?: number
  /** Of the inflated bodies. @default 2,147,483,648 */
  readonly bytes?: number
  /** @default 60 */
  readonly windowSeconds?: number
}

export interface Throttle {
  /** Counts a request; or, when the rule is at a limit, does not and returns the seconds until it takes more. */
  readonly admit: (ruleId: string) => number | undefined
  readonly spend: (ruleId: string, bytes: number) => void
  readonly clear: () => void
}

interface Window {
  readonly endsAtMs: number
  requests: number
  bytes: number
}

/**
 * The documented limits of a rule: 12,000 requests and 2 GB a minute (azure-monitor-docs,
 * azure-monitor-limits-custom-logs.md). Assumed: the minute begins with the first request, and what is refused does not
 * count. The service may raise them for a rule that needs more; this does not.
 *
 * @throws {RangeError} when a limit is not above 0.
 */
export function createThrottle(limits: ThrottleLimits | false, now: () => number = Date.now): Throttle {
  if (limits === false) return { admit: () => undefined, spend() {}, clear() {} }
  const { requests = 12_000, bytes = 2_147_483_648, windowSeconds = 60 } = limits
  for (const [name, value] of Object.entries({ requests, bytes, windowSeconds })) {
    if (!(value > 0)) throw new RangeError(`throttle.${name} must be above 0, not ${value}`)
  }
  const windows = new Map<string, Window>()
  const windowOf = (ruleId: string): Window => {
    const open = windows.get(ruleId)
    if (open !== undefined && now() < open.endsAtMs) return open
    const window = { endsAtMs: now() + windowSeconds * 1000, requests: 0, bytes: 0 }
    windows.set(ruleId, window)
    return window
  }
  return {
    admit(ruleId) {
      const window = windowOf(ruleId)
      if (window.requests >= requests || window.bytes >= bytes)
        return Math.max(1, Math.ceil((window.endsAtMs - now()) / 1000))
      window.requests += 1
      return undefined
    },
    spend(ruleId, spent) {
      windowOf(ruleId).bytes += Math.max(0, spent)
    },
    clear: () => windows.clear(),
  }
}
