import { KqlError } from './error.ts'
import type { Position } from './error.ts'
import { readQuoted } from './quoted.ts'

export interface Token {
  /**
   * `typed`: `datetime(2026-01-01)` and its like, whose parentheses hold no expression. `span`: `1.5h`. `symbol`: an
   * operator or a bracket.
   */
  readonly kind: 'name' | 'string' | 'long' | 'real' | 'span' | 'typed' | 'symbol' | 'end'
  /** The text; of a string its content, of a typed literal what stands between the parentheses. */
  readonly text: string
  /** Of a typed literal: its name, in lower case. */
  readonly type?: string
  readonly start: number
  readonly end: number
}

/** The type names after which parentheses hold a literal rather than arguments. */
const TYPED_LITERALS: ReadonlySet<string> = new Set(
  'bool boolean int int32 long int64 real double decimal datetime date timespan time guid uuid uniqueid'.split(
    ' ',
  ),
)

const SPACE = /(?:\s|\/\/[^\n]*)+/y
const NAME = /[A-Za-z_$][A-Za-z0-9_$]*/y
const HEX = /0[xX][0-9a-fA-F]+/y
const NUMBER = /\d+(?:(\.(?!\.)\d*)?(?:[eE][+-]?\d+)?)/y
const TYPED = /\s*\(([^()\n]*)\)/y
const SYMBOL = /==|=~|!=|!~|<>|<=|>=|=>|\.\.|[-=<>+*/%()[\]{},.|;:!~]/y

/**
 * Cuts a query into tokens; the last one is of kind `end`. Comments are left out.
 *
 * @throws {KqlError} `Syntax` at a character that starts no token, or in a string without its end.
 */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  const match = (pattern: RegExp, from = at): RegExpExecArray | null => {
    pattern.lastIndex = from
    return pattern.exec(text)
  }
  const add = (kind: Token['kind'], end: number, content = text.slice(at, end), type?: string): void => {
    tokens.push({ kind, text: content, start: at, end, ...(type === undefined ? {} : { type }) })
    at = end
  }

  for (;;) {
    at += match(SPACE)?.[0].length ?? 0
    if (at >= text.length) break
    const quoted = readQuoted(text, at)
    if (quoted !== undefined) {
      if (quoted.end === undefined)
        throw new KqlError('Syntax', 'this string has no end', positionAt(text, at))
      add('string', quoted.end, quoted.content)
      continue
    }
    const name = match(NAME)?.[0]
    if (name !== undefined) {
      const type = name.toLowerCase()
      const typed = TYPED_LITERALS.has(type) ? match(TYPED, at + name.length) : null
      if (typed === null) add('name', at + name.length)
      else add('typed', at + name.length + typed[0].length, typed[1], type)
      continue
    }
    const number = match(HEX)?.[0] ?? match(NUMBER)?.[0]
    if (number !== undefined) {
      addNumber(number)
      continue
    }
    const symbol = match(SYMBOL)?.[0]
    if (symbol === undefined) {
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
      throw new KqlError('Syntax', `${JSON.stringify(character)} is not expected here`, positionAt(text, at))
    }
    add('symbol', at + symbol.length)
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length })
  return tokens

  function addNumber(number: string): void {
    const end = at + number.length
    const unit = match(NAME, end)?.[0]
    if (unit !== undefined && (number.startsWith('0x') || !isTimeUnit(unit))) {
      throw new KqlError(
        'Syntax',
        `${number}${unit} is neither a number nor a timespan`,
        positionAt(text, at),
      )
    }
    if (unit !== undefined) add('span', end + unit.length)
    else add(/^\d+$|^0[xX]/.test(number) ? 'long' : 'real', end)
  }
}

/** Line and column of an offset, from 1. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}

const MICROSECOND = 10n
const SECOND = 10_000_000n

/** Ticks of 100 ns in a unit (learn.microsoft.com/kusto/query/scalar-data-types/timespan). */
const TIME_UNITS: Readonly<Record<string, bigint>> = {
  ...units('d day days', 86_400n * SECOND),
  ...units('h hr hrs hour hours', 3600n * SECOND),
  ...units('m min minute minutes', 60n * SECOND),
  ...units('s sec second seconds', SECOND),
  ...units('ms milli millis millisec millisecond milliseconds', 1000n * MICROSECOND),
  ...units('micro micros microsec microsecond microseconds', MICROSECOND),
  ...units('tick ticks', 1n),
}

function units(names: string, ticks: bigint): Record<string, bigint> {
  return Object.fromEntries(names.split(' ').map((name) => [name, ticks]))
}

function isTimeUnit(name: string): boolean {
  return Object.hasOwn(TIME_UNITS, name)
}

/** Ticks of a timespan such as `1.5h`; undefined when the text is none. */
export function readShortSpan(text: string): bigint | undefined {
  const [, sign, digits, unit = ''] = /^(-)?(\d+(?:\.\d*)?)([a-z]+)$/.exec(text) ?? []
  const ticks = isTimeUnit(unit) ? TIME_UNITS[unit] : undefined
  if (digits === undefined || ticks === undefined) return undefined
  const [whole = '0', fraction = ''] = digits.slice(0, 40).split('.')
  const parts = fraction.slice(0, 12)
  const value =
    BigInt(whole) * ticks + (BigInt(parts === '' ? 0 : parts) * ticks) / 10n ** BigInt(parts.length)
  return sign === undefined ? value : -value
}
