import type { Bound } from './bound.ts'
import { asMember } from './convert.ts'
import { isBag, jsonText } from './dynamic.ts'
import { unique, bagOf } from './functions/dynamic.ts'
import { add } from './integer.ts'
import type { Integer } from './integer.ts'
import type { Account } from './rows.ts'
import { isNumber } from './types.ts'
import type { KqlType, Row, Value } from './types.ts'

/** One aggregate of one group while rows come in. */
export interface Accumulator {
  readonly add: (row: Row) => void
  readonly result: () => Value
}

/** An aggregate function, bound to its arguments. */
export interface Aggregate {
  readonly type: KqlType
  /** The start of the column name that it suggests: `count_`, `avg_`. */
  readonly prefix: string
  readonly create: (account: Account) => Accumulator
}

interface Definition {
  readonly arguments: readonly [least: number, most: number]
  readonly prefix?: string
  /** Undefined when the function does not take these types. */
  readonly bind: (inputs: readonly Bound[]) => Omit<Aggregate, 'prefix'> | undefined
}

/** Folds the values that are not null. */
function reduced<State>(
  type: KqlType,
  input: Bound,
  start: () => State,
  step: (state: State, value: Value, account: Account) => State,
  finish: (state: State) => Value,
): Omit<Aggregate, 'prefix'> {
  return {
    type,
    create(account) {
      let state = start()
      return {
        add(row) {
          const value = input.evaluate(row)
          if (value !== null && value !== undefined) state = step(state, value, account)
        },
        result: () => finish(state),
      }
    },
  }
}

function bindSum([input]: readonly Bound[]): Omit<Aggregate, 'prefix'> | undefined {
  if (input === undefined) return undefined
  if (input.type === 'timespan') {
    return reduced(
      'timespan',
      input,
      () => 0n,
      (sum, value) => sum + (value as bigint),
      (sum) => sum,
    )
  }
  if (input.type === 'real')
    return reduced(
      'real',
      input,
      () => 0,
      (sum, value) => sum + Number(value),
      (sum) => sum,
    )
  if (!isNumber(input.type)) return undefined
  return reduced<Integer>(
    'long',
    input,
    () => 0,
    (sum, value) => add(sum, value as Integer),
    (sum) => sum,
  )
}

function bindAverage([input]: readonly Bound[]): Omit<Aggregate, 'prefix'> | undefined {
  if (input === undefined) return undefined
  if (input.type === 'timespan' || input.type === 'datetime') {
    return reduced(
      input.type,
      input,
      () => ({ sum: 0n, count: 0n }),
      ({ sum, count }, value) => ({ sum: sum + (value as bigint), count: count + 1n }),
      ({ sum, count }) => (count === 0n ? null : sum / count),
    )
  }
  if (!isNumber(input.type)) return undefined
  return reduced(
    'real',
    input,
    () => ({ sum: 0, count: 0 }),
    ({ sum, count }, value) => ({ sum: sum + Number(value), count: count + 1 }),
    ({ sum, count }) => (count === 0 ? null : sum / count),
  )
}

/** Welford's algorithm: the sample variance, as Kusto's. */
function bindVariance(
  inputs: readonly Bound[],
  finish: (variance: number) => number,
): Omit<Aggregate, 'prefix'> | undefined {
  const [input] = inputs
  if (input === undefined || !isNumber(input.type)) return undefined
  return reduced(
    'real',
    input,
    () => ({ count: 0, mean: 0, squares: 0 }),
    ({ count, mean, squares }, value) => {
      const distance = Number(value) - mean
      const next = mean + distance / (count + 1)
      return { count: count + 1, mean: next, squares: squares + distance * (Number(value) - next) }
    },
    ({ count, squares }) => (count < 2 ? 0 : finish(squares / (count - 1))),
  )
}

function bindExtreme(
  inputs: readonly Bound[],
  isBetter: (value: number, best: number) => boolean,
): Omit<Aggregate, 'prefix'> | undefined {
  const [input] = inputs
  if (input === undefined || input.type === 'dynamic' || input.type === 'guid') return undefined
  return reduced<Value>(
    input.type,
    input,
    () => null,
    (best, value) => (best === null || isBetter(value as number, best as number) ? value : best),
    (best) => best ?? (input.type === 'string' ? '' : null),
  )
}

/** The group counts exactly; Azure's `dcount` estimates. */
function bindDistinctCount([input]: readonly Bound[]): Omit<Aggregate, 'prefix'> | undefined {
  if (input === undefined || input.type === 'dynamic') return undefined
  return reduced(
    'long',
    input,
    () => new Set<Value>(),
    (seen, value, account) => {
      if (!seen.has(value)) account.hold(value)
      return seen.add(value)
    },
    (seen) => seen.size,
  )
}

/** Nearest rank over all values (kusto/query/percentiles-aggregation-function); Azure estimates it. */
export function bindPercentile(input: Bound, percentile: number): Omit<Aggregate, 'prefix'> | undefined {
  if (!isNumber(input.type) && input.type !== 'timespan' && input.type !== 'datetime') return undefined
  return reduced<Value[]>(
    input.type === 'int' ? 'long' : input.type,
    input,
    () => [],
    (values, value, account) => {
      account.hold(value)
      values.push(value)
      return values
    },
    (values) => {
      values.sort((left, right) =>
        (left as number) < (right as number) ? -1 : Number((left as number) > (right as number)),
      )
      const rank = Math.ceil((percentile / 100) * values.length)
      return values[Math.min(Math.max(rank, 1), values.length) - 1] ?? null
    },
  )
}

const MOST_ITEMS = 1_048_576

