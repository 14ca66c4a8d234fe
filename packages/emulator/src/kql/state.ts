import type { Bound, ColumnSymbol, Environment, Scope } from './bound.ts'
import { bindExpression } from './expression.ts'
import type { Collector, Segment, Step } from './rows.ts'
import type { Assignment, Operator } from './syntax.ts'

/** What is known of a query up to some operator: the columns that leave it, and how to make its rows. */
export interface TableState {
  readonly columns: readonly ColumnSymbol[]
  /** Rows have this many places; some may belong to no column any more. */
  readonly width: number
  readonly segments: readonly Segment[]
  readonly render?: Extract<Operator, { readonly kind: 'render' }>
}

/** Adds a step to the stretch that is open. */
export function withStep(
  state: TableState,
  { environment }: Scope,
  at: number,
  start: () => Step,
): TableState {
  const last = state.segments.at(-1)
  const step = (): Step => {
    const run = start()
    return (row) => {
      try {
        return run(row)
      } catch (error) {
        throw environment.positioned(error, at)
      }
    }
  }
  return { ...state, segments: [...state.segments.slice(0, -1), { steps: [...(last?.steps ?? []), step] }] }
}

/** Closes the stretch that is open and begins another. */
export function collecting(
  state: TableState,
  { environment }: Scope,
  at: number,
  start: () => Collector,
): readonly Segment[] {
  const last = state.segments.at(-1)
  const attempt = <T>(run: () => T): T => {
    try {
      return run()
    } catch (error) {
      throw environment.positioned(error, at)
    }
  }
  const collect = (): Collector => {
    const collector = start()
    return { add: (row) => attempt(() => collector.add(row)), finish: () => attempt(collector.finish) }
  }
  return [...state.segments.slice(0, -1), { steps: last?.steps ?? [], collect }, { steps: [] }]
}

export interface NamedBound {
  readonly name: string
  readonly bound: Bound
  readonly at: number
}

/**
 * Binds `name = expression, …`. An expression without a name takes the one that it suggests, or Column1, Column2, …; a name
 * that was suggested twice gets a number.
 *
 * @throws {KqlError} when two are given the same name.
 */
export function bindAssignments(assignments: readonly Assignment[], scope: Scope): readonly NamedBound[] {
  return nameColumns(
    assignments.map(({ name, value, at }) => ({
      name,
      bound: bindExpression(value, scope),
      at,
      isColumn: value.kind === 'name',
    })),
    scope.environment,
  )
}

interface Unnamed {
  readonly name: string | undefined
  readonly bound: Bound
  readonly at: number
  readonly isColumn: boolean
}

export function nameColumns(
  columns: readonly Unnamed[],
  environment: Environment,
  prefix = 'Column',
): readonly NamedBound[] {
  const taken = new Set<string>()
  let unnamed = 0
  return columns.map(({ name, bound, at, isColumn }) => {
    const given = name ?? (isColumn ? bound.name : undefined)
    if (given !== undefined && taken.has(given)) {
      throw environment.error('Semantic', `there are two columns named ${JSON.stringify(given)}`, at)
    }
    let final = given
    if (final === undefined) {
      const base = bound.name ?? `${prefix}${(unnamed += 1)}`
      final = base
      for (let number = 1; taken.has(final); number += 1) final = `${base}${number}`
    }
    taken.add(final)
    return { name: final, bound, at }
  })
}
