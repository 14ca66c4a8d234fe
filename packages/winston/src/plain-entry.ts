import type { LogEntry } from '@azlogs/core'
import { LEVEL, SPLAT } from 'triple-beam'

import type { Info } from './entry.ts'
import { isError, withReadableErrors } from './readable-errors.ts'

/** Members that mean more than a property does. */
const SPECIAL: ReadonlySet<string> = new Set([
  'timestamp',
  'label',
  'service',
  'trace_id',
  'traceId',
  'span_id',
  'spanId',
  'error',
  'err',
  'stack',
  'cause',
  'exception',
  'rejection',
  'splat',
  '__proto__',
])

/**
 * The entry of a record that is nothing but a message and its fields, as most are, in one pass over its members. Undefined for
 * any other. Throws what a getter throws.
 */
export function plainEntryOf(info: Info, severityOf: (level: string) => number): LogEntry | undefined {
  const level = info[LEVEL]
  const message = info['message']
  if (typeof level !== 'string' || typeof message !== 'string' || isError(info)) return undefined
  if (!isMergedOnly(info[SPLAT], message)) return undefined
  const properties: Record<string, unknown> = {}
  for (const key of Object.keys(info)) {
    if (key === 'level' || key === 'message') continue
    if (SPECIAL.has(key)) return undefined
    const value = info[key]
    properties[key] = typeof value === 'object' ? withReadableErrors(value) : value
  }
  return { level, severity: severityOf(level), message, properties }
}

/** True when winston has merged all arguments after the message into the record: it does that with one object. */
function isMergedOnly(splat: unknown, message: string): boolean {
  if (!Array.isArray(splat) || splat.length === 0) return true
  const [only]: readonly unknown[] = splat
  return splat.length === 1 && typeof only === 'object' && !isError(only) && !message.includes('%')
}
