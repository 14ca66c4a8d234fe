import { groupConditions } from './filter.ts'
import type { Filter } from './filter.ts'
import type { Field } from './field.ts'
import { isSearched } from './search-text.ts'
import type { TableShape } from './table-shape.ts'

/** The filter as a query that gives the same rows in Log Analytics. */
export function kqlOf(filter: Filter, shape: TableShape): string {
  const { range, levels, conditions } = filter
  const text = filter.text.trim()
  const lines = [shape.table.name]
  if (range !== undefined) {
    lines.push(
      `where TimeGenerated >= datetime(${new Date(range.fromMs).toISOString()}) and TimeGenerated < datetime(${new Date(range.toMs).toISOString()})`,
    )
  }
  if (levels.length > 0 && shape.level !== undefined) {
    lines.push(`where ${identifier(shape.level.column)} in (${levels.map(stringLiteral).join(', ')})`)
  }
  for (const { field, included, excluded } of groupConditions(conditions)) {
    const wanted = [...included].map((value) => comparison(field, value, false))
    if (wanted.length > 0) lines.push(`where ${wanted.join(' or ')}`)
    for (const value of excluded) lines.push(`where ${comparison(field, value, true)}`)
  }
  if (text !== '') {
    const literal = stringLiteral(text)
    const places = shape.fields.filter(isSearched).map((field) => `${asString(field)} contains ${literal}`)
    lines.push(`where ${places.join('\n    or ')}`)
  }
  lines.push('order by TimeGenerated asc')
  return lines.join('\n| ')
}

/** A string literal of KQL, on one line whatever it holds. */
export function stringLiteral(text: string): string {
  return `"${text.replace(ESCAPED, escape)}"`
}

// Quotes, backslashes, control and format characters, line and paragraph separators, lone surrogates.
const ESCAPED = /["\\]|[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escape(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`
  return SHORT_ESCAPES[character] ?? utf16Escape(character)
}

function utf16Escape(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('')
}

function comparison(field: Field, text: string | undefined, exclude: boolean): string {
  const operator = exclude ? '!=' : '=='
  if (text === undefined) {
    const empty = field.type === 'string' || field.path.length > 0 ? 'empty' : 'null'
    return `is${exclude ? 'not' : ''}${empty}(${field.path.length > 0 ? asString(field) : reference(field)})`
  }
  if (field.path.length === 0) {
    switch (field.type) {
      case 'int':
      case 'long':
      case 'real':
      case 'boolean':
        return `${reference(field)} ${operator} ${text}`
      case 'datetime':
        return `${reference(field)} ${operator} datetime(${text})`
      default:
        break
    }
  }
  return `${asString(field)} ${operator} ${stringLiteral(text)}`
}

function asString(field: Field): string {
  const plain = field.type === 'string' && field.path.length === 0
  return plain ? reference(field) : `tostring(${reference(field)})`
}

function reference({ column, path }: Field): string {
  return (
    identifier(column) +
    path
      .map((step) =>
        typeof step === 'number' ? `[${step}]` : isPlainName(step) ? `.${step}` : `[${stringLiteral(step)}]`,
      )
      .join('')
  )
}

/** A name as KQL takes it. */
export function identifier(name: string): string {
  return isPlainName(name) ? name : `[${stringLiteral(name)}]`
}

/** Words that mean something at the start of an expression or between two. */
const RESERVED = new Set(
  'and or not in has contains between by on of to asc desc nulls true false null where extend project summarize order sort take limit top join union let print count distinct render search find parse as kind with datatable datetime dynamic timespan time date bool boolean int long real decimal double string guid typeof pattern declare set alias restrict access range materialize consume evaluate fork facet getschema invoke lookup make_series mv_apply mv_expand partition reduce sample scan serialize'.split(
    ' ',
  ),
)

function isPlainName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !RESERVED.has(name.toLowerCase())
}
