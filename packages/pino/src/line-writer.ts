import { createRowWriter, skipString, skipValue, WrittenRow } from '@azlogs/core/worker'

import { readLevel } from './level.ts'
import type { Level } from './level.ts'
import { keysOf } from './record-keys.ts'
import type { RecordKeys } from './record-keys.ts'
import type { PinoConfig } from './record.ts'
import { readTime } from './time.ts'

/**
 * Makes the row of a line, which lies in `text` from `begin` to `end`, of the line's own text: nothing is parsed that is written again
 * as it was. Undefined for a line that this cannot do for; a parser has to read it.
 */
export type WriteLine = (text: string, begin: number, end: number) => WrittenRow | undefined

const OPEN = 0x7b
const CLOSE = 0x7d
const COLON = 0x3a
const COMMA = 0x2c
const QUOTE = 0x22

/** A line with more members is left to a parser. */
const MAX_MEMBERS = 200

/** Levels whose text is remembered: more than any logger has. */
const MAX_LEVELS = 64

interface WrittenLevel extends Level {
  readonly text: string
}

/** The line as it is, once it has been seen to be a JSON object. One that may name our columns is left to a parser: they tell its level. */
export const writePassedThrough: WriteLine = (text, begin, end) => {
  if (text.charCodeAt(begin) !== OPEN || skipValue(text, begin) !== end) return undefined
  const line = text.slice(begin, end)
  return line.includes('"Level"') || line.includes('"SeverityNumber"')
    ? undefined
    : new WrittenRow(line, undefined, 0)
}

/** For rows of the default table. An error, or a name for something that has its name already, is left to a parser. */
export function createLineWriter(config: PinoConfig): WriteLine {
  const toRow = createRowWriter()
  const roleOf = createRoles(keysOf(config))
  const levels = new Map<string, WrittenLevel>()
  /** Where the value of each role lies in the line at hand; 0 where there is none. */
  const starts = new Int32Array(ROLES.length)
  const ends = new Int32Array(ROLES.length)
  const keyStarts = new Int32Array(MAX_MEMBERS)
  const keyEnds = new Int32Array(MAX_MEMBERS)

  function valueOf(text: string, role: number): string | undefined {
    const start = starts[role] ?? 0
    return start === 0 ? undefined : text.slice(start, ends[role])
  }

  function levelOf(text: string): WrittenLevel | undefined {
    const value = valueOf(text, LEVEL)
    if (value === undefined) return undefined
    const known = levels.get(value)
    if (known !== undefined) return known
    const level = readLevel(JSON.parse(value), config.levels)
    if (level === undefined) return undefined
    const written = { ...level, text: JSON.stringify(level.name) }
    if (levels.size < MAX_LEVELS) levels.set(value, written)
    return written
  }

  /** True when the key has been in the line before: the last one counts for a parser, and who knows for whom else. */
  function isRepeated(text: string, start: number, end: number, members: number): boolean {
    for (let member = 0; member < members; member += 1) {
      const other = keyStarts[member] ?? 0
      if ((keyEnds[member] ?? 0) - other === end - start && isSame(text, other, start, end - start))
        return true
    }
    return false
  }

  return (text, begin, end) => {
    if (text.charCodeAt(begin) !== OPEN) return undefined
    starts.fill(0)
    let properties = ''
    /** Where the members begin that lie one after the other and are all properties; 0 outside of such a run. */
    let run = 0
    let at = begin + 1
    for (let members = 0; members < MAX_MEMBERS; members += 1) {
      const keyEnd = skipString(text, at)
      if (keyEnd === -1 || text.charCodeAt(keyEnd) !== COLON) return undefined
      if (isRepeated(text, at, keyEnd, members)) return undefined
      keyStarts[members] = at
      keyEnds[members] = keyEnd
      const valueEnd = skipValue(text, keyEnd + 1)
      if (valueEnd === -1) return undefined
      const role = roleOf(text, at, keyEnd)
      if (role === OTHER) {
        if (run === 0) run = at
      } else {
        if (role === ERROR || starts[role] !== 0) return undefined
        starts[role] = keyEnd + 1
        ends[role] = valueEnd
        if (run !== 0) {
          properties = joined(properties, text.slice(run, at - 1))
          run = 0
        }
      }
      at = valueEnd + 1
      const next = text.charCodeAt(valueEnd)
      if (next === COMMA) continue
      if (next !== CLOSE || at !== end) return undefined
      if (run !== 0) properties = joined(properties, text.slice(run, valueEnd))
      return rowOf(text, properties)
    }
    return undefined
  }

  function rowOf(text: string, properties: string): WrittenRow | undefined {
    for (const role of TEXT_ROLES) {
      const start = starts[role] ?? 0
      if (start === 0) continue
      if (text.charCodeAt(start) !== QUOTE || (role !== MESSAGE && ends[role] === start + 2)) return undefined
    }
    const level = levelOf(text)
    const timeMs = timeOf(valueOf(text, TIME))
    const processId = valueOf(text, PROCESS)
    if (level === undefined || timeMs === undefined) return undefined
    if (processId !== undefined && !/^\d{1,10}$/.test(processId)) return undefined
    return toRow({
      timeMs,
      level: level.name,
      severity: level.severity,
      levelText: level.text,
      message: valueOf(text, MESSAGE),
      logger: valueOf(text, NAME),
      hostName: valueOf(text, HOST),
      processId,
      traceId: valueOf(text, TRACE),
      spanId: valueOf(text, SPAN),
      properties,
    })
  }
}

