/** From `startMs` on and before `endMs`, in milliseconds since the epoch. */
export interface TimeInterval {
  readonly startMs: number
  readonly endMs: number
}

const DURATION =
  /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/
const UNITS_MS = [604_800_000, 86_400_000, 3_600_000, 60_000, 1000] as const

/**
 * Reads the `timespan` of a query: an ISO 8601 duration that ends now, or an interval of two times or of a time and a
 * duration (azure-monitor-docs, logs/api/request-format). Months and years, whose length varies, are none.
 */
export function readTimespan(text: string, nowMs: number): TimeInterval | undefined {
  const parts = text.split('/')
  const [first = '', second] = parts
  if (parts.length > 2) return undefined
  const duration = durationMs(first)
  if (second === undefined) return duration === undefined ? undefined : interval(nowMs - duration, Infinity)
  if (duration !== undefined) {
    const endMs = Date.parse(second)
    return interval(endMs - duration, endMs)
  }
  const startMs = Date.parse(first)
  const length = durationMs(second)
  return interval(startMs, length === undefined ? Date.parse(second) : startMs + length)
}

function interval(startMs: number, endMs: number): TimeInterval | undefined {
  return Number.isNaN(startMs) || Number.isNaN(endMs) ? undefined : { startMs, endMs }
}

function durationMs(text: string): number | undefined {
  const match = DURATION.exec(text)
  if (match === null || match.slice(1).every((part) => part === undefined)) return undefined
  return UNITS_MS.reduce((sum, unit, index) => sum + Number(match[index + 1] ?? 0) * unit, 0)
}
