import { format, stripVTControlCharacters } from 'node:util'

import { encodeRow } from '@azlogs/core'
import type { LogEntry } from '@azlogs/core'
import { LEVEL, SPLAT } from 'triple-beam'

import { lostArguments } from './arguments.ts'
import { findError } from './info-error.ts'
import type { FoundError } from './info-error.ts'
import { plainEntryOf } from './plain-entry.ts'
import { isError, withReadableErrors } from './readable-errors.ts'
import { timeOf } from './time.ts'

/** A log record of winston, after the formats. It is shared by all transports and never changed. */
export type Info = Readonly<Record<string | symbol, unknown>>

/** Tells a record as a log entry. Reads the record itself and not the text that the formats made of it. */
export function entryOf(info: Info, severityOf: (level: string) => number): LogEntry {
  let plain: LogEntry | undefined
  try {
    plain = plainEntryOf(info, severityOf)
  } catch {
    // A getter that throws: what it throws is told in its place below.
  }
  return plain ?? anyEntryOf(info, severityOf)
}

function anyEntryOf(info: Info, severityOf: (level: string) => number): LogEntry {
  /** Members that have a column of their own; all others are properties. */
  const told = ['level', 'message']
  const textAt = (...names: readonly string[]): string | undefined => {
    for (const name of names) {
      const value = read(info, name)
      if (typeof value !== 'string' || value === '') continue
      told.push(name)
      return value
    }
    return undefined
  }

  const level = levelOf(info)
  const shownMessage = read(info, 'message')
  let message = textOf(shownMessage)
  const timeMs = timeOf(read(info, 'timestamp'))
  if (timeMs !== undefined) told.push('timestamp')
  const logger = textAt('label', 'service')
  const traceId = textAt('trace_id', 'traceId')
  const spanId = textAt('span_id', 'spanId')
  const splat: readonly unknown[] = Array.isArray(info[SPLAT]) ? info[SPLAT] : []
  const stack = stackOf(info)
  const found = findError({
    info,
    message: shownMessage,
    splat,
    error: read(info, 'error'),
    err: read(info, 'err'),
    stack,
    cause: read(info, 'cause'),
  })
  if (found !== undefined) told.push(...toldBy(found, info))
  if (stack === undefined || (found !== undefined && stack === read(found.source, 'stack')))
    told.push('stack')
  if (isOfHandler(info)) {
    told.push(...HOST_FACTS)
    if (typeof stack === 'string' && message.endsWith(`\n${stack}`))
      message = message.slice(0, -stack.length - 1)
  }

  const properties = copyOf(info, told)
  const { details, ...error } = found?.description ?? {}
  if (details !== undefined) properties['error' in properties ? 'err' : 'error'] = details
  const lost = lostArguments(splat, message).filter((argument) => argument !== found?.source)
  if (lost.length > 0) properties['splat'] ??= lost

  return {
    level,
    severity: severityOf(level),
    message,
    logger,
    traceId,
    spanId,
    properties: readable(properties),
    error: found === undefined ? undefined : error,
    ...(timeMs === undefined ? {} : { timeMs }),
  }
}

/** The record's own string keys, but for some. What a getter throws stands in its place. */
export function copyOf(info: Info, without: readonly string[] = []): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(info)) {
    if (without.includes(key)) continue
    // An assignment would change the prototype.
    if (key === '__proto__') Object.defineProperty(copy, key, { value: read(info, key), enumerable: true })
    else copy[key] = read(info, key)
  }
  return copy
}

/** The level's plain name: `info.level` is what formats such as `colorize()` made of it. */
export function levelOf(info: Info): string {
  const name = info[LEVEL]
  return typeof name === 'string' ? name : stripVTControlCharacters(textOf(read(info, 'level')))
}

/** As withReadableErrors, for values whose getters throw too: those the encoder marks. */
export function readable<T>(value: T): T {
  try {
    return withReadableErrors(value)
  } catch {
    return value
  }
}

const HOST_FACTS = ['date', 'process', 'os', 'trace']

/** True for the record that winston's exception and rejection handlers make. */
function isOfHandler(info: Info): boolean {
  return (
    (read(info, 'exception') === true || read(info, 'rejection') === true) &&
    Array.isArray(read(info, 'trace')) &&
    typeof read(info, 'process') === 'object' &&
    typeof read(info, 'os') === 'object'
  )
}

/** The members that the error columns tell: the error itself, and what winston copied from it. */
function toldBy({ source }: FoundError, info: Info): readonly string[] {
  return [
    ...['error', 'err'].filter((name) => read(info, name) === source),
    ...['name', 'cause'].filter((name) => read(info, name) === read(source, name)),
  ]
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === undefined) return ''
  if (isError(value)) return value.message
  if (typeof value === 'object') {
    return encodeRow({ value: readable(value) }).json.slice('{"value":'.length, -1)
  }
  return format('%s', value)
}

/** nest-winston puts the stack into an array of its own, and `undefined` where Nest has told it none. */
function stackOf(info: Info): unknown {
  const stack = read(info, 'stack')
  return Array.isArray(stack) && stack.length === 1 ? (stack[0] as unknown) : stack
}

function read(owner: object, key: string): unknown {
  try {
    return (owner as Readonly<Record<string, unknown>>)[key]
  } catch (error) {
    return `[Throws: ${isError(error) ? error.message : String(error)}]`
  }
}
