import type { ColumnSymbol, Environment, Scope } from './bound.ts'
import { bindExpression } from './expression.ts'
import { absentValues, compilePattern } from './parse-pattern.ts'
import type { ParsePattern } from './parse-pattern.ts'
import { converted } from './coerce.ts'
import { bindSort } from './sort.ts'
import { bindSummarize } from './summarize.ts'
import { bindAssignments, collecting, withStep } from './state.ts'
import type { NamedBound, TableState } from './state.ts'
import type { Assignment, ColumnPattern, Expression, Operator } from './syntax.ts'
import { isNumber } from './types.ts'
import type { KqlType } from './types.ts'

/**
 * "Only operators that take a single row as input and return no more than one row are supported"
 * (azure-monitor-docs, data-collection-transformations-kql.md).
 */
const OF_MANY_ROWS: ReadonlySet<string> = new Set([
  'summarize',
  'distinct',
  'count',
  'take',
  'sort',
  'top',
  'render',
])

/** Adds an operator. @throws {KqlError} when it does not fit its input. */
export function bindOperator(syntax: Operator, state: TableState, scope: Scope): TableState {
  const inner: Scope = { ...scope, columns: state.columns }
  const { environment } = scope
  const { at } = syntax
  if (environment.mode === 'transform' && OF_MANY_ROWS.has(syntax.kind)) {
    const message = `${syntax.kind}: not supported locally in a transformation (Azure refuses it too)`
    throw environment.error('UnsupportedInTransform', message, at)
  }
  switch (syntax.kind) {
    case 'where': {
      const predicate = bindExpression(syntax.predicate, inner)
      if (predicate.type !== 'bool') {
        throw environment.error('Semantic', `where takes a bool, not a ${predicate.type}`, predicate.at)
      }
      const { evaluate } = predicate
      return withStep(state, scope, at, () => (row) => (evaluate(row) === true ? row : undefined))
    }
    case 'extend':
      return extend(state, bindAssignments(syntax.assignments, inner), scope, at)
    case 'project':
      return project(state, bindAssignments(syntax.assignments, inner), scope, at)
    case 'project-away':
    case 'project-keep': {
      const named = new Set(syntax.columns.flatMap((pattern) => matching(pattern, state, environment)))
      const kept = syntax.kind === 'project-keep'
      return { ...state, columns: state.columns.filter((column) => named.has(column) === kept) }
    }
    case 'project-reorder': {
      const front = new Set(syntax.columns.flatMap((pattern) => matching(pattern, state, environment)))
      return { ...state, columns: [...front, ...state.columns.filter((column) => !front.has(column))] }
    }
    case 'project-rename':
      return rename(syntax.renames, state, environment)
    case 'parse':
    case 'parse-where':
      return parse(syntax, state, inner)
    case 'count':
      return {
        columns: [{ name: 'Count', type: 'long', slot: 0 }],
        width: 1,
        segments: collecting(state, scope, at, () => {
          let rows = 0
          return { add: () => void (rows += 1), finish: () => [[rows]] }
        }),
      }
    case 'take': {
      const most = constantCount(syntax.count, inner)
      return withStep(state, scope, at, () => {
        let taken = 0
        return (row) => ((taken += 1) > most ? 'stop' : row)
      })
    }
    case 'sort':
      return { ...state, segments: collecting(state, scope, at, bindSort(syntax.keys, undefined, inner)) }
    case 'top': {
      const most = constantCount(syntax.count, inner)
      return { ...state, segments: collecting(state, scope, at, bindSort([syntax.key], most, inner)) }
    }
    case 'distinct': {
      const by = syntax.columns.some(({ value }) => value.kind === 'star')
        ? state.columns.map(({ name }): Assignment => ({ value: { kind: 'name', name, at }, at }))
        : syntax.columns
      return bindSummarize({ kind: 'summarize', aggregates: [], by, at }, state, inner)
    }
    case 'summarize':
      return bindSummarize(syntax, state, inner)
    default:
      return { ...state, render: syntax }
  }
}

/** The most columns that a table may have (azure-monitor-docs, limits of custom logs), and a query likewise. */
const MAX_COLUMNS = 500

/** New columns in the places after the row's; one of a name that is there already takes that column's place. */
function placed(
  state: TableState,
  added: readonly { readonly name: string; readonly type: KqlType }[],
): readonly ColumnSymbol[] {
  const columns = [...state.columns]
  for (const [index, { name, type }] of added.entries()) {
    const column: ColumnSymbol = { name, type, slot: state.width + index }
    const present = columns.findIndex((candidate) => candidate.name === name)
    if (present < 0) columns.push(column)
    else columns[present] = column
  }
  return columns
}

/** All expressions see the row as it was before. */
function extend(state: TableState, added: readonly NamedBound[], scope: Scope, at: number): TableState {
  const columns = placed(
    state,
    added.map(({ name, bound }) => ({ name, type: bound.type })),
  )
  if (columns.length > MAX_COLUMNS || state.width + added.length > 4 * MAX_COLUMNS) {
    throw scope.environment.error('LimitExceeded', `more than ${MAX_COLUMNS} columns`, at)
  }
  const evaluators = added.map(({ bound }) => bound.evaluate)
  return withStep({ ...state, columns, width: state.width + added.length }, scope, at, () => (row) => [
    ...row,
    ...evaluators.map((evaluate) => evaluate(row)),
  ])
}

