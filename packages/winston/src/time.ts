/** Milliseconds since 1970 in 1973: a smaller number is no time in milliseconds. */
const LEAST_MS = 100_000_000_000

/**
 * Milliseconds since 1970 of what a record has as its timestamp: a Date, a number of milliseconds, or text that begins with
 * year, month, day and time. Other texts mean different things to different readers, and are no time here.
 */
export function timeOf(timestamp: unknown): number | undefined {
  if (timestamp instanceof Date) return valid(timestamp.getTime())
  if (typeof timestamp === 'number') return timestamp >= LEAST_MS ? valid(timestamp) : undefined
  if (typeof timestamp !== 'string' || !/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(timestamp)) return undefined
  return valid(Date.parse(timestamp))
}

/** As far as a Date reaches; NaN is no time either. */
function valid(timeMs: number): number | undefined {
  return timeMs <= 8.64e15 ? timeMs : undefined
}
