import type { Bound } from './bound.ts'
import {
  bindAny,
  bindAverage,
  bindBag,
  bindDistinctCount,
  bindExtreme,
  bindItems,
  bindSum,
  bindVariance,
} from './reductions.ts'
import type { Reduction } from './reductions.ts'

interface Definition {
  readonly arguments: readonly [least: number, most: number]
  readonly prefix?: string
  /** Undefined when the function does not take these types. */
  readonly bind: (inputs: readonly Bound[]) => Reduction | undefined
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
