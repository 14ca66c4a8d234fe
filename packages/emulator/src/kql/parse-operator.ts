import type { Cursor } from './cursor.ts'
import { parseBracketName, parseExpression } from './parse-expression.ts'
import { parseType } from './parse-type.ts'
import type { Assignment, ColumnPattern, Operator, PatternPart, SortKey } from './syntax.ts'

/** Operators of Kusto that the engine does not run, which is no fault of the query. */
const OTHER_OPERATORS: ReadonlySet<string> = new Set(
  (
    'as assert-schema consume evaluate execute-and-cache facet find fork getschema graph-mark-components graph-match ' +
    'graph-shortest-paths graph-to-table graph-where-edges graph-where-nodes invoke join lookup macro-expand make-graph ' +
    'make-series mv-apply mv-expand parse-kv partition partition-by project-by-names reduce sample sample-distinct scan ' +
    'search serialize top-hitters top-nested union'
  ).split(' '),
)

/** Takes one operator; the `|` before it is gone. */
export function parseOperator(cursor: Cursor): Operator {
  const { text: first, start: at } = cursor.expectName('an operator')
  const kind = parseHyphenated(cursor, first)
  switch (kind) {
    case 'where':
    case 'filter':
      return { kind: 'where', predicate: parseExpression(cursor), at }
    case 'extend':
    case 'project':
      return { kind, assignments: parseAssignments(cursor), at }
    case 'project-away':
    case 'project-keep':
    case 'project-reorder':
      return { kind, columns: parsePatterns(cursor, kind === 'project-reorder'), at }
    case 'project-rename':
      return { kind, renames: parseRenames(cursor), at }
    case 'parse':
    case 'parse-where':
      return parseParse(cursor, kind, at)
    case 'summarize':
      return parseSummarize(cursor, at)
    case 'distinct':
      return { kind, columns: parseAssignments(cursor), at }
    case 'count':
      return { kind, at }
    case 'take':
    case 'limit':
      return { kind: 'take', count: parseExpression(cursor), at }
    case 'sort':
    case 'order':
      return parseSort(cursor, at)
    case 'top': {
      const count = parseExpression(cursor)
      cursor.expect('by')
      return { kind, count, key: parseSortKey(cursor), at }
    }
    case 'render':
      return parseRender(cursor, at)
    default:
      if (OTHER_OPERATORS.has(kind)) throw cursor.unsupported(kind, at)
      throw cursor.error('Syntax', `${JSON.stringify(kind)} is no operator`, at)
  }
}

/** `project-away` is three tokens without a space between them. */
function parseHyphenated(cursor: Cursor, first: string): string {
  let name = first
  for (;;) {
    const hyphen = cursor.peek()
    const part = cursor.peek(1)
    if (hyphen.text !== '-' || hyphen.kind !== 'symbol' || part.kind !== 'name' || part.start !== hyphen.end)
      return name
    cursor.next()
    name += `-${cursor.next().text}`
  }
}

export function parseAssignments(cursor: Cursor): readonly Assignment[] {
  const assignments: Assignment[] = []
  do assignments.push(parseAssignment(cursor))
  while (cursor.accept(','))
  return assignments
}

function parseAssignment(cursor: Cursor): Assignment {
  const token = cursor.peek()
  if (token.kind === 'name' && cursor.peek(1).text === '=' && cursor.peek(1).kind === 'symbol') {
    cursor.next()
    cursor.next()
    return { name: token.text, value: parseExpression(cursor), at: token.start }
  }
  if (token.text === '[' && token.kind === 'symbol' && cursor.peek(3).text === '=') {
    const name = parseBracketName(cursor)
    cursor.expect('=')
    return { name, value: parseExpression(cursor), at: token.start }
  }
  if (token.text === '(' && cursor.peek(1).kind === 'name' && cursor.peek(2).text === ',') {
    throw cursor.unsupported('several columns from one expression', token.start)
  }
  return { value: parseExpression(cursor), at: token.start }
}

/** `Trace*` is cut into a name and a star, with no space between them. */
function parsePatterns(cursor: Cursor, ordered: boolean): readonly ColumnPattern[] {
  const patterns: ColumnPattern[] = []
  do {
    const { start: at } = cursor.peek()
    let text = ''
    if (cursor.peek().text === '[') text = parseBracketName(cursor)
    else {
      for (let end = at; isPatternPiece(cursor) && cursor.peek().start === end;) {
        const token = cursor.next()
        text += token.text
        end = token.end
      }
    }
    if (text === '') throw cursor.unexpected('the name of a column')
    const order = ordered ? parseOrder(cursor) : undefined
    patterns.push({ text, at, ...(order === undefined ? {} : { order }) })
  } while (cursor.accept(','))
  return patterns
}

