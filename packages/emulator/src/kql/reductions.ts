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
interface Accumulator {
  readonly add: (row: Row) => void
  readonly result: () => Value
}

/** An aggregate function, bound to its arguments. */
export interface Reduction {
  readonly type: KqlType
  readonly create: (account: Account) => Accumulator
}

/** Folds the values that are not null. */
function reduced<State>(
  type: KqlType,
  input: Bound,
  start: () => State,
  step: (state: State, value: Value, account: Account) => State,
  finish: (state: State) => Value,
): Reduction {
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

export function bindSum([input]: readonly Bound[]): Reduction | undefined {
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

export function bindAverage([input]: readonly Bound[]): Reduction | undefined {
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
export function bindVariance(
  inputs: readonly Bound[],
  finish: (variance: number) => number,
): Reduction | undefined {
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

export function bindExtreme(
  inputs: readonly Bound[],
  isBetter: (value: number, best: number) => boolean,
): Reduction | undefined {
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
export function bindDistinctCount([input]: readonly Bound[]): Reduction | undefined {
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
export function bindPercentile(input: Bound, percentile: number): Reduction | undefined {
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

export function bindItems(
  inputs: readonly Bound[],
  limit: Bound | undefined,
  isSet: boolean,
): Reduction | undefined {
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

export function bindBag([input]: readonly Bound[]): Reduction | undefined {
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

export function bindAny([input]: readonly Bound[]): Reduction | undefined {
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
