import type { Cursor } from './cursor.ts'
import { parseDynamic, parseLiteral } from './parse-literal.ts'
import type { Expression } from './syntax.ts'
import { typeNamed } from './types.ts'

/**
 * Binding powers, loosest first (learn.microsoft.com/kusto/query/syntax-conventions; the official parser agrees). The
 * comparisons do not associate: `a < b < c` is an error.
 */
const OR = 1
const AND = 2
const COMPARISON = 3
const SUM = 4
const PRODUCT = 5

const BINARY: Readonly<Record<string, number>> = {
  or: OR,
  and: AND,
  ...powers(COMPARISON, '== != <> =~ !~ < <= > >= contains contains_cs startswith startswith_cs'),
  ...powers(COMPARISON, 'endswith endswith_cs has has_cs hasprefix hasprefix_cs hassuffix hassuffix_cs'),
  ...powers(SUM, '+ -'),
  ...powers(PRODUCT, '* / %'),
}
const LISTS: ReadonlySet<string> = new Set(['in', 'in~', 'has_any', 'has_all', 'between'])
const NEGATABLE = /^(?:(?:contains|startswith|endswith|has|hasprefix|hassuffix)(?:_cs)?|in|between)$/

function powers(power: number, operators: string): Record<string, number> {
  return Object.fromEntries(operators.split(' ').map((operator) => [operator, power]))
}

/** An operator and how many tokens it takes. */
interface Infix {
  readonly operator: string
  readonly power: number
  readonly tokens: number
}

/** `!in~` and `matches regex` are several tokens. */
function peekInfix(cursor: Cursor): Infix | undefined {
  const token = cursor.peek()
  const following = cursor.peek(1)
  if (token.kind !== 'symbol' && token.kind !== 'name') return undefined
  if (token.text === 'matches' && following.text === 'regex') {
    return { operator: 'matches regex', power: COMPARISON, tokens: 2 }
  }
  const negated = token.text === '!' && following.start === token.end && NEGATABLE.test(following.text)
  const word = negated ? following : token
  const tilde = cursor.peek(negated ? 2 : 1)
  const insensitive = word.text === 'in' && tilde.kind === 'symbol' && tilde.text === '~'
  const operator = `${negated ? '!' : ''}${word.text}${insensitive ? '~' : ''}`
  const tokens = 1 + (negated ? 1 : 0) + (insensitive ? 1 : 0)
  const positive = negated ? operator.slice(1) : operator
  if (LISTS.has(positive)) return { operator, power: COMPARISON, tokens }
  const power = Object.hasOwn(BINARY, positive) ? BINARY[positive] : undefined
  return power === undefined ? undefined : { operator, power, tokens }
}

/** @throws {KqlError} `Syntax`, or `LimitExceeded` when it nests too deep. */
export function parseExpression(cursor: Cursor, power = 0): Expression {
  return cursor.nested(() => {
    let left = parseUnary(cursor)
    let terms = 0
    let compared = false
    for (;;) {
      const infix = peekInfix(cursor)
      if (infix === undefined || infix.power <= power) return left
      if (infix.power === COMPARISON && compared) return left
      compared = infix.power === COMPARISON
      const { start } = cursor.peek()
      cursor.checkDepth((terms += 1), start)
      for (let taken = 0; taken < infix.tokens; taken += 1) cursor.next()
      const { operator } = infix
      left = LISTS.has(operator.replace('!', ''))
        ? { kind: 'list', operator, left, items: parseList(cursor, operator.endsWith('between')), at: start }
        : { kind: 'binary', operator, left, right: parseExpression(cursor, infix.power), at: start }
    }
  })
}

function parseList(cursor: Cursor, isRange: boolean): readonly Expression[] {
  cursor.expect('(')
  const items: Expression[] = [parseExpression(cursor)]
  if (isRange) {
    cursor.expect('..')
    items.push(parseExpression(cursor))
  } else {
    while (cursor.accept(',')) items.push(parseExpression(cursor))
  }
  cursor.expect(')')
  return items
}

function parseUnary(cursor: Cursor): Expression {
  const token = cursor.peek()
  if (cursor.accept('-'))
    return { kind: 'minus', operand: cursor.nested(() => parseUnary(cursor)), at: token.start }
  if (cursor.accept('+')) return cursor.nested(() => parseUnary(cursor))
  return parsePostfix(cursor, parsePrimary(cursor))
}

function parsePostfix(cursor: Cursor, primary: Expression): Expression {
  let target = primary
  for (let links = 1; ; links += 1) {
    const token = cursor.peek()
    cursor.checkDepth(links, token.start)
    if (cursor.accept('.')) {
      const quoted = cursor.peek().text === '[' ? parseBracketName(cursor) : undefined
      const name = quoted ?? cursor.expectName('the name of a member').text
      target = { kind: 'member', target, name, at: token.start }
    } else if (token.text === '[' && token.kind === 'symbol') {
      cursor.next()
      target = { kind: 'index', target, index: parseExpression(cursor), at: token.start }
      cursor.expect(']')
    } else {
      return target
    }
  }
}

/** `['time-stamp']`: a name that is no identifier. */
export function parseBracketName(cursor: Cursor): string {
  cursor.expect('[')
  if (cursor.peek().kind !== 'string') throw cursor.unexpected('a name in quotes')
  const name = cursor.next().text
  cursor.expect(']')
  return name
}

function parsePrimary(cursor: Cursor): Expression {
  const token = cursor.peek()
  const at = token.start
  const literal = parseLiteral(cursor)
  if (literal !== undefined) return literal
  if (cursor.accept('(')) {
    const inner = parseExpression(cursor)
    cursor.expect(')')
    return inner
  }
  if (cursor.accept('*')) return { kind: 'star', at }
  if (token.kind === 'symbol' && token.text === '[')
    return { kind: 'name', name: parseBracketName(cursor), at }
  if (token.kind !== 'name') throw cursor.unexpected('an expression')
  cursor.next()
  if (cursor.peek().text !== '(' || cursor.peek().kind !== 'symbol')
    return { kind: 'name', name: token.text, at }
  if (TABULAR_CALLS.has(token.text)) throw cursor.unsupported(`${token.text}()`, at)
  if (token.text === 'dynamic') return parseDynamic(cursor, at)
  if (token.text === 'typeof') return parseTypeof(cursor, at)
  return { kind: 'call', name: token.text, arguments: parseArguments(cursor), at }
}

/** Functions whose argument is a table. */
const TABULAR_CALLS: ReadonlySet<string> = new Set(['toscalar', 'totable', 'materialize', 'view'])

function parseArguments(cursor: Cursor): readonly Expression[] {
  cursor.expect('(')
  const items: Expression[] = []
  if (cursor.accept(')')) return items
  do items.push(parseExpression(cursor))
  while (cursor.accept(','))
  cursor.expect(')')
  return items
}

function parseTypeof(cursor: Cursor, at: number): Expression {
  cursor.expect('(')
  const token = cursor.expectName('a type')
  const type = typeNamed(token.text)
  if (type === undefined) throw cursor.unsupported(`typeof(${token.text})`, at)
  cursor.expect(')')
  return { kind: 'typeof', type, at }
}
