import { SEVERITY } from '@azlogs/core'
import type { LogEntry } from '@azlogs/core'

import type { LineRecord } from './line-format.ts'
import { asObject, asString, membersOf } from './members.ts'
import { levelOf } from './severity-names.ts'

/** Reads a line of pino (and of Fastify, pino-http, nestjs-pino) as @azlogs/pino does. */
export function readPinoLine(record: LineRecord): LogEntry {
  const members = membersOf(record)
  const level = members.take(['level', 'severity', 'log.level'], (value) =>
    typeof value === 'number' || asString(value) !== undefined ? levelOf(value, SEVERITY.debug) : undefined,
  )
  const timeMs = members.take(['time', 'timestamp', '@timestamp'], timeOf)
  const message = members.take(['msg', 'message'], textOf)
  return {
    ...(timeMs === undefined ? {} : { timeMs }),
    level: level?.name ?? 'info',
    severity: level?.severity ?? SEVERITY.info,
    message: message ?? '',
    logger: members.take(['name'], asString),
    hostName: members.take(['hostname'], asString),
    processId: members.take(['pid'], (value) => (Number.isInteger(value) ? (value as number) : undefined)),
    error: members.take(['err', 'error'], errorOf),
    traceId: members.take(['trace_id', 'traceId'], asString),
    spanId: members.take(['span_id', 'spanId'], asString),
    properties: members.rest(),
  }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** An error as a serializer left it, or one logged as text. */
function errorOf(value: unknown): unknown {
  const object = asObject(value)
  if (object === undefined) return asString(value)
  return typeof object['message'] === 'string' || typeof object['stack'] === 'string' ? object : undefined
}

/** Milliseconds since 1970 of seconds, milliseconds, microseconds, nanoseconds, or a date as text. */
function timeOf(value: unknown): number | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return fromNumber(Number(value))
  if (typeof value !== 'string' || value === '') return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return fromNumber(Number(value))
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? undefined : ms
}

// Each unit's numbers for the years 1973 to 5138 are smaller than the next unit's.
function fromNumber(value: number): number | undefined {
  if (!Number.isFinite(value) || value <= 0) return undefined
  if (value < 1e11) return value * 1000
  if (value < 1e14) return value
  return value < 1e17 ? value / 1000 : value / 1_000_000
}
