/** How far apart this clock and the service's are. */
export interface ServerClock {
  /** Call with the `Date` header of an answer. True the first time that the difference is beyond what tokens bear. */
  observe(dateHeader: string): boolean
  /** This clock minus the service's, in milliseconds. */
  readonly differenceMs: number | undefined
}

/** Beyond this, tokens are refused as expired or not yet valid, in milliseconds. */
const WARN_DIFFERENCE_MS = 5 * 60_000

export function createServerClock(): ServerClock {
  let differenceMs: number | undefined
  let warned = false
  return {
    observe(dateHeader) {
      const serverTime = Date.parse(dateHeader)
      if (Number.isNaN(serverTime)) return false
      differenceMs = Date.now() - serverTime
      const far = Math.abs(differenceMs) > WARN_DIFFERENCE_MS
      const first = far && !warned
      warned = far
      return first
    },
    get differenceMs() {
      return differenceMs
    },
  }
}