function bindItems(
  inputs: readonly Bound[],
  limit: Bound | undefined,
  isSet: boolean,
): Omit<Aggregate, 'prefix'> | undefined {
  const [input] = inputs
  if (input === undefined || (limit !== undefined && limit.constant === undefined)) return undefined
  const most = Math.min(Number(limit?.constant?.value ?? MOST_ITEMS), MOST_ITEMS)
  return reduced(
    'dynamic',
    input,
    () => ({ items: [] as Value[], seen: new Set<string>() }),
    (state, value, account) => {
      if (state.items.length >= most) return state
      const item = asMember(value, input.type)
      const text = isSet ? jsonText(item) : ''
      if (isSet && state.seen.has(text)) return state
      account.hold(item)
      if (isSet) state.seen.add(text)
      state.items.push(item)
      return state
    },
    ({ items }) => (isSet ? unique(items) : items),
  )
}

function bindBag([input]: readonly Bound[]): Omit<Aggregate, 'prefix'> | undefined {
  if (input?.type !== 'dynamic') return undefined
  return reduced<(readonly [string, unknown])[]>(
    'dynamic',
    input,
    () => [],
    (members, value, account) => {
      if (!isBag(value)) return members
      account.hold(value)
      members.push(...Object.entries(value))
      return members
    },
    bagOf,
  )
}

function bindAny([input]: readonly Bound[]): Omit<Aggregate, 'prefix'> | undefined {
  if (input === undefined) return undefined
  const nothing = input.type === 'string' ? '' : null
  return reduced<Value>(
    input.type,
    input,
    () => nothing,
    (first, value) => (first === nothing ? value : first),
    (first) => first,
  )
}

/** Only rows for which the last argument is true. */
function filtered(definition: Definition): Definition {
  const [least, most] = definition.arguments
  return {
    ...definition,
    arguments: [least + 1, most + 1],
    bind(inputs) {
      const at = least
      const predicate = inputs[at]
      if (predicate?.type !== 'bool') return undefined
      const inner = definition.bind(inputs.filter((_, index) => index !== at))
      if (inner === undefined) return undefined
      return {
        type: inner.type,
        create(account) {
          const accumulator = inner.create(account)
          return {
            add(row) {
              if (predicate.evaluate(row) === true) accumulator.add(row)
            },
            result: accumulator.result,
          }
        },
      }
    },
  }
}

const count: Definition = {
  arguments: [0, 0],
  bind: () => ({
    type: 'long',
    create() {
      let rows = 0
      return { add: () => void (rows += 1), result: () => rows }
    },
  }),
}
const sum: Definition = { arguments: [1, 1], bind: bindSum }
const average: Definition = { arguments: [1, 1], bind: bindAverage }
const least: Definition = {
  arguments: [1, 1],
  bind: (inputs) => bindExtreme(inputs, (value, best) => value < best),
}
const greatest: Definition = {
  arguments: [1, 1],
  bind: (inputs) => bindExtreme(inputs, (value, best) => value > best),
}
const distinct: Definition = { arguments: [1, 2], bind: bindDistinctCount }
const distinctExact: Definition = { arguments: [1, 1], bind: bindDistinctCount }
const list: Definition = {
  arguments: [1, 2],
  prefix: 'list',
  bind: (inputs) => bindItems(inputs, inputs[1], false),
}
const set: Definition = {
  arguments: [1, 2],
  prefix: 'set',
  bind: (inputs) => bindItems(inputs, inputs[1], true),
}
const bag: Definition = { arguments: [1, 2], prefix: 'bag', bind: bindBag }
const variance: Definition = { arguments: [1, 1], bind: (inputs) => bindVariance(inputs, (value) => value) }
const deviation: Definition = { arguments: [1, 1], bind: (inputs) => bindVariance(inputs, Math.sqrt) }

/** learn.microsoft.com/kusto/query/aggregation-functions. Those with several columns are in `summarize.ts`. */
const AGGREGATES: Readonly<Record<string, Definition>> = {
  count,
  countif: filtered(count),
  sum,
  sumif: filtered(sum),
  avg: average,
  avgif: filtered(average),
  min: least,
  minif: filtered(least),
  max: greatest,
  maxif: filtered(greatest),
  dcount: distinct,
  dcountif: filtered({ ...distinct, arguments: [1, 1] }),
  count_distinct: distinctExact,
  count_distinctif: filtered(distinctExact),
  make_list: list,
  make_list_if: filtered(list),
  make_set: set,
  make_set_if: filtered(set),
  make_bag: bag,
  make_bag_if: filtered(bag),
  variance,
  varianceif: filtered(variance),
  stdev: deviation,
  stdevif: filtered(deviation),
  take_any: { arguments: [1, 1], prefix: '', bind: bindAny },
  take_anyif: filtered({ arguments: [1, 1], prefix: '', bind: bindAny }),
  any: { arguments: [1, 1], bind: bindAny },
}

export function aggregateNamed(name: string): Definition | undefined {
  return Object.hasOwn(AGGREGATES, name) ? AGGREGATES[name] : undefined
}

/** Aggregates that are bound elsewhere, or not at all. */
const OTHER_AGGREGATES: ReadonlySet<string> = new Set(
  (
    'percentile percentiles arg_max arg_min argmax argmin ' +
    'any_if anyif binary_all_and binary_all_or binary_all_xor buildschema covariance covarianceif covariancep ' +
    'covariancepif hll hll_if hll_merge make_dictionary make_list_with_nulls makelist makeset merge_tdigest ' +
    'merge_tdigests passthrough percentilew percentiles_array percentilesw percentilesw_array stdevp stdevpif ' +
    'tdigest tdigest_merge variancep variancepif'
  ).split(' '),
)

export function isAggregate(name: string): boolean {
  return aggregateNamed(name) !== undefined || OTHER_AGGREGATES.has(name)
}
