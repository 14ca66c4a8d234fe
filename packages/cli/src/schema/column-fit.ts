import type { InferredType } from './column-type.ts'
import type { ValueStats } from './value-stats.ts'

/** Types whose columns take every value of the other types without losing anything. */
const TAKES: Readonly<Record<InferredType, readonly InferredType[]>> = {
  string: ['int', 'long', 'real', 'boolean', 'datetime', 'dynamic'],
  dynamic: ['string', 'int', 'long', 'real', 'boolean', 'datetime'],
  real: ['int', 'long'],
  long: ['int'],
  int: [],
  boolean: [],
  datetime: [],
}

/** True when the values that were seen, and that look like `found`, fit into a column of `type`. */
export function fitsColumn(stats: ValueStats, found: InferredType, type: InferredType): boolean {
  if (found === type || TAKES[type].includes(found)) return true
  const integersOnly = stats.integers === stats.present
  if (type === 'long') return integersOnly
  return type === 'int' && integersOnly && stats.min >= -(2 ** 31) && stats.max < 2 ** 31
}
