import type { Cursor } from './cursor.ts'
import type { Token } from './lexer.ts'
import { readShortSpan } from './lexer.ts'
import { datetimeText, readDatetimeTicks, readTimespan, TICKS_PER_DAY } from './ticks.ts'
import type { Expression } from './syntax.ts'
import { typeNamed } from './types.ts'
import type { KqlType } from './types.ts'
import { integer } from './integer.ts'

type Literal = Extract<Expression, { readonly kind: 'literal' }>

/** The literal that comes next; undefined when what comes next is none. */
export function parseLiteral(cursor: Cursor): Literal | undefined {
  const token = cursor.peek()
  const at = token.start
  const literal = (type: KqlType, value: unknown): Literal => ({ kind: 'literal', type, value, at })
  switch (token.kind) {
    case 'string':
      return literal('string', parseStrings(cursor))
    case 'long':
      cursor.next()
      return literal('long', parseInteger(cursor, token.text, at))
    case 'real':
      cursor.next()
      return literal('real', Number(token.text))
    case 'span':
      cursor.next()
      return literal('timespan', readShortSpan(token.text))
    case 'typed':
      cursor.next()
      return parseTyped(cursor, token)
    case 'name':
      if (!/^(?:true|false|True|False|TRUE|FALSE)$/.test(token.text) || cursor.peek(1).text === '(')
        return undefined
      cursor.next()
      return literal('bool', token.text.toLowerCase() === 'true')
    default:
      return undefined
  }
}

/** Adjacent string literals are one string. */
function parseStrings(cursor: Cursor): string {
  let content = ''
  while (cursor.peek().kind === 'string') content += cursor.next().text
  return content
}

function parseInteger(cursor: Cursor, text: string, at: number): number | bigint {
  const value = BigInt(text)
  if (BigInt.asIntN(64, value) !== value) throw cursor.error('Syntax', `${text} does not fit into a long`, at)
  return integer(value)
}

function parseTyped(cursor: Cursor, token: Token): Literal {
  const at = token.start
  const type = typeNamed(token.type ?? '')
  if (type === undefined) {
    throw cursor.unsupported(String(token.type), at)
  }
  const text = token.text.trim().replace(/^(["'])(.*)\1$/, '$2')
  if (text === 'null') return { kind: 'literal', type, value: null, at }
  const value = readTyped(type, text)
  if (value === undefined) {
    throw cursor.error('Syntax', `${JSON.stringify(text)} is no ${token.type}`, at)
  }
  return { kind: 'literal', type, value, at }
}

const INTEGER = /^[+-]?(?:\d{1,19}|0[xX][0-9a-fA-F]{1,16})$/
const REAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const GUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i

function readTyped(type: KqlType, text: string): unknown {
  switch (type) {
    case 'bool':
      if (/^(?:true|1)$/i.test(text)) return true
      return /^(?:false|0)$/i.test(text) ? false : undefined
    case 'int':
    case 'long': {
      if (!INTEGER.test(text)) return undefined
      const magnitude = BigInt(text.replace(/^[+-]/, ''))
      const value = text.startsWith('-') ? -magnitude : magnitude
      return BigInt.asIntN(type === 'int' ? 32 : 64, value) === value ? integer(value) : undefined
    }
    case 'real':
      if (/^nan$/i.test(text)) return Number.NaN
      if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
      return REAL.test(text) ? Number(text) : undefined
    case 'datetime':
      return readDatetimeTicks(text)
    case 'timespan':
      if (/^-?\d+$/.test(text)) return BigInt(text) * TICKS_PER_DAY
      return readShortSpan(text) ?? readTimespan(text)
    case 'guid':
      return GUID.test(text) ? text.toLowerCase() : undefined
    default:
      return undefined
  }
}

/** `dynamic(…)` with a literal in JSON's notation, or Kusto's, inside. The name is taken. */
export function parseDynamic(cursor: Cursor, at: number): Literal {
  cursor.expect('(')
  const value = parseValue(cursor)
  cursor.expect(')')
  return { kind: 'literal', type: 'dynamic', value, at }
}

function parseValue(cursor: Cursor): unknown {
  return cursor.nested(() => {
    if (cursor.accept('null')) return null
    if (cursor.accept('[')) return parseArray(cursor)
    if (cursor.accept('{')) return parseBag(cursor)
    const negative = cursor.accept('-')
    const literal = parseLiteral(cursor)
    if (literal === undefined) throw cursor.unexpected('a value')
    const { type, value } = literal
    if (negative) return typeof value === 'number' || typeof value === 'bigint' ? -value : value
    if (type === 'datetime' && value !== null) return datetimeText(value as bigint)
    return value
  })
}

function parseArray(cursor: Cursor): readonly unknown[] {
  const items: unknown[] = []
  if (cursor.accept(']')) return items
  do items.push(parseValue(cursor))
  while (cursor.accept(','))
  cursor.expect(']')
  return items
}

function parseBag(cursor: Cursor): Readonly<Record<string, unknown>> {
  const members = new Map<string, unknown>()
  if (cursor.accept('}')) return {}
  do {
    if (cursor.peek().kind !== 'string') throw cursor.unexpected('the name of a member, in quotes')
    const name = cursor.next().text
    cursor.expect(':')
    members.set(name, parseValue(cursor))
  } while (cursor.accept(','))
  cursor.expect('}')
  return Object.fromEntries(members)
}
