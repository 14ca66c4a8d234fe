import { parseJson } from '../json.ts'
import { jsonText, parseDynamicText } from './dynamic.ts'
import { integer } from './integer.ts'
import type { Integer } from './integer.ts'
import { readShortSpan } from './lexer.ts'
import {
  datetimeText,
  fromEpochMs,
  inRange,
  readDatetimeTicks,
  readTimespan,
  TICKS_PER_DAY,
  timespanText,
} from './ticks.ts'
import { absent } from './types.ts'
import type { KqlType, Value } from './types.ts'

/**
 * Converts as `tostring()`, `tolong()` and their like do: what cannot be converted is null
 * (learn.microsoft.com/kusto/query/tostring-function and its neighbours).
 */
export function convertTo(type: KqlType, from: KqlType, value: Value): Value {
  if (value === null) return absent(type)
  if (type === from) return value
  return CONVERTERS[type](value, from)
}

const CONVERTERS: Readonly<Record<KqlType, (value: Value, from: KqlType) => Value>> = {
  string: textOf,
  int: (value, from) => within32Bits(integerOf(value, from)),
  long: integerOf,
  real: realOf,
  bool: boolOf,
  datetime: datetimeOf,
  timespan: timespanOf,
  dynamic: dynamicOf,
  guid: guidOf,
}

/** The text of a value that is not null. */
export function textOf(value: Value, from: KqlType): string {
  switch (from) {
    case 'string':
    case 'guid':
      return String(value)
    case 'datetime':
      return datetimeText(value as bigint)
    case 'timespan':
      return timespanText(value as bigint)
    case 'bool':
      return value === true ? 'true' : 'false'
    case 'real':
      return realText(value as number)
    case 'dynamic':
      return typeof value === 'string' ? value : jsonText(value)
    default:
      return String(value)
  }
}

/** Assumed: the shortest digits that read back as the same number, with a point when they look like an integer. */
function realText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  const text = String(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text.replace('e', 'E')
}

const INTEGER = /^[+-]?\d{1,19}$/
const HEX = /^0[xX][0-9a-fA-F]{1,16}$/
const REAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?$/

function integerOf(value: Value, from: KqlType): Integer | null {
  switch (from) {
    case 'real':
      return truncated(value as number)
    case 'bool':
      return value === true ? 1 : 0
    case 'datetime':
    case 'timespan':
      return integer(value as bigint)
    case 'string':
      return integerOfText(String(value).trim())
    case 'dynamic':
      if (typeof value === 'number') return truncated(value)
      if (typeof value === 'bigint') return value
      if (typeof value === 'boolean') return value ? 1 : 0
      return typeof value === 'string' ? integerOfText(value.trim()) : null
    case 'guid':
      return null
    default:
      return value as Integer
  }
}

function integerOfText(text: string): Integer | null {
  if (HEX.test(text)) return integer(BigInt(text))
  if (INTEGER.test(text)) {
    const exact = BigInt(text.replace('+', ''))
    return BigInt.asIntN(64, exact) === exact ? integer(exact) : null
  }
  return null
}

function truncated(value: number): Integer | null {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 63) return null
  const whole = Math.trunc(value) + 0
  return Number.isSafeInteger(whole) ? whole : integer(BigInt(whole))
}

function within32Bits(value: Integer | null): number | null {
  const number = Number(value)
  return value === null || number < -(2 ** 31) || number >= 2 ** 31 ? null : number
}

function realOf(value: Value, from: KqlType): number | null {
  if (from === 'bool') return value === true ? 1 : 0
  if (from === 'int' || from === 'long') return Number(value)
  if (from === 'datetime' || from === 'timespan') return Number(value)
  if (from !== 'string' && from !== 'dynamic') return null
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'string') return null
  const text = value.trim()
  if (REAL.test(text)) return Number(text)
  if (/^nan$/i.test(text)) return Number.NaN
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(text)
  if (infinite === null) return null
  return infinite[1] === '-' ? -Infinity : Infinity
}

function boolOf(value: Value, from: KqlType): boolean | null {
  if (from === 'guid' || from === 'datetime' || from === 'timespan') return null
  if (typeof value === 'boolean') return value
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value) !== 0
  if (typeof value !== 'string') return null
  const text = value.trim().toLowerCase()
  if (text === 'true') return true
  if (text === 'false') return false
  const number = integerOfText(text)
  return number === null ? null : Number(number) !== 0
}

function datetimeOf(value: Value, from: KqlType): bigint | null {
  if (from === 'int' || from === 'long') return inRange(BigInt(value as Integer)) ?? null
  if (from !== 'string' && from !== 'dynamic') return null
  return typeof value === 'string' ? (readDatetimeTicks(value) ?? null) : null
}

function timespanOf(value: Value, from: KqlType): bigint | null {
  if (from === 'int' || from === 'long') return BigInt(value as Integer)
  if ((from !== 'string' && from !== 'dynamic') || typeof value !== 'string') return null
  const text = value.trim()
  if (/^-?\d{1,9}$/.test(text)) return BigInt(text) * TICKS_PER_DAY
  return readTimespan(text) ?? readShortSpan(text) ?? null
}

/** A `dynamic` holds what JSON holds: a datetime or timespan goes in as its text. */
function dynamicOf(value: Value, from: KqlType): Value {
  switch (from) {
    case 'string':
      return parseDynamicText(String(value), parseJson)
    case 'datetime':
    case 'timespan':
      return textOf(value, from)
    default:
      return value
  }
}

/** As a member of a bag or array, where a string stays a string. */
export function asMember(value: Value, from: KqlType): Value {
  return from === 'string' ? value : convertTo('dynamic', from, value)
}

const GUID = /^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i

function guidOf(value: Value): string | null {
  const match = typeof value === 'string' ? GUID.exec(value.trim()) : null
  return match === null ? null : match.slice(1).join('-').toLowerCase()
}

/** Milliseconds since the epoch as ticks; null outside Kusto's years. */
export function ticksOfEpochMs(epochMs: number): bigint | null {
  return Number.isFinite(epochMs) && Math.abs(epochMs) < 8.64e15
    ? (inRange(fromEpochMs(Math.trunc(epochMs))) ?? null)
    : null
}
