export interface Datetime {
  /** ISO 8601 in UTC, with as many fractional digits as were sent, 7 (100 ns ticks) at most. */
  readonly text: string
  readonly epochMs: number
}

const PATTERN =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:[Zz]|([+-])(\d\d):?(\d\d))?)?$/

/** What loggers write: already in the form in which it is kept. */
const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?Z$/

/** A Kusto datetime has 100 ns ticks, which a `Date` cannot hold: the fraction stays text. */
const TICK_DIGITS = 7

/** Reads the ISO 8601 family of Kusto's formats; without an offset it is UTC. Undefined when it is no point in time. */
export function readDatetime(input: string): Datetime | undefined {
  if (CANONICAL.test(input)) {
    const epochMs = pointInTime(input)
    return epochMs === undefined ? undefined : { text: input, epochMs }
  }
  const match = PATTERN.exec(input)
  if (match === null) return undefined
  const [, year, month, day, hour = '00', minute = '00', second = '00', digits = '', sign, ...offset] = match
  const fraction = digits === '' ? '' : `.${digits.slice(0, TICK_DIGITS)}`
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`
  const localMs = pointInTime(`${local}${fraction}Z`)
  if (localMs === undefined) return undefined
  if (sign === undefined) return { text: `${local}${fraction}Z`, epochMs: localMs }

  const [offsetHours, offsetMinutes] = offset
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000
  const epochMs = sign === '-' ? localMs + offsetMs : localMs - offsetMs
  // An offset is whole minutes: it leaves the fraction as it is.
  return { text: `${new Date(epochMs).toISOString().slice(0, 19)}${fraction}Z`, epochMs }
}

/** Milliseconds since the epoch of canonical text; V8 reads it, but lets some impossible times roll over. */
function pointInTime(canonical: string): number | undefined {
  const epochMs = Date.parse(canonical)
  if (Number.isNaN(epochMs) || canonical.startsWith('24', 11)) return undefined
  const day = Number(canonical.slice(8, 10))
  // The 30th of February is read as the 1st or 2nd of March.
  return day > 28 && new Date(epochMs).getUTCDate() !== day ? undefined : epochMs
}
