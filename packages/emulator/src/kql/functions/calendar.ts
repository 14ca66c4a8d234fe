import { dateOf, inRange, makeTicks, TICKS_PER_DAY, TICKS_PER_MS, TICKS_PER_SECOND } from '../ticks.ts'

/** A unit of the calendar: of one length, or of months. */
export type Unit = { readonly ticks: bigint } | { readonly months: number }

const UNITS: Readonly<Record<string, Unit>> = {
  year: { months: 12 },
  quarter: { months: 3 },
  month: { months: 1 },
  week: { ticks: 7n * TICKS_PER_DAY },
  day: { ticks: TICKS_PER_DAY },
  hour: { ticks: 3600n * TICKS_PER_SECOND },
  minute: { ticks: 60n * TICKS_PER_SECOND },
  second: { ticks: TICKS_PER_SECOND },
  millisecond: { ticks: TICKS_PER_MS },
  microsecond: { ticks: 10n },
}

export function unitNamed(name: string): Unit | undefined {
  const folded = name.toLowerCase()
  return Object.hasOwn(UNITS, folded) ? UNITS[folded] : undefined
}

/** 0001-01-01 was a Monday, and Kusto's weeks begin on Sunday. */
const SUNDAY_OFFSET = TICKS_PER_DAY

/** How many units have begun before this point, counted from some fixed point: the difference counts boundaries. */
export function unitsUntil(ticks: bigint, unit: Unit): bigint {
  if ('ticks' in unit) return (ticks + (unit.ticks === 7n * TICKS_PER_DAY ? SUNDAY_OFFSET : 0n)) / unit.ticks
  return BigInt(Math.floor(monthsOf(ticks) / unit.months))
}

/** The start of the unit that holds this point, or of the one `offset` units later; null outside Kusto's years. */
export function startOf(ticks: bigint, unit: Unit, offset: bigint): bigint | null {
  const index = unitsUntil(ticks, unit) + offset
  if ('months' in unit) return ofMonths(Number(index) * unit.months, 1) ?? null
  return inRange(index * unit.ticks - (unit.ticks === 7n * TICKS_PER_DAY ? SUNDAY_OFFSET : 0n)) ?? null
}

export function addUnits(ticks: bigint, unit: Unit, amount: bigint): bigint | null {
  if ('ticks' in unit) return inRange(ticks + amount * unit.ticks) ?? null
  const months = monthsOf(ticks) + Number(amount) * unit.months
  const day = dateOf(ticks).getUTCDate()
  const time = ticks % TICKS_PER_DAY
  // The 31st of January and a month is the last of February.
  for (let last = day; last > 27; last -= 1) {
    const sum = ofMonths(months, last)
    if (sum !== undefined) return sum + time
  }
  const sum = ofMonths(months, day)
  return sum === undefined ? null : sum + time
}

/** Whole months since the year 0. */
function monthsOf(ticks: bigint): number {
  const date = dateOf(ticks)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

function ofMonths(months: number, day: number): bigint | undefined {
  return makeTicks(Math.floor(months / 12), (((months % 12) + 12) % 12) + 1, day)
}

export function dayOfYear(ticks: bigint): number {
  const start = makeTicks(dateOf(ticks).getUTCFullYear(), 1, 1) ?? 0n
  return Number((ticks - start) / TICKS_PER_DAY) + 1
}

/** ISO 8601: the week with the year's first Thursday is week 1. */
export function weekOfYear(ticks: bigint): number {
  const monday = ticks - (ticks % (7n * TICKS_PER_DAY))
  const thursday = monday + 3n * TICKS_PER_DAY
  return Math.floor((dayOfYear(thursday) - 1) / 7) + 1
}

/** Since the last Sunday, in whole days. */
export function dayOfWeek(ticks: bigint): bigint {
  return (((ticks / TICKS_PER_DAY + 1n) % 7n) + 7n) % 7n
}
