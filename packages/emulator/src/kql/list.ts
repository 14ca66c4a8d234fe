import { areEqual, bindBinary, compared } from './binary.ts'
import type { Bound, Scope } from './bound.ts'
import { asMember, textOf } from './convert.ts'
import { isArray, scalarOf } from './dynamic.ts'
import { converted } from './coerce.ts'
import type { Expression } from './syntax.ts'
import { TEXT_TESTS } from './text-search.ts'
import { isNumber } from './types.ts'
import type { KqlType, Row, Value } from './types.ts'

type ListSyntax = Extract<Expression, { readonly kind: 'list' }>

/** `in`, `in~`, `has_any`, `has_all` and `between`, and their negations. */
export function bindList(syntax: ListSyntax, scope: Scope, bind: (syntax: Expression) => Bound): Bound {
  const { operator, at } = syntax
  const negated = operator.startsWith('!')
  const kind = negated ? operator.slice(1) : operator
  const left = bind(syntax.left)
  if (kind === 'between') return bindBetween(syntax, left, negated, scope, bind)
  const items = syntax.items.map((item) => bindItem(item, scope, bind))
  if (kind === 'in') return bindIn(syntax, left, items, negated, scope)
  const fail = scope.environment.error('Semantic', `the operator «${operator}» takes strings`, at)
  if (left.type !== 'string' && left.type !== 'dynamic') throw fail
  for (const { type } of items) if (type !== 'string' && type !== 'dynamic') throw fail
  const test = TEXT_TESTS[kind === 'in~' ? '=~' : 'has'] as (text: string, sought: string) => boolean
  const texts = textsOf(items)
  const text = converted(left, 'string').evaluate
  return {
    type: 'bool',
    at,
    evaluate(row) {
      const value = text(row) as string
      const matches = (sought: string): boolean => test(value, sought)
      const found = kind === 'has_all' ? texts(row).every(matches) : texts(row).some(matches)
      return found !== negated
    },
  }
}

/** An item of a list, or all the values of the first column of a table. */
function bindItem(item: Expression, scope: Scope, bind: (syntax: Expression) => Bound): Bound {
  const name =
    item.kind === 'name' && !scope.columns.some((column) => column.name === item.name) ? item.name : undefined
  const definition = name === undefined ? undefined : scope.definitions.get(name)
  if (name === undefined || (definition === undefined && !scope.environment.isTable(name))) return bind(item)
  if (definition !== undefined && definition.kind !== 'tabular') return bind(item)
  if (definition?.values === undefined) {
    throw scope.environment.error(
      'UnsupportedLocally',
      'a table that is no datatable, as a list: not supported locally, fine in Azure',
      item.at,
    )
  }
  const values = definition.values()
  return { type: 'dynamic', at: item.at, evaluate: () => values, constant: { value: values } }
}

/** All texts of a list; an array stands for its items. Read once when the list is constant. */
function textsOf(items: readonly Bound[]): (row: Row) => readonly string[] {
  const read = (row: Row): readonly string[] =>
    items.flatMap((item) => {
      const value = item.evaluate(row)
      const texts = isArray(value) ? value.map(scalarOf) : [value]
      return texts.map((text) => (text === null ? '' : textOf(text, isArray(value) ? 'dynamic' : item.type)))
    })
  if (!items.every((item) => item.constant !== undefined)) return read
  const texts = read([])
  return () => texts
}

function bindIn(
  syntax: ListSyntax,
  left: Bound,
  items: readonly Bound[],
  negated: boolean,
  scope: Scope,
): Bound {
  const { environment } = scope
  const { at, operator } = syntax
  const tests = items.map((right) => {
    if (right.type === 'dynamic' && left.type !== 'dynamic') return inArray(left, right)
    const fail = (message: string): Error => environment.error('Semantic', message, at)
    const unsupported = (message: string): Error => environment.error('UnsupportedLocally', message, at)
    const pair = compared({ operator, left, right, at, fail, unsupported })
    return (row: Row): boolean => {
      const a = pair.left.evaluate(row)
      const b = pair.right.evaluate(row)
      return a !== null && b !== null && areEqual(a, b)
    }
  })
  const texts = constantTexts(left, items)
  if (texts !== undefined)
    return { type: 'bool', at, evaluate: (row) => texts.has(left.evaluate(row)) !== negated }
  return { type: 'bool', at, evaluate: (row) => tests.some((test) => test(row)) !== negated }
}

/** The common case, `Level in ("error", "fatal")`, however long the list. */
function constantTexts(left: Bound, items: readonly Bound[]): ReadonlySet<Value> | undefined {
  if (left.type !== 'string' || !items.every((item) => item.constant !== undefined)) return undefined
  return new Set(items.flatMap((item) => item.constant?.value))
}

function inArray(left: Bound, right: Bound): (row: Row) => boolean {
  return (row) => {
    const value = asMember(left.evaluate(row), left.type)
    const array = right.evaluate(row)
    const candidates = isArray(array) ? array.map(scalarOf) : [array]
    return candidates.some(
      (item) => item === value || (value !== null && typeof item !== 'object' && looselyEqual(item, value)),
    )
  }
}

function looselyEqual(item: Value, value: Value): boolean {
  const numbers = [item, value].every((side) => typeof side === 'number' || typeof side === 'bigint')
  return numbers && Number(item) === Number(value)
}

/** As the official parser has it: the ends are of the type of the value, or of one type beside a dynamic. */
function isRange(value: KqlType, low: KqlType, high: KqlType): boolean {
  if (value === 'dynamic') return isNumber(low) && low === high
  if (isNumber(value)) return isNumber(low) && isNumber(high)
  if (value === 'datetime') return low === 'datetime' && (high === 'datetime' || high === 'timespan')
  return value === 'timespan' && low === 'timespan' && high === 'timespan'
}

/** Both ends belong to it; the upper end of a range of datetimes may be a timespan after the lower one. */
function bindBetween(
  { items, at, operator }: ListSyntax,
  left: Bound,
  negated: boolean,
  scope: Scope,
  bind: (syntax: Expression) => Bound,
): Bound {
  const [low, high] = items.map(bind) as [Bound, Bound]
  const { environment } = scope
  const fail = (message: string): Error => environment.error('Semantic', message, at)
  const unsupported = (message: string): Error => environment.error('UnsupportedLocally', message, at)
  const common = { at, fail, unsupported }
  const end =
    low.type === 'datetime' && high.type === 'timespan'
      ? bindBinary({ ...common, operator: '+', left: low, right: high })
      : high
  if (!isRange(left.type, low.type, high.type)) {
    throw fail(`the operator «${operator}» is not defined for ${left.type}, ${low.type} and ${high.type}`)
  }
  const above = bindBinary({ ...common, operator: '>=', left, right: low }).evaluate
  const below = bindBinary({ ...common, operator: '<=', left, right: end }).evaluate
  return {
    type: 'bool',
    at,
    evaluate(row) {
      const isAbove = above(row)
      const isBelow = below(row)
      return isAbove === null || isBelow === null ? null : (isAbove && isBelow) !== negated
    },
  }
}