function isPatternPiece(cursor: Cursor): boolean {
  const { kind, text } = cursor.peek()
  return kind === 'name' || kind === 'long' || (kind === 'symbol' && text === '*')
}

function parseOrder(cursor: Cursor): 'asc' | 'desc' | undefined {
  if (cursor.accept('asc')) return 'asc'
  return cursor.accept('desc') ? 'desc' : undefined
}

function parseRenames(cursor: Cursor): Extract<Operator, { readonly kind: 'project-rename' }>['renames'] {
  const renames = []
  do {
    const { start: at } = cursor.peek()
    const name = parseName(cursor)
    cursor.expect('=')
    renames.push({ name, from: parseName(cursor), at })
  } while (cursor.accept(','))
  return renames
}

function parseName(cursor: Cursor): string {
  return cursor.peek().text === '['
    ? parseBracketName(cursor)
    : cursor.expectName('the name of a column').text
}

function parseSummarize(cursor: Cursor, at: number): Operator {
  const aggregates = cursor.peek().text === 'by' ? [] : parseAssignments(cursor)
  const by = cursor.accept('by') ? parseAssignments(cursor) : []
  return { kind: 'summarize', aggregates, by, at }
}

function parseSort(cursor: Cursor, at: number): Operator {
  cursor.expect('by')
  const keys: SortKey[] = []
  do keys.push(parseSortKey(cursor))
  while (cursor.accept(','))
  return { kind: 'sort', keys, at }
}

/** The default is `desc`; nulls come last when descending, first when ascending (kusto/query/sort-operator). */
function parseSortKey(cursor: Cursor): SortKey {
  const value = parseExpression(cursor)
  const descending = parseOrder(cursor) !== 'asc'
  if (!cursor.accept('nulls')) return { value, descending, nullsFirst: !descending }
  if (cursor.accept('first')) return { value, descending, nullsFirst: true }
  cursor.expect('last')
  return { value, descending, nullsFirst: false }
}

const MODES: readonly string[] = ['simple', 'relaxed', 'regex']

function parseParse(cursor: Cursor, kind: 'parse' | 'parse-where', at: number): Operator {
  let mode = 'simple'
  let flags = ''
  if (cursor.accept('kind')) {
    cursor.expect('=')
    const token = cursor.expectName('simple, relaxed or regex')
    if (!MODES.includes(token.text)) {
      throw cursor.error('Syntax', `kind must be one of ${MODES.join(', ')}, not ${token.text}`, token.start)
    }
    mode = token.text
    if (cursor.accept('flags')) {
      cursor.expect('=')
      flags = cursor.expectName('the flags of the regular expression').text
    }
  }
  const source = parseExpression(cursor)
  cursor.expect('with')
  const pattern: PatternPart[] = []
  for (let part = parsePatternPart(cursor); part !== undefined; part = parsePatternPart(cursor))
    pattern.push(part)
  if (pattern.length === 0) throw cursor.unexpected('a pattern')
  return { kind, mode: mode as 'simple' | 'relaxed' | 'regex', flags, source, pattern, at }
}

function parsePatternPart(cursor: Cursor): PatternPart | undefined {
  const { kind, text, start: at } = cursor.peek()
  if (cursor.accept('*')) return { kind: 'skip', at }
  if (kind === 'string') return { kind: 'text', text: cursor.next().text, at }
  if (kind !== 'name' && text !== '[') return undefined
  const name = parseName(cursor)
  return { kind: 'column', name, type: cursor.accept(':') ? parseType(cursor) : 'string', at }
}

function parseRender(cursor: Cursor, at: number): Operator {
  const { text: chart } = cursor.expectName('a kind of chart')
  const properties: Record<string, string> = {}
  if (!cursor.accept('with')) return { kind: 'render', chart, properties, at }
  cursor.expect('(')
  while (!cursor.accept(')')) {
    const { text: name } = cursor.expectName('a property')
    cursor.expect('=')
    properties[name] = cursor.next().text
    while (cursor.accept(',') && cursor.peek(1).text !== '=') properties[name] += `,${cursor.next().text}`
    if (cursor.peek().kind === 'end') throw cursor.unexpected('«)»')
  }
  return { kind: 'render', chart, properties, at }
}
