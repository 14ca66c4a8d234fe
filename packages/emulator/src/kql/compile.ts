import type { Column } from '../schema.ts'
import { constantOf, RowFault } from './bound.ts'
import type { Bound, ColumnSymbol, Definition, Environment, Scope } from './bound.ts'
import type { Mode } from './cursor.ts'
import { bindExpression } from './expression.ts'
import { converted } from './coerce.ts'
import { parseQuery } from './parser.ts'
import { applySteps } from './rows.ts'
import type { Segment } from './rows.ts'
import type { Operator, Pipeline, TableSource } from './syntax.ts'
import { nameColumns } from './state.ts'
import type { TableState } from './state.ts'
import { bindOperator } from './table.ts'
import { absent, typeOfColumn } from './types.ts'
import type { KqlType, Row, Value } from './types.ts'

/** How much a text may expand to when the bodies of its functions and tables take the place of their names. */
const MAX_EXPRESSIONS = 20_000

/** A column of the stored table, and whether the query needs it. */
interface SourceColumn {
  readonly name: string
  readonly type: KqlType
  readonly isUsed: () => boolean
}

/** Where the rows come from: a table, whose rows have its columns in their places, or the text itself. */
type PlanSource =
  | { readonly kind: 'table'; readonly name: string; readonly columns: readonly SourceColumn[] }
  | { readonly kind: 'rows'; readonly rows: () => readonly Row[] }

export interface Plan {
  readonly source: PlanSource
  readonly segments: readonly Segment[]
  readonly columns: readonly ColumnSymbol[]
  readonly render?: Extract<Operator, { readonly kind: 'render' }>
  /** Sets what `now()` gives, in ticks. */
  readonly setNow: (ticks: bigint) => void
  /** Operators, functions and symbols that the text uses. */
  readonly features: ReadonlySet<string>
}

/**
 * Parses a query and settles its names and types.
 *
 * @throws {KqlError}
 */
export function compile(text: string, mode: Mode, tables: ReadonlyMap<string, readonly Column[]>): Plan {
  const { query, error } = parseQuery(text, mode)
  let now = 0n
  let charged = 0
  const features = new Set<string>()
  const environment: Environment = {
    mode,
    now: () => now,
    error,
    positioned: (fault, at) => (fault instanceof RowFault ? error(fault.code, fault.message, at) : fault),
    isTable: (name) => tables.has(name),
    note: (feature) => void features.add(feature),
    charge(at) {
      charged += 1
      if (charged > MAX_EXPRESSIONS) throw error('LimitExceeded', 'the query expands to too much', at)
    },
  }
  const definitions = new Map<string, Definition>()
  const pipelines = new Map<string, Pipeline>()
  const tabular = (pipeline: Pipeline): Planned =>
    bindPipeline(pipeline, environment, new Map(definitions), pipelines, tables)

  for (const { name, value, at } of query.lets) {
    if (definitions.has(name)) throw error('Semantic', `${name} is defined twice`, at)
    const scope: Scope = { environment, columns: [], definitions: new Map(definitions) }
    if (value.kind === 'function') definitions.set(name, { kind: 'function', let: value, scope })
    else if (value.kind === 'scalar') {
      const bound = bindExpression(value.expression, scope)
      definitions.set(name, { kind: 'scalar', bound })
    } else {
      const planned = tabular(value.pipeline)
      pipelines.set(name, value.pipeline)
      const { source, state } = planned
      definitions.set(name, {
        kind: 'tabular',
        values:
          source.kind === 'rows' && state.segments.length === 1
            ? () => firstColumn(source.rows(), state)
            : undefined,
      })
    }
  }
  const { source, state } = tabular(query.pipeline)
  for (const column of state.columns) column.use?.()
  return {
    source,
    segments: state.segments,
    columns: state.columns,
    ...(state.render === undefined ? {} : { render: state.render }),
    setNow: (ticks) => void (now = ticks),
    features,
  }
}

interface Planned {
  readonly source: PlanSource
  readonly state: TableState
}

