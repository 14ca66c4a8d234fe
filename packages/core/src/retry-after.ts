/** Longest wait, in milliseconds, that the service can impose on us. */
export const MAX_RETRY_AFTER_MS: number = 15 * 60_000

/** Reads one response header by its lower-case name. */
export type HeaderReader = (name: string) => string | undefined

/**
 * The wait that the service asked for, in milliseconds, or undefined when it named none that makes sense.
 * `retry-after-ms` and `x-ms-retry-after-ms` go before `Retry-After`, which is seconds or an HTTP date.
 *
 * A date is measured against the answer's own `Date` header, so that a wrong local clock cannot turn ten seconds
 * into an hour; `now` (epoch milliseconds) stands in where that header is missing.
 */
export function retryAfterMs(header: HeaderReader, now: number): number | undefined {
  for (const name of ['retry-after-ms', 'x-ms-retry-after-ms']) {
    const milliseconds = nonNegative(header(name))
    if (milliseconds !== undefined) return Math.min(milliseconds, MAX_RETRY_AFTER_MS)
  }
  const value = header('retry-after')
  const seconds = nonNegative(value)
  if (seconds !== undefined) return Math.min(seconds * 1000, MAX_RETRY_AFTER_MS)
  const date = httpDate(value)
  if (date === undefined) return undefined
  const reference = httpDate(header('date')) ?? now
  return Math.min(Math.max(date - reference, 0), MAX_RETRY_AFTER_MS)
}

function nonNegative(value: string | undefined): number | undefined {
  if (value === undefined || !/^\s*\d+(\.\d+)?\s*$/.test(value)) return undefined
  return Number(value)
}

// All three forms of RFC 9110 begin with a weekday; Date.parse alone would also take «-1» or «5.5.2001» for a date.
function httpDate(value: string | undefined): number | undefined {
  if (value === undefined || !/^\s*(mon|tue|wed|thu|fri|sat|sun)/i.test(value)) return undefined
  const time = Date.parse(value)
  return Number.isNaN(time) ? undefined : time
}
