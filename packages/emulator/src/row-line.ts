import { styleText } from 'node:util'

import type { Row } from './store.ts'

/** Colours a text, or leaves it as it is. */
export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string

/** With colours where the stream shows them: a terminal, unless NO_COLOR or FORCE_COLOR say otherwise. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(style, text, { stream })
}

/** Columns with a place of their own in the line, by the names that tables use for them, in lower case. */
const PLACES = {
  time: ['timegenerated'],
  level: ['level', 'loglevel', 'severitytext', 'severitylevel', 'severity'],
  logger: ['logger', 'loggername', 'category'],
  message: ['message', 'msg', 'body', 'rawdata'],
  errorType: ['errortype'],
  errorMessage: ['errormessage'],
  stack: ['errorstack', 'stack'],
} as const

/** Said already by another column, or the same in every row of a process. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'eventtime',
  'hostname',
  'processid',
  'recordid',
  'severitynumber',
  'tenantid',
  'type',
])

const LEVEL_WIDTH = 5
const MAX_VALUE_LENGTH = 300

/**
 * A row on one line: time of day, level, logger, message, and `key=value` for what else it holds. An error's stack
 * follows on lines of its own. Text that could command the terminal is escaped.
 *
 * @param label set before the logger: the table, where there are several.
 */
export function rowLine(row: Row, paint: Paint, label = ''): string {
  const { places, rest } = sort(row)
  const level = oneLine(textOf(places.level))
  const stack = textOf(places.stack).trimEnd()
  const parts = [
    paint('dim', timeOfDay(textOf(places.time))),
    paint(levelStyle(level), level.toUpperCase().padEnd(LEVEL_WIDTH)),
    ...(label === '' ? [] : [paint('dim', label)]),
    ...(places.logger === undefined ? [] : [paint('magenta', `${oneLine(textOf(places.logger))}:`)]),
    ...(places.message === undefined ? [] : [oneLine(textOf(places.message))]),
    ...(stack === ''
      ? pairsOf({ ErrorType: places.errorType, ErrorMessage: places.errorMessage }, paint)
      : []),
    ...pairsOf(rest, paint),
  ]
  const head = parts.join(' ').trimEnd()
  return stack === '' ? `${head}\n` : `${head}\n${paint('dim', indent(stack))}\n`
}

type Place = keyof typeof PLACES

function sort(row: Row): {
  readonly places: Readonly<Partial<Record<Place, unknown>>>
  readonly rest: Readonly<Record<string, unknown>>
} {
  const places: Partial<Record<Place, unknown>> = {}
  const rest: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(row)) {
    if (value === null || value === '') continue
    const folded = name.toLowerCase()
    const place = PLACE_OF.get(folded)
    if (place !== undefined && places[place] === undefined) places[place] = value
    else if (folded === 'properties' && isObject(value)) Object.assign(rest, value)
    else if (!LEFT_OUT.has(folded)) rest[name] = value
  }
  return { places, rest }
}

const PLACE_OF: ReadonlyMap<string, Place> = new Map(
  Object.entries(PLACES).flatMap(([place, names]) => names.map((name) => [name, place as Place])),
)

function pairsOf(values: Readonly<Record<string, unknown>>, paint: Paint): readonly string[] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${paint('cyan', `${oneLine(name)}=`)}${valueText(value)}`)
}

/** Text with spaces or quotes in it is quoted, so that it can be told where it ends. */
function valueText(value: unknown): string {
  const text = textOf(value)
  const cut = text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text
  return typeof value === 'string' && !/^[^\s"'=]+$/.test(value) ? oneLine(JSON.stringify(cut)) : oneLine(cut)
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') return String(value)
  return JSON.stringify(value)
}

/** Local, as on the clock on the wall. */
function timeOfDay(time: string): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return oneLine(time)
  const two = (part: number): string => String(part).padStart(2, '0')
  const milliseconds = String(date.getMilliseconds()).padStart(3, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${milliseconds}`
}

function levelStyle(level: string): Parameters<typeof styleText>[0] {
  if (/^(?:fatal|crit|alert|emerg|panic)/i.test(level)) return ['bold', 'red']
  if (/^err/i.test(level)) return 'red'
  if (/^warn/i.test(level)) return 'yellow'
  if (/^(?:info|notice)/i.test(level)) return 'green'
  return 'blue'
}

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/g

/** A log may hold what somebody else wrote: no escape sequence reaches the terminal. */
export function oneLine(text: string): string {
  return text.replaceAll(CONTROL, (character) => ESCAPES.get(character) ?? unicodeEscape(character))
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', String.raw`\n`],
  ['\r', String.raw`\r`],
  ['\t', String.raw`\t`],
])

function unicodeEscape(character: string): string {
  return String.raw`\u` + (character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')
}

function indent(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => `    ${oneLine(line.trimEnd())}`)
    .join('\n')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
