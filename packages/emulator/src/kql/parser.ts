import { createCursor } from './cursor.ts'
import type { Cursor, Mode } from './cursor.ts'
import type { KqlError, KqlErrorCode } from './error.ts'
import { parseExpression } from './parse-expression.ts'
import { parseAssignments, parseOperator } from './parse-operator.ts'
import { parseType } from './parse-type.ts'
import type { Let, Parameter, Pipeline, Query, TableSource } from './syntax.ts'
import type { KqlType } from './types.ts'

export interface Parsed {
  readonly query: Query
  readonly error: (code: KqlErrorCode, message: string, at: number) => KqlError
}

/**
 * Reads one query: `let` statements and a tabular expression.
 *
 * @throws {KqlError} `Syntax`; `UnsupportedLocally` for a statement or an operator that the engine does not know.
 */
export function parseQuery(text: string, mode: Mode): Parsed {
  const cursor = createCursor(text, mode)
  const lets: Let[] = []
  const functions = new Set<string>()
  let pipeline: Pipeline | undefined
  while (cursor.peek().kind !== 'end') {
    const { text: word, start } = cursor.peek()
    if (pipeline !== undefined) {
      throw cursor.unsupported('a second query in one text', start)
    }
    if (STATEMENTS.has(word)) {
      throw cursor.unsupported(`the statement ${word}`, start)
    }
    if (word === 'let' && cursor.peek(1).kind === 'name') lets.push(parseLet(cursor, functions))
    else pipeline = parsePipeline(cursor)
    if (cursor.peek().kind !== 'end') cursor.expect(';')
  }
  if (pipeline === undefined) throw cursor.unexpected('a tabular expression, such as the name of a table')
  return { query: { lets, pipeline }, error: cursor.error }
}

const STATEMENTS: ReadonlySet<string> = new Set(['set', 'declare', 'alias', 'restrict', 'pattern'])

function parseLet(cursor: Cursor, tabular: Set<string>): Let {
  const at = cursor.next().start
  const name = cursor.expectName('a name').text
  cursor.expect('=')
  if (isFunction(cursor)) return { name, at, value: parseFunction(cursor) }
  const next = cursor.peek()
  const isTabular =
    next.text === 'datatable' ||
    next.text === 'print' ||
    tabular.has(next.text) ||
    (next.kind === 'name' && cursor.peek(1).text === '|')
  if (!isTabular) return { name, at, value: { kind: 'scalar', expression: parseExpression(cursor) } }
  tabular.add(name)
  return { name, at, value: { kind: 'tabular', pipeline: parsePipeline(cursor) } }
}

/** `(a: string) {` and not `(1 + 2)`. */
function isFunction(cursor: Cursor): boolean {
  if (cursor.peek().text !== '(') return false
  const first = cursor.peek(1)
  const second = cursor.peek(2)
  return first.text === ')' ? second.text === '{' : first.kind === 'name' && second.text === ':'
}

function parseFunction(cursor: Cursor): Extract<Let['value'], { readonly kind: 'function' }> {
  cursor.expect('(')
  const parameters: Parameter[] = []
  while (!cursor.accept(')')) {
    if (parameters.length > 0) cursor.expect(',')
    const { text: name } = cursor.expectName('the name of a parameter')
    cursor.expect(':')
    const type = parseType(cursor)
    const fallback = cursor.accept('=') ? { fallback: parseExpression(cursor) } : {}
    parameters.push({ name, type, ...fallback })
  }
  cursor.expect('{')
  const body = parseExpression(cursor)
  cursor.accept(';')
  cursor.expect('}')
  return { kind: 'function', parameters, body }
}

function parsePipeline(cursor: Cursor): Pipeline {
  const at = cursor.peek().start
  const source = parseSource(cursor)
  const operators = []
  while (cursor.accept('|')) operators.push(parseOperator(cursor))
  if (cursor.peek().kind !== 'end' && cursor.peek().text !== ';')
    throw cursor.unexpected('«|», «;» or the end')
  return { source, operators, at }
}

/** Sources that are fine in Azure. */
const OTHER_SOURCES =
  /^(?:union|search|find|range|externaldata|external_table|evaluate|workspace|app|cluster|database|table)$/

function parseSource(cursor: Cursor): TableSource {
  const token = cursor.peek()
  const at = token.start
  if (token.text === '(') {
    throw cursor.unsupported('a tabular expression in parentheses', at)
  }
  const name = cursor.expectName('the name of a table, «print» or «datatable»').text
  if (name === 'print') return { kind: 'print', assignments: parseAssignments(cursor), at }
  if (name === 'datatable') return parseDatatable(cursor, at)
  const following = cursor.peek()
  if (OTHER_SOURCES.test(name) && following.text !== '|' && following.kind !== 'end') {
    throw cursor.unsupported(name, at)
  }
  return { kind: 'table', name, at }
}

function parseDatatable(cursor: Cursor, at: number): TableSource {
  cursor.expect('(')
  const columns: { readonly name: string; readonly type: KqlType }[] = []
  do {
    const { text: name } = cursor.expectName('the name of a column')
    cursor.expect(':')
    columns.push({ name, type: parseType(cursor) })
  } while (cursor.accept(','))
  cursor.expect(')')
  cursor.expect('[')
  const values = []
  while (!cursor.accept(']')) {
    if (values.length > 0) cursor.expect(',')
    if (values.length > 0 && cursor.accept(']')) break
    values.push(parseExpression(cursor))
  }
  if (values.length % columns.length !== 0) {
    throw cursor.error('Syntax', `the number of values must be a multiple of ${columns.length}`, at)
  }
  return { kind: 'datatable', columns, values, at }
}
