import type { Scope } from './bound.ts'
import { bindExpression } from './expression.ts'
import { createAccount } from './rows.ts'
import type { Collector } from './rows.ts'
import type { SortKey } from './syntax.ts'
import type { Row, Value } from './types.ts'

interface Entry {
  readonly row: Row
  readonly keys: readonly Value[]
}

/** `sort by`, and `top` with its number of rows: then no more than twice that many are held. */
export function bindSort(keys: readonly SortKey[], most: number | undefined, scope: Scope): () => Collector {
  const bound = keys.map(({ value, descending, nullsFirst }) => {
    const key = bindExpression(value, scope)
    if (key.type === 'dynamic') {
      throw scope.environment.error(
        'Semantic',
        'a dynamic cannot be sorted by: convert it, with tostring() say',
        key.at,
      )
    }
    return { evaluate: key.evaluate, sign: descending ? -1 : 1, nulls: nullsFirst ? -1 : 1 }
  })
  const compare = (left: Entry, right: Entry): number => {
    for (const [index, { sign, nulls }] of bound.entries()) {
      const a = left.keys[index] as number | null
      const b = right.keys[index] as number | null
      if (a === b) continue
      if (a === null || b === null) return a === null ? nulls : -nulls
      if (a < b) return -sign
      if (a > b) return sign
    }
    return 0
  }
  return () => {
    let entries: Entry[] = []
    const account = createAccount('sort')
    return {
      add(row) {
        if (most === undefined) account.hold(row)
        entries.push({ row, keys: bound.map(({ evaluate }) => evaluate(row)) })
        if (most !== undefined && entries.length >= 2 * most + 1024)
          entries = entries.sort(compare).slice(0, most)
      },
      finish: () =>
        entries
          .sort(compare)
          .slice(0, most)
          .map(({ row }) => row),
    }
  }
}
