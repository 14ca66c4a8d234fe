import { aggregateNamed, isAggregate } from './aggregates.ts'
import type { Bound, ColumnSymbol, Definition, Scope } from './bound.ts'
import { bindExpression } from './expression.ts'
import { bindPercentile } from './reductions.ts'
import type { Reduction } from './reductions.ts'
import { createAccount } from './rows.ts'
import type { Account, Collector } from './rows.ts'
import type { Assignment, Expression, Operator } from './syntax.ts'
import { bindAssignments, collecting, nameColumns } from './state.ts'
import type { NamedBound, TableState } from './state.ts'
import { isNumber } from './types.ts'
import type { Row, Value } from './types.ts'

type CallSyntax = Extract<Expression, { readonly kind: 'call' }>
type SummarizeSyntax = Extract<Operator, { readonly kind: 'summarize' }>

/**
 * Groups come out in the order of their first row. An expression may hold several aggregates, `sum(x) / count()`: each is
 * computed by itself and the rest of the expression once for each group.
 */
export function bindSummarize(syntax: SummarizeSyntax, state: TableState, scope: Scope): TableState {
  const { environment } = scope
  const by = bindAssignments(syntax.by, scope)
  for (const { bound } of by) {
    if (bound.type === 'dynamic') {
      throw environment.error(
        'Semantic',
        'a dynamic cannot be grouped by: convert it, with tostring() say',
        bound.at,
      )
    }
  }
  const aggregates: Reduction[] = []
  const results = new Map<string, Definition>()
  const add = (aggregate: Reduction, name: string | undefined, at: number): Expression => {
    const slot = aggregates.push(aggregate) - 1
    // No name of a query's own can hold a space.
    const key = ` ${slot}`
    const bound: Bound = {
      type: aggregate.type,
      at,
      evaluate: (row) => row[slot],
      ...(name === undefined ? {} : { name }),
    }
    results.set(key, { kind: 'scalar', bound })
    return { kind: 'name', name: key, at }
  }
  const expanded = syntax.aggregates.flatMap((assignment) => expandAggregate(assignment, scope, by, add))
  const inner: Scope = { environment, columns: [], definitions: new Map([...scope.definitions, ...results]) }
  const named = nameColumns(
    [
      ...by.map(({ name, bound, at }) => ({ name, bound, at, isColumn: false })),
      ...expanded.map(({ name, value, at }) => ({
        name,
        bound: bindExpression(value, inner),
        at,
        isColumn: false,
      })),
    ],
    environment,
  )
  const outputs = named.slice(by.length).map(({ bound }) => bound.evaluate)
  const columns = named.map(({ name, bound }, slot): ColumnSymbol => ({ name, type: bound.type, slot }))
  return {
    columns,
    width: columns.length,
    segments: collecting(state, scope, syntax.at, () =>
      createGroups(
        by.map(({ bound }) => bound.evaluate),
        aggregates,
        outputs,
      ),
    ),
  }
}

type AddAggregate = (aggregate: Reduction, name: string | undefined, at: number) => Expression

/** One output, or several for `take_any(*)`, `arg_max(…)`, `percentiles(…)`. */
function expandAggregate(
  { name, value, at }: Assignment,
  scope: Scope,
  by: readonly NamedBound[],
  add: AddAggregate,
): readonly Assignment[] {
  if (value.kind === 'call') {
    const several = expandSeveral(value, name, scope, by, add)
    if (several !== undefined) return several
  }
  return [{ ...(name === undefined ? {} : { name }), value: withoutAggregates(value, scope, add), at }]
}

function expandSeveral(
  call: CallSyntax,
  given: string | undefined,
  scope: Scope,
  by: readonly NamedBound[],
  add: AddAggregate,
): readonly Assignment[] | undefined {
  const { at } = call
  const [first, ...others] = call.arguments
  const named = (column: { readonly name: string }): Expression => ({ kind: 'name', name: column.name, at })
  const rest = scope.columns.filter((column) => !by.some(({ name }) => name === column.name))
  if ((call.name === 'take_any' || call.name === 'any') && (first?.kind === 'star' || others.length > 0)) {
    const chosen = first?.kind === 'star' ? rest.map(named) : call.arguments
    return chosen.map((argument) => ({
      value: withoutAggregates({ ...call, arguments: [argument] }, scope, add),
      at,
    }))
  }
  if (call.name === 'arg_max' || call.name === 'arg_min') {
    if (first === undefined)
      throw scope.environment.error('Semantic', `${call.name}() takes what to look for, and columns`, at)
    const key = bindExpression(first, scope)
    const chosen = others.some((other) => other.kind === 'star') ? rest.map(named) : others
    const companions = chosen
      .map((other) => bindExpression(other, scope))
      .filter(({ name }) => name !== key.name)
    return bindArgument(call, key, companions).map((aggregate, index) => {
      const suggestion =
        index === 0
          ? (key.name ?? `${call.name === 'arg_max' ? 'max' : 'min'}_`)
          : companions[index - 1]?.name
      const value = add(aggregate, suggestion, at)
      return index === 0 && given !== undefined ? { name: given, value, at } : { value, at }
    })
  }
  if (call.name === 'percentiles') {
    return others.map((other) => ({
      value: withoutAggregates(
        { ...call, name: 'percentile', arguments: [first as Expression, other] },
        scope,
        add,
      ),
      at,
    }))
  }
  return undefined
}

