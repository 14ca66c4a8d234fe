import type { Transform } from './kql/index.ts'

/** The types that a stream can declare (`guid` is a table type that is stored and queried as a string). */
export type ColumnType = 'string' | 'int' | 'long' | 'real' | 'boolean' | 'datetime' | 'dynamic' | 'guid'

/** A column of a table or stream. */
export interface Column {
  /** Case-sensitive, as in Azure. */
  readonly name: string
  readonly type: ColumnType
}

/** What a table costs and can do. `Auxiliary` also asks for six decimals and half an hour at most in a request. */
export type TablePlan = 'Analytics' | 'Basic' | 'Auxiliary'

/** A table of the workspace, checked and complete. */
export interface Table {
  readonly name: string
  readonly plan: TablePlan
  readonly columns: readonly Column[]
}

/** One way of a stream into a table. */
export interface Flow {
  /** Where the rows go. */
  readonly table: Table
  /** KQL over one row at a time; `source` passes it as it is. */
  readonly transformKql: string
  /** Absent when `transformKql` is `source`: rows pass as they are. */
  readonly transform?: Transform
}

/** What a client can send to: the declared columns of the rows that arrive, and where they go. */
export interface Stream {
  readonly name: string
  readonly columns: readonly Column[]
  readonly flows: readonly [Flow, ...Flow[]]
}

/** A data collection rule. */
export interface Rule {
  readonly name: string
  /** Immutable id: `dcr-` and 32 hexadecimal digits. */
  readonly ruleId: string
  readonly streams: readonly [Stream, ...Stream[]]
}

/** Everything that a deployment would have created. */
export interface Schema {
  readonly rules: readonly [Rule, ...Rule[]]
  /** The tables of the one workspace, those of the first rule first. */
  readonly tables: readonly [Table, ...Table[]]
  /** What runs here and Azure may yet refuse at deployment, one sentence each. */
  readonly warnings: readonly string[]
}
