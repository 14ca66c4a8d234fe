import type { KqlType } from './types.ts'

/** A node of the syntax tree; `at` is its offset in the text. */
interface Node {
  readonly at: number
}

export type Expression = Node &
  (
    | { readonly kind: 'literal'; readonly type: KqlType; readonly value: unknown }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'star' }
    | { readonly kind: 'typeof'; readonly type: KqlType }
    | { readonly kind: 'member'; readonly target: Expression; readonly name: string }
    | { readonly kind: 'index'; readonly target: Expression; readonly index: Expression }
    | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] }
    | { readonly kind: 'minus'; readonly operand: Expression }
    | {
        readonly kind: 'binary'
        readonly operator: string
        readonly left: Expression
        readonly right: Expression
      }
    /** `in`, `has_any`, `between` and their like: the right side is a list in parentheses. */
    | {
        readonly kind: 'list'
        readonly operator: string
        readonly left: Expression
        readonly items: readonly Expression[]
      }
  )

/** `name = expression`, or an expression that names itself. */
export interface Assignment extends Node {
  readonly name?: string
  readonly value: Expression
}

/** A column name, or a pattern with `*`. */
export interface ColumnPattern extends Node {
  readonly text: string
  /** Of `project-reorder`: the order of what the pattern matches. */
  readonly order?: 'asc' | 'desc'
}

export interface SortKey {
  readonly value: Expression
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/** A part of the pattern of `parse`. */
export type PatternPart = Node &
  (
    | { readonly kind: 'skip' }
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'column'; readonly name: string; readonly type: KqlType }
  )

export type Operator = Node &
  (
    | { readonly kind: 'where'; readonly predicate: Expression }
    | { readonly kind: 'extend' | 'project'; readonly assignments: readonly Assignment[] }
    | {
        readonly kind: 'project-away' | 'project-keep' | 'project-reorder'
        readonly columns: readonly ColumnPattern[]
      }
    | {
        readonly kind: 'project-rename'
        readonly renames: readonly (Node & { name: string; from: string })[]
      }
    | {
        readonly kind: 'parse' | 'parse-where'
        readonly mode: 'simple' | 'relaxed' | 'regex'
        readonly flags: string
        readonly source: Expression
        readonly pattern: readonly PatternPart[]
      }
    | {
        readonly kind: 'summarize'
        readonly aggregates: readonly Assignment[]
        readonly by: readonly Assignment[]
      }
    | { readonly kind: 'distinct'; readonly columns: readonly Assignment[] }
    | { readonly kind: 'count' }
    | { readonly kind: 'take'; readonly count: Expression }
    | { readonly kind: 'sort'; readonly keys: readonly SortKey[] }
    | { readonly kind: 'top'; readonly count: Expression; readonly key: SortKey }
    | {
        readonly kind: 'render'
        readonly chart: string
        readonly properties: Readonly<Record<string, string>>
      }
  )

export type TableSource = Node &
  (
    | { readonly kind: 'table'; readonly name: string }
    | { readonly kind: 'print'; readonly assignments: readonly Assignment[] }
    | {
        readonly kind: 'datatable'
        readonly columns: readonly { readonly name: string; readonly type: KqlType }[]
        readonly values: readonly Expression[]
      }
  )

export interface Pipeline extends Node {
  readonly source: TableSource
  readonly operators: readonly Operator[]
}

export interface Parameter {
  readonly name: string
  readonly type: KqlType
  readonly fallback?: Expression
}

export type Let = Node & {
  readonly name: string
  readonly value:
    | { readonly kind: 'scalar'; readonly expression: Expression }
    | { readonly kind: 'tabular'; readonly pipeline: Pipeline }
    | { readonly kind: 'function'; readonly parameters: readonly Parameter[]; readonly body: Expression }
}

export interface Query {
  readonly lets: readonly Let[]
  readonly pipeline: Pipeline
}
