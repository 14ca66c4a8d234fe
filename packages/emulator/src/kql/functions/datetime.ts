import { RowFault } from '../bound.ts'
import { ticksOfEpochMs } from '../convert.ts'
import type { Integer } from '../integer.ts'
import { integer } from '../integer.ts'
import { dateOf, makeTicks, TICKS_PER_DAY, TICKS_PER_SECOND } from '../ticks.ts'
import { addUnits, dayOfWeek, dayOfYear, startOf, unitNamed, unitsUntil, weekOfYear } from './calendar.ts'
import type { Unit } from './calendar.ts'
import { formatDatetime, formatTimespan } from './datetime-format.ts'
import type { Family } from './signature.ts'

/** learn.microsoft.com/kusto/query/scalar-functions, «DateTime/timespan functions». */
export const datetimeFunctions: Family = {
  ...boundaries('day'),
  ...boundaries('week'),
  ...boundaries('month'),
  ...boundaries('year'),
  ...parts({
    dayofmonth: (ticks) => dateOf(ticks).getUTCDate(),
    dayofyear: dayOfYear,
    getmonth: (ticks) => dateOf(ticks).getUTCMonth() + 1,
    monthofyear: (ticks) => dateOf(ticks).getUTCMonth() + 1,
    getyear: (ticks) => dateOf(ticks).getUTCFullYear(),
    hourofday: (ticks) => dateOf(ticks).getUTCHours(),
    weekofyear: weekOfYear,
    week_of_year: weekOfYear,
  }),
  'dayofweek(date: datetime): timespan': (ticks: bigint) => dayOfWeek(ticks) * TICKS_PER_DAY,
  'datetime_add(part: string, amount: long, date: datetime): datetime': (
    part: string,
    amount: Integer,
    ticks: bigint,
  ) => addUnits(ticks, unitOf(part), BigInt(amount)),
  'datetime_diff(part: string, later: datetime, earlier: datetime): long': (
    part: string,
    later: bigint,
    earlier: bigint,
  ) =>
    part.toLowerCase() === 'nanosecond'
      ? integer((later - earlier) * 100n)
      : integer(unitsUntil(later, unitOf(part)) - unitsUntil(earlier, unitOf(part))),
  'datetime_part(part: string, date: datetime): int': datetimePart,
  'format_datetime(date: datetime, format: string): string': formatDatetime,
  'format_timespan(span: timespan, format: string): string': formatTimespan,
  'make_datetime(year: number, month: number, day: number, hour?: number, minute?: number, second?: number): datetime':
    makeDatetime,
  'make_timespan(first: number, second: number, third?: number, fourth?: number): timespan': makeTimespan,
  ...unixTimes({ seconds: 1000, milliseconds: 1, microseconds: 1e-3, nanoseconds: 1e-6 }),
}

function boundaries(name: string): Family {
  const unit = unitOf(name)
  return {
    [`startof${name}(date: datetime, offset?: long): datetime`]: (ticks: bigint, offset: Integer = 0) =>
      startOf(ticks, unit, BigInt(offset)),
    [`endof${name}(date: datetime, offset?: long): datetime`]: (ticks: bigint, offset: Integer = 0) => {
      const next = startOf(ticks, unit, BigInt(offset) + 1n)
      return next === null ? null : next - 1n
    },
  }
}

function parts(functions: Readonly<Record<string, (ticks: bigint) => number>>): Family {
  return Object.fromEntries(
    Object.entries(functions).map(([name, evaluate]) => [`${name}(date: datetime): int`, evaluate]),
  )
}

function unixTimes(units: Readonly<Record<string, number>>): Family {
  return Object.fromEntries(
    Object.entries(units).map(([name, milliseconds]) => [
      `unixtime_${name}_todatetime(number: number): datetime`,
      (number: Integer) => ticksOfEpochMs(Number(number) * milliseconds),
    ]),
  )
}

/** @throws {RowFault} when there is no such part. */
function unitOf(part: string): Unit {
  const unit = unitNamed(part)
  if (unit === undefined) throw new RowFault(`${JSON.stringify(part)} is no part of a datetime`, 'Semantic')
  return unit
}

function datetimePart(part: string, ticks: bigint): number {
  const date = dateOf(ticks)
  const within = ticks % TICKS_PER_SECOND
  switch (part.toLowerCase()) {
    case 'year':
      return date.getUTCFullYear()
    case 'quarter':
      return Math.floor(date.getUTCMonth() / 3) + 1
    case 'month':
      return date.getUTCMonth() + 1
    case 'week_of_year':
    case 'weekofyear':
      return weekOfYear(ticks)
    case 'day':
      return date.getUTCDate()
    case 'dayofyear':
      return dayOfYear(ticks)
    case 'hour':
      return date.getUTCHours()
    case 'minute':
      return date.getUTCMinutes()
    case 'second':
      return date.getUTCSeconds()
    case 'millisecond':
      return Number(within / 10_000n)
    case 'microsecond':
      return Number(within / 10n)
    case 'nanosecond':
      return Number(within * 100n)
    default:
      throw new RowFault(`${JSON.stringify(part)} is no part of a datetime`, 'Semantic')
  }
}

function makeDatetime(...fields: readonly Integer[]): bigint | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields.map(Number)
  const whole = Math.floor(second)
  const ticks = makeTicks(
    Math.trunc(year),
    Math.trunc(month),
    Math.trunc(day),
    Math.trunc(hour),
    Math.trunc(minute),
    whole,
  )
  return ticks === undefined ? null : ticks + fractionOf(second - whole)
}

/** Hours and minutes; with seconds; with days before them. */
function makeTimespan(...fields: readonly Integer[]): bigint | null {
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = (fields.length === 4 ? fields : [0, ...fields]).map(
    Number,
  )
  const whole =
    ((Math.trunc(days) * 24 + Math.trunc(hours)) * 60 + Math.trunc(minutes)) * 60 + Math.floor(seconds)
  return Number.isSafeInteger(whole)
    ? BigInt(whole) * TICKS_PER_SECOND + fractionOf(seconds - Math.floor(seconds))
    : null
}

function fractionOf(seconds: number): bigint {
  return Number.isFinite(seconds) ? BigInt(Math.round(seconds * 1e7)) : 0n
}
