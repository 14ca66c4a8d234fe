/**
 * Reads a record's time, in milliseconds since 1970 with fractions: a number (or its digits as a string) of seconds,
 * milliseconds, microseconds or nanoseconds, told apart by its size, or a date as text. Undefined for anything else.
 */
export function readTime(value: unknown): number | undefined {
  if (typeof value === 'number') return fromNumber(value)
  if (typeof value !== 'string') return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return fromNumber(Number(value))
  const ms = Date.parse(value)
  if (Number.isNaN(ms)) return undefined
  // Date.parse reads three decimals of a second; pino's isoTimeNano writes nine.
  const finer = /:\d{2}\.\d{3}(\d+)/.exec(value)?.[1]
  return finer === undefined ? ms : ms + Number(`0.${finer}`)
}

/** Each unit's numbers for the years 1973 to 5138 are smaller than the next unit's. */
function fromNumber(value: number): number | undefined {
  if (!Number.isFinite(value) || value <= 0) return undefined
  if (value < 1e11) return value * 1000
  if (value < 1e14) return value
  return value < 1e17 ? value / 1000 : value / 1_000_000
}
