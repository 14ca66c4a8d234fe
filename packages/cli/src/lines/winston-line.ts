import { stripVTControlCharacters } from 'node:util'

import { describeError, SEVERITY } from '@azlogs/core'
import type { LogEntry } from '@azlogs/core'

import type { LineRecord } from './line-format.ts'
import { asObject, asString, membersOf } from './members.ts'
import type { Members } from './members.ts'
import { levelOf } from './severity-names.ts'

/** winston's `verbose` lies between `http` and `debug`. */
const VERBOSE = SEVERITY.debug + 1

/** Reads a line of winston's json format (and of nest-winston, and of NestJS's own logger) as @azlogs/winston does. */
export function readWinstonLine(record: LineRecord): LogEntry {
  const members = membersOf(record)
  const level = levelOf(stripVTControlCharacters(members.take(['level'], asString) ?? ''), VERBOSE)
  const message = textOf(members.take(['message'], (value) => value))
  const timeMs = members.take(['timestamp'], timeOf)
  const logger = members.take(['label', 'service'], asString)
  const traceId = members.take(['trace_id', 'traceId'], asString)
  const spanId = members.take(['span_id', 'spanId'], asString)
  const { error, details } = takeError(record, members)
  const handled = isOfHandler(record)
  if (handled) members.tell(['date', 'process', 'os', 'trace'])
  const properties = members.rest()
  if (details !== undefined) properties['error' in properties ? 'err' : 'error'] = details
  return {
    ...(timeMs === undefined ? {} : { timeMs }),
    level: level.name,
    severity: level.severity,
    message: handled ? message.replace(`\n${String(record['stack'])}`, '') : message,
    logger,
    traceId,
    spanId,
    error,
    properties,
  }
}

function takeError(
  record: LineRecord,
  members: Members,
): { readonly error?: object; readonly details?: Record<string, unknown> | undefined } {
  const logged = members.take(['error', 'err'], errorOf)
  const { stack, cause, name } = record
  if (logged === undefined && !isStack(stack)) return {}
  const source = logged ?? { ...headOf(stack as string), stack, cause }
  members.tell(
    Object.entries({ name, stack, cause })
      .filter(([key, value]) => value !== undefined && value === (source as LineRecord)[key])
      .map(([key]) => key),
  )
  const { details, ...error } = describeError(source)
  return { error, details }
}

/** What a format made of an error: it has a stack trace. */
function errorOf(value: unknown): object | undefined {
  const object = asObject(value)
  return object !== undefined && isStack(object['stack']) ? object : undefined
}

function isStack(value: unknown): value is string {
  return typeof value === 'string' && /\n\s+at /.test(value)
}

/** Type and message from the head of a stack trace: `TypeError [CODE]: message`, up to the first frame. */
function headOf(stack: string): { readonly type?: string; readonly message: string } {
  const head = stack.slice(0, stack.search(/\n\s+at /))
  const { type, message = '' } =
    /^(?<type>[\w$.]+)(?: \[[^\]]*\])?(?:: (?<message>[^]*))?$/.exec(head)?.groups ?? {}
  return type === undefined ? { message: head } : { type, message }
}

/** True for the record that winston's exception and rejection handlers make. */
function isOfHandler(record: LineRecord): boolean {
  return (
    (record['exception'] === true || record['rejection'] === true) &&
    Array.isArray(record['trace']) &&
    asObject(record['process']) !== undefined &&
    asObject(record['os']) !== undefined
  )
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined ? '' : JSON.stringify(value)
}

/** A number of milliseconds, or text that begins with year, month, day and time. */
function timeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value >= 1e11 && value <= 8.64e15 ? value : undefined
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(value)) return undefined
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? undefined : ms
}