/** What a member is. Plain numbers: this is asked for every member of every line. */
const OTHER = 0
const ERROR = 1
const LEVEL = 2
const TIME = 3
const MESSAGE = 4
const NAME = 5
const HOST = 6
const PROCESS = 7
const TRACE = 8
const SPAN = 9
const ROLES = [OTHER, ERROR, LEVEL, TIME, MESSAGE, NAME, HOST, PROCESS, TRACE, SPAN] as const

/** Whose values are text, and but for the message not empty. */
const TEXT_ROLES = [MESSAGE, NAME, HOST, TRACE, SPAN] as const

interface NamedRole {
  /** With its quotes. */
  readonly text: string
  readonly role: number
}

/** Tells what the member is whose key, with its quotes, lies in `text` from `start` to `end`. */
function createRoles(keys: RecordKeys): (text: string, start: number, end: number) => number {
  const byLength: NamedRole[][] = []
  const roles = [
    [ERROR, keys.error],
    [LEVEL, keys.level],
    [TIME, keys.time],
    [MESSAGE, keys.message],
    [NAME, keys.name],
    [HOST, keys.host],
    [PROCESS, keys.process],
    [TRACE, keys.trace],
    [SPAN, keys.span],
  ] as const
  for (const [role, names] of roles) {
    for (const name of names) {
      const text = JSON.stringify(name)
      ;(byLength[text.length] ??= []).push({ text, role })
    }
  }
  return (text, start, end) => {
    const candidates = byLength[end - start]
    if (candidates === undefined) return OTHER
    for (const candidate of candidates) if (text.startsWith(candidate.text, start)) return candidate.role
    return OTHER
  }
}

/** The time of a record that has none is now. */
function timeOf(value: string | undefined): number | undefined {
  if (value === undefined) return Date.now()
  return readTime(value.charCodeAt(0) === QUOTE ? JSON.parse(value) : Number(value))
}

function joined(members: string, more: string): string {
  return members === '' ? more : `${members},${more}`
}

function isSame(text: string, one: number, other: number, length: number): boolean {
  for (let index = 0; index < length; index += 1) {
    if (text.charCodeAt(one + index) !== text.charCodeAt(other + index)) return false
  }
  return true
}