function project(state: TableState, chosen: readonly NamedBound[], scope: Scope, at: number): TableState {
  if (chosen.length > MAX_COLUMNS) {
    throw scope.environment.error('LimitExceeded', `more than ${MAX_COLUMNS} columns`, at)
  }
  const evaluators = chosen.map(({ bound }) => bound.evaluate)
  const columns = chosen.map(({ name, bound }, slot): ColumnSymbol => ({ name, type: bound.type, slot }))
  return withStep(
    { ...state, columns, width: columns.length },
    scope,
    at,
    () => (row) => evaluators.map((evaluate) => evaluate(row)),
  )
}

/** The columns that a name or a pattern with `*` means. */
function matching(
  { text, at, order }: ColumnPattern,
  { columns }: TableState,
  environment: Environment,
): readonly ColumnSymbol[] {
  const pieces = text.split('*')
  const found = text.includes('*')
    ? columns.filter(({ name }) => matchesPieces(name, pieces))
    : columns.filter(({ name }) => name === text)
  if (found.length === 0) {
    throw environment.error('Semantic', `there is no column ${JSON.stringify(text)}`, at)
  }
  if (order === undefined) return found
  const sign = order === 'asc' ? 1 : -1
  return found.toSorted(
    (left, right) => sign * left.name.toLowerCase().localeCompare(right.name.toLowerCase(), 'en'),
  )
}

/** A name that begins with the first piece, ends with the last, and holds the others in between in their order. */
function matchesPieces(name: string, pieces: readonly string[]): boolean {
  const [first = '', ...rest] = pieces
  const last = rest.pop() ?? ''
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
    return false
  let at = first.length
  for (const piece of rest) {
    const found = name.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return at <= name.length - last.length
}

function rename(
  renames: Extract<Operator, { readonly kind: 'project-rename' }>['renames'],
  state: TableState,
  environment: Environment,
): TableState {
  const columns = [...state.columns]
  for (const { name, from, at } of renames) {
    const index = state.columns.findIndex((column) => column.name === from)
    const column = columns[index]
    if (column === undefined)
      throw environment.error('Semantic', `there is no column ${JSON.stringify(from)}`, at)
    if (state.columns.some((other) => other.name === name && other.name !== from)) {
      throw environment.error('Semantic', `there is a column ${JSON.stringify(name)} already`, at)
    }
    columns[index] = { ...column, name }
  }
  const names = columns.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    throw environment.error(
      'Semantic',
      `there are two columns named ${JSON.stringify(twice)}`,
      renames[0]?.at ?? 0,
    )
  }
  return { ...state, columns }
}

/** "The parse command in a transformation is limited to 10 columns per statement" (the page of `azure.ts`). */
const MAX_PARSED_IN_TRANSFORM = 10

function parse(
  syntax: Extract<Operator, { readonly kind: 'parse' | 'parse-where' }>,
  state: TableState,
  scope: Scope,
): TableState {
  const { environment } = scope
  const source = converted(bindExpression(syntax.source, scope), 'string').evaluate
  const pattern = patternOf(syntax, environment)
  if (environment.mode === 'transform' && pattern.columns.length > MAX_PARSED_IN_TRANSFORM) {
    const message = `parse gives ${pattern.columns.length} columns: Azure takes ${MAX_PARSED_IN_TRANSFORM} in one parse of a transformation`
    throw environment.error('UnsupportedInTransform', message, syntax.at)
  }
  const names = pattern.columns.map(({ name }) => name)
  const twice = pattern.columns.find(({ name }, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw environment.error('Semantic', `there are two columns named ${twice.name}`, twice.at)
  const nothing = absentValues(pattern.columns)
  const columns = placed(state, pattern.columns)
  const filters = syntax.kind === 'parse-where'
  return withStep({ ...state, columns, width: state.width + names.length }, scope, syntax.at, () => (row) => {
    const values = pattern.match(source(row) as string)
    if (values === undefined && filters) return undefined
    return [...row, ...(values ?? nothing)]
  })
}

function patternOf(syntax: Parameters<typeof compilePattern>[0], environment: Environment): ParsePattern {
  try {
    return compilePattern(syntax, environment)
  } catch (error) {
    throw environment.positioned(error, syntax.at)
  }
}

/** @throws {KqlError} unless it is a constant integer from 0 on. */
function constantCount(syntax: Expression, scope: Scope): number {
  const bound = bindExpression(syntax, { ...scope, columns: [] })
  const count = Number(bound.constant?.value)
  if (bound.constant === undefined || !isNumber(bound.type) || !Number.isInteger(count) || count < 0) {
    throw scope.environment.error('Semantic', 'the number of rows must be a constant integer', syntax.at)
  }
  return count
}