function bindPipeline(
  pipeline: Pipeline,
  environment: Environment,
  definitions: ReadonlyMap<string, Definition>,
  pipelines: ReadonlyMap<string, Pipeline>,
  tables: ReadonlyMap<string, readonly Column[]>,
): Planned {
  const scope: Scope = { environment, columns: [], definitions }
  let { source, state } = bindSource(pipeline.source, scope, pipelines, tables)
  for (const operator of pipeline.operators) {
    environment.charge(operator.at)
    environment.note(operator.kind)
    state = bindOperator(operator, state, scope)
  }
  return { source, state }
}

function bindSource(
  syntax: TableSource,
  scope: Scope,
  pipelines: ReadonlyMap<string, Pipeline>,
  tables: ReadonlyMap<string, readonly Column[]>,
): Planned {
  const { environment } = scope
  environment.charge(syntax.at)
  environment.note(syntax.kind)
  switch (syntax.kind) {
    case 'print': {
      const named = nameColumns(
        syntax.assignments.map(({ name, value, at }, index) => ({
          name: name ?? `print_${index}`,
          bound: bindExpression(value, scope),
          at,
          isColumn: false,
        })),
        environment,
      )
      const columns = named.map(({ name, bound }, slot): ColumnSymbol => ({ name, type: bound.type, slot }))
      const rows = attempting(environment, syntax.at, () => [named.map(({ bound }) => bound.evaluate([]))])
      return {
        source: { kind: 'rows', rows },
        state: { columns, width: columns.length, segments: [{ steps: [] }] },
      }
    }
    case 'datatable': {
      const { columns: declared } = syntax
      const values = syntax.values.map((value, index) => {
        const { type } = declared[index % declared.length] as { readonly type: KqlType }
        return datatableValue(bindExpression(value, scope), type, environment)
      })
      const rows = attempting(environment, syntax.at, () => {
        const cells = values.map(({ evaluate }) => evaluate([]))
        return Array.from({ length: cells.length / declared.length }, (_, row) =>
          cells.slice(row * declared.length, (row + 1) * declared.length),
        )
      })
      const columns = declared.map(({ name, type }, slot): ColumnSymbol => ({ name, type, slot }))
      return {
        source: { kind: 'rows', rows },
        state: { columns, width: columns.length, segments: [{ steps: [] }] },
      }
    }
    default: {
      const pipeline = pipelines.get(syntax.name)
      if (pipeline !== undefined)
        return bindPipeline(pipeline, environment, scope.definitions, pipelines, tables)
      const columns = tables.get(syntax.name)
      if (columns === undefined) {
        const there = [...tables.keys()].join(', ')
        throw environment.error(
          'Semantic',
          `there is no table ${JSON.stringify(syntax.name)}; there is: ${there}`,
          syntax.at,
        )
      }
      return bindTable(syntax.name, columns)
    }
  }
}

function attempting(environment: Environment, at: number, rows: () => readonly Row[]): () => readonly Row[] {
  return () => {
    try {
      return rows()
    } catch (error) {
      throw environment.positioned(error, at)
    }
  }
}

function datatableValue(bound: Bound, type: KqlType, environment: Environment): Bound {
  if (bound.constant?.value === null) return constantOf(type, absent(type), bound.at)
  const fits = bound.type === type || (type !== 'string' && bound.type !== 'dynamic')
  if (!fits && type !== 'dynamic') {
    throw environment.error('Semantic', `a value of type ${bound.type} in a column of type ${type}`, bound.at)
  }
  return converted(bound, type)
}

function bindTable(name: string, declared: readonly Column[]): Planned {
  const used = new Set<number>()
  const columns = declared.map((column, slot): ColumnSymbol => ({
    name: column.name,
    type: typeOfColumn(column.type),
    slot,
    use: () => void used.add(slot),
  }))
  const sources = columns.map(({ name, type, slot }): SourceColumn => ({
    name,
    type,
    isUsed: () => used.has(slot),
  }))
  return {
    source: { kind: 'table', name, columns: sources },
    state: { columns, width: columns.length, segments: [{ steps: [] }] },
  }
}

function firstColumn(rows: readonly Row[], { segments, columns }: TableState): readonly Value[] {
  const steps = (segments[0]?.steps ?? []).map((start) => start())
  const slot = columns[0]?.slot ?? 0
  return rows.flatMap((row) => {
    const result = applySteps(steps, row)
    return result === undefined || result === 'stop' ? [] : [result[slot]]
  })
}
