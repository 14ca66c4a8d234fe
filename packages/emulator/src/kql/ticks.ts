/** Points in time and spans as Kusto counts them: bigints of 100 ns, a datetime since 0001-01-01T00:00:00Z. */

export const TICKS_PER_MS: bigint = 10_000n
export const TICKS_PER_SECOND: bigint = 10_000_000n
export const TICKS_PER_DAY: bigint = 86_400n * TICKS_PER_SECOND

const EPOCH_TICKS = 621_355_968_000_000_000n
const FIRST_YEAR = 1
const LAST_TICKS = 3_155_378_975_999_999_999n

const ISO =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt ]+(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?\s*(?:[Zz]|([+-])(\d\d):?(\d\d))?$/
const AMERICAN = /^(\d\d?)\/(\d\d?)\/(\d{4})(?: +(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?\s*Z?$/
/** RFC 822 and 850: `Sat, 8 Nov 2014 15:05:02 GMT`. */
const RFC =
  /^(?:[A-Za-z]{3,9},? +)?(\d\d?)[ -]([A-Za-z]{3})[ -](\d{4})(?: +(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(?: *(?:GMT|UTC|Z))?$/i
const YEAR_ONLY = /^\d{4}(?:-\d\d)?$/
const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')

/**
 * Reads the formats of Kusto's datetime (learn.microsoft.com/kusto/query/scalar-data-types/datetime): ISO 8601, RFC 822,
 * RFC 850, and month/day/year. Undefined when it is no point in time.
 */
export function readDatetimeTicks(input: string): bigint | undefined {
  return readCanonical(input) ?? readAny(input)
}

/** What the store holds, `2026-11-22T10:00:00.1234567Z`: most datetimes by far. */
function readCanonical(text: string): bigint | undefined {
  if (text.length > 28 || text[10] !== 'T' || !text.endsWith('Z')) return undefined
  const fraction = text.length === 20 ? '' : text.slice(20, -1)
  if (fraction !== '' && (text[19] !== '.' || !/^\d+$/.test(fraction))) return undefined
  const epochMs = Date.parse(`${text.slice(0, 19)}Z`)
  // Some impossible days roll over into the next month, and 24:00 into the next day.
  if (
    Number.isNaN(epochMs) ||
    text.startsWith('24', 11) ||
    (Number(text.slice(8, 10)) > 28 && new Date(epochMs).getUTCDate() !== Number(text.slice(8, 10)))
  )
    return undefined
  return fromEpochMs(epochMs) + BigInt(fraction.padEnd(7, '0'))
}

function readAny(input: string): bigint | undefined {
  const text = input.trim()
  const iso = ISO.exec(text)
  if (iso !== null) {
    const [, year, month, day, hour, minute, second, fraction, sign, hours, minutes] = iso
    const ticks = ticksOf([year, month, day, hour, minute, second], fraction)
    if (ticks === undefined || sign === undefined) return ticks
    const offset = (BigInt(hours ?? 0) * 60n + BigInt(minutes ?? 0)) * 60n * TICKS_PER_SECOND
    return inRange(sign === '-' ? ticks + offset : ticks - offset)
  }
  const american = AMERICAN.exec(text)
  if (american !== null) {
    const [, month, day, year, hour, minute, second, fraction] = american
    return ticksOf([year, month, day, hour, minute, second], fraction)
  }
  const rfc = RFC.exec(text)
  if (rfc !== null) {
    const [, day, name = '', year, hour, minute, second, fraction] = rfc
    const month = MONTHS.indexOf(name.toLowerCase()) + 1
    return ticksOf([year, String(month), day, hour, minute, second], fraction)
  }
  if (!YEAR_ONLY.test(text)) return undefined
  const [year, month] = text.split('-')
  return ticksOf([year, month ?? '1', '1'], undefined)
}

function ticksOf(parts: readonly (string | undefined)[], fraction = ''): bigint | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map((part) =>
    Number(part ?? 0),
  )
  const ticks = makeTicks(year, month, day, hour, minute, second)
  return ticks === undefined ? undefined : ticks + BigInt(fraction.slice(0, 7).padEnd(7, '0'))
}

/** Undefined when there is no such day or time. */
export function makeTicks(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
): bigint | undefined {
  if (hour > 23 || minute > 59 || second > 59 || year < FIRST_YEAR || hour < 0 || minute < 0 || second < 0)
    return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  date.setUTCHours(hour, minute, second)
  return inRange(fromEpochMs(date.getTime()))
}

export function fromEpochMs(epochMs: number): bigint {
  return BigInt(epochMs) * TICKS_PER_MS + EPOCH_TICKS
}

/** Cut to whole milliseconds, which a `Date` can hold. */
function toEpochMs(ticks: bigint): number {
  return Number(
    (ticks - EPOCH_TICKS - (((ticks % TICKS_PER_MS) + TICKS_PER_MS) % TICKS_PER_MS)) / TICKS_PER_MS,
  )
}

export function dateOf(ticks: bigint): Date {
  return new Date(toEpochMs(ticks))
}

/** Kusto's datetimes end with the year 9999: what lies outside is null. */
export function inRange(ticks: bigint): bigint | undefined {
  return ticks >= 0n && ticks <= LAST_TICKS ? ticks : undefined
}

/** ISO 8601 in UTC with the seven digits that `tostring()` writes. */
export function datetimeText(ticks: bigint): string {
  const iso = dateOf(ticks).toISOString()
  return `${iso.slice(0, 19)}.${fractionOf(ticks)}Z`
}

/** ISO 8601 in UTC with as many digits as are needed, the way the query API writes it. */
export function shortDatetimeText(ticks: bigint): string {
  return datetimeText(ticks).replace(/\.?0+Z$/, 'Z')
}

function fractionOf(ticks: bigint): string {
  const rest = ticks % TICKS_PER_SECOND
  return String(rest < 0n ? -rest : rest).padStart(7, '0')
}

const SPAN = /^(-)?(?:(\d{1,9})(?:\.| +))?(\d{1,2}):(\d\d?)(?::(\d\d?)(?:\.(\d{1,7}))?)?$/

/** Reads `[-][d.]hh:mm[:ss[.fffffff]]`; undefined when it is none. */
export function readTimespan(input: string): bigint | undefined {
  const match = SPAN.exec(input.trim())
  if (match === null) return undefined
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = match
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined
  const whole = ((BigInt(days) * 24n + BigInt(hours)) * 60n + BigInt(minutes)) * 60n + BigInt(seconds)
  const ticks = whole * TICKS_PER_SECOND + BigInt(fraction.padEnd(7, '0'))
  return sign === undefined ? ticks : -ticks
}

/** `[-][d.]hh:mm:ss[.fffffff]`, as `tostring()` and the query API write it. */
export function timespanText(ticks: bigint): string {
  const magnitude = ticks < 0n ? -ticks : ticks
  const days = magnitude / TICKS_PER_DAY
  const seconds = (magnitude % TICKS_PER_DAY) / TICKS_PER_SECOND
  const two = (value: bigint): string => String(value).padStart(2, '0')
  const clock = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n].map(two).join(':')
  const fraction = fractionOf(magnitude)
  return `${ticks < 0n ? '-' : ''}${days === 0n ? '' : `${days}.`}${clock}${fraction === '0000000' ? '' : `.${fraction}`}`
}