/** The expression with a name in place of each aggregate. */
function withoutAggregates(syntax: Expression, scope: Scope, add: AddAggregate): Expression {
  const replace = (inner: Expression): Expression => withoutAggregates(inner, scope, add)
  switch (syntax.kind) {
    case 'call':
      return isAggregate(syntax.name)
        ? bindAggregate(syntax, scope, add)
        : { ...syntax, arguments: syntax.arguments.map(replace) }
    case 'binary':
      return { ...syntax, left: replace(syntax.left), right: replace(syntax.right) }
    case 'list':
      return { ...syntax, left: replace(syntax.left), items: syntax.items.map(replace) }
    case 'minus':
      return { ...syntax, operand: replace(syntax.operand) }
    case 'member':
      return { ...syntax, target: replace(syntax.target) }
    case 'index':
      return { ...syntax, target: replace(syntax.target), index: replace(syntax.index) }
    default:
      return syntax
  }
}

function bindAggregate(call: CallSyntax, scope: Scope, add: AddAggregate): Expression {
  const { name, at } = call
  const { environment } = scope
  const definition = aggregateNamed(name)
  if (definition === undefined && name !== 'percentile') {
    throw environment.error('UnsupportedLocally', `${name}(): not supported locally, fine in Azure`, at)
  }
  const inputs = call.arguments.map((argument) => bindExpression(argument, scope))
  const [first] = inputs
  const types = inputs.map(({ type }) => type).join(', ')
  const misfit = environment.error('Semantic', `${name}() does not take (${types})`, at)
  if (definition === undefined) {
    const percentile = inputs[1]?.constant?.value
    if (
      first === undefined ||
      inputs.length !== 2 ||
      !isNumber(inputs[1]?.type ?? 'string') ||
      typeof percentile !== 'number'
    ) {
      throw misfit
    }
    const bound = bindPercentile(first, percentile)
    if (bound === undefined) throw misfit
    const suffix = String(percentile).replace('.', '_')
    return add(bound, `percentile_${first.name ?? ''}_${suffix}`, at)
  }
  const [least, most] = definition.arguments
  const bound = inputs.length < least || inputs.length > most ? undefined : definition.bind(inputs)
  if (bound === undefined) throw misfit
  const prefix = definition.prefix ?? name
  return add(bound, prefix === '' ? first?.name : `${prefix}_${first?.name ?? ''}`, at)
}

/** `arg_max(key, a, b)`: the row with the greatest key; nulls never win. */
function bindArgument(call: CallSyntax, key: Bound, companions: readonly Bound[]): readonly Reduction[] {
  const isMax = call.name === 'arg_max'
  return [key, ...companions].map((output) => ({
    type: output.type,
    create() {
      let best: Value = null
      let value: Value = output.type === 'string' ? '' : null
      let started = false
      return {
        add(row: Row) {
          const candidate = key.evaluate(row)
          const wins =
            !started ||
            (candidate !== null &&
              (best === null ||
                (isMax
                  ? (candidate as number) > (best as number)
                  : (candidate as number) < (best as number))))
          if (!wins) return
          started = true
          best = candidate
          value = output.evaluate(row)
        },
        result: () => value,
      }
    },
  }))
}

type Evaluate = (row: Row) => Value

function createGroups(
  by: readonly Evaluate[],
  aggregates: readonly Reduction[],
  outputs: readonly Evaluate[],
): Collector {
  const account: Account = createAccount('summarize')
  const start = (): ReturnType<Reduction['create']>[] =>
    aggregates.map((aggregate) => aggregate.create(account))
  const groups = new Map<string, { readonly keys: Row; readonly accumulators: ReturnType<typeof start> }>()
  // Without keys there is a group even when there is no row.
  if (by.length === 0 && aggregates.length > 0) groups.set('', { keys: [], accumulators: start() })
  return {
    add(row) {
      const keys = by.map((evaluate) => evaluate(row))
      const id = keys.map(keyText).join('\u0000')
      let group = groups.get(id)
      if (group === undefined) {
        account.hold(keys)
        group = { keys, accumulators: start() }
        groups.set(id, group)
      }
      for (const accumulator of group.accumulators) accumulator.add(row)
    },
    finish: () =>
      [...groups.values()].map(({ keys, accumulators }) => {
        const results = accumulators.map((accumulator) => accumulator.result())
        return keys.concat(outputs.map((evaluate) => evaluate(results)))
      }),
  }
}

/** Different for different values of one type. */
function keyText(value: Value): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
