import { defaultSchema } from '@azlogs/emulator'

import { columnNameProblem, createColumnNames } from './column-name.ts'
import type { ColumnNames, NameStyle } from './column-name.ts'
import { fitsColumn } from './column-fit.ts'
import { decideType } from './column-type.ts'
import type { InferredType } from './column-type.ts'
import { compareText } from './compare-text.ts'
import { candidatesOf } from './candidates.ts'
import type { Candidate } from './candidates.ts'
import { createValueStats, observe } from './value-stats.ts'

/** A column that the table will have, or could have. */
export interface ProposedColumn {
  readonly name: string
  readonly type: InferredType
  /** Where its value is in `Properties`; undefined for columns that every row has. */
  readonly path?: string
  /** True when the application fills the column itself: `path` is its name then. */
  readonly direct?: true | undefined
  /** True when the table shall have it; else its values stay in `Properties`. */
  readonly promoted: boolean
  /** Share of the rows that had a value, 0 to 1. */
  readonly seen: number
  readonly sample: unknown
  readonly reason: string
  /** What the values look like, when that does not fit the type that is settled. */
  readonly misfit?: InferredType | undefined
  readonly warnings: readonly string[]
}

export interface Proposal {
  readonly rows: number
  /** The columns of every row first, then by path. */
  readonly columns: readonly ProposedColumn[]
  /** About keys that can be no column. */
  readonly warnings: readonly string[]
}

/** A column that is settled, such as one of a lock file: its name and type are kept. */
export interface SettledColumn {
  readonly name: string
  readonly type: InferredType
  readonly path: string
}

export interface ProposalOptions {
  /** @default 'pascal' */
  readonly names?: NameStyle
  /** Columns in all; what is seen most comes first. @default 60 */
  readonly maxColumns?: number
  /** Text with a date and no time becomes a datetime too. @default false */
  readonly dates?: boolean
  /** Paths to promote, however rare. */
  readonly promote?: readonly string[]
  /** Paths to leave in `Properties`, however frequent. */
  readonly demote?: readonly string[]
  readonly settled?: readonly SettledColumn[]
}

/** A key in fewer rows than this has no column of its own. */
const MIN_SEEN = 0.01

/** Collects rows and proposes the columns of their table. */
export interface SchemaInference {
  /** Takes a row as the transport maps it. */
  add(row: Readonly<Record<string, unknown>>): void
  propose(options?: ProposalOptions): Proposal
}

const FIXED = new Map(defaultSchema.columns.map(({ name, type }) => [name, type as InferredType]))

export function createSchemaInference(): SchemaInference {
  const fixed = new Map([...FIXED.keys()].map((name) => [name, createValueStats()]))
  const root = createValueStats()
  const beside = createValueStats()
  let rows = 0

  return {
    add(row) {
      rows += 1
      const { Properties: properties, ...columns } = row
      observe(fixed.get('Properties') ?? root, properties === undefined ? undefined : {})
      for (const [name, value] of Object.entries(columns)) {
        const stats = fixed.get(name)
        if (stats !== undefined) observe(stats, value)
      }
      const strangers = Object.entries(columns).filter(([name]) => !FIXED.has(name))
      observe(beside, Object.fromEntries(strangers))
      observe(root, asObject(properties))
    },
    propose: (options = {}) => {
      const own: ProposedColumn[] = [...fixed].map(([name, stats]) => ({
        name,
        type: FIXED.get(name) ?? 'string',
        promoted: true,
        seen: rows === 0 ? 0 : stats.present / rows,
        sample: name === 'Properties' ? undefined : stats.sample,
        reason: name === 'Properties' ? 'everything without a column' : 'every row',
        warnings: [],
      }))
      const { candidates, warnings } = candidatesOf(root, rows)
      const direct = [...beside.members].map(([name, stats]): Candidate => ({
        path: [name],
        stats,
        direct: true,
      }))
      return {
        rows,
        columns: [...own, ...proposeColumns([...direct, ...candidates], rows, options)],
        warnings,
      }
    },
  }
}

function proposeColumns(
  candidates: readonly Candidate[],
  rows: number,
  options: ProposalOptions,
): readonly ProposedColumn[] {
  const { promote = [], demote = [], settled = [], maxColumns = 60 } = options
  const names = createColumnNames(options.names)
  for (const { name } of settled) names.keep(name)
  const byPath = new Map(settled.map((column) => [column.path, column]))
  const sorted = candidates.toSorted((left, right) => compareText(left.path.join('.'), right.path.join('.')))

  const columns = sorted.flatMap((candidate): readonly ProposedColumn[] => {
    const path = candidate.path.join('.')
    const decision = decideType(candidate.stats, candidate.path.at(-1) ?? '', options)
    if (decision === undefined) return []
    const kept = byPath.get(path)
    const seen = candidate.stats.present / rows
    const misfit =
      kept === undefined || fitsColumn(candidate.stats, decision.type, kept.type) ? undefined : decision.type
    const wanted = kept !== undefined || promote.includes(path)
    const promoted = wanted || (!demote.includes(path) && !candidate.stays && seen >= MIN_SEEN)
    return [
      {
        name: kept?.name ?? nameOf(candidate, names),
        type: kept?.type ?? decision.type,
        path,
        direct: candidate.direct,
        promoted,
        seen,
        sample: candidate.stats.sample,
        reason: promoted || candidate.stays === undefined ? decision.reason : candidate.stays,
        misfit,
        warnings: [
          ...decision.warnings,
          ...(misfit === undefined ? [] : [`is ${kept?.type} in the schema and looks like ${misfit} now`]),
          ...secretWarning(path),
        ],
      },
    ]
  })
  return withinLimit(columns, maxColumns - FIXED.size, new Set([...promote, ...byPath.keys()]))
}

function nameOf({ direct, path }: Candidate, names: ColumnNames): string {
  const [name = ''] = path
  if (direct === undefined || columnNameProblem(name) !== undefined) return names.nameOf(path)
  names.keep(name)
  return name
}

/** Demotes the rarest of the promoted columns until no more than `limit` are left; pinned ones stay. */
function withinLimit(
  columns: readonly ProposedColumn[],
  limit: number,
  pinned: ReadonlySet<string>,
): readonly ProposedColumn[] {
  const isPinned = ({ path = '' }: ProposedColumn): boolean => pinned.has(path)
  const ranked = columns
    .filter(({ promoted }) => promoted)
    .toSorted((left, right) => Number(isPinned(right)) - Number(isPinned(left)) || right.seen - left.seen)
  const beyond = new Set(ranked.slice(Math.max(0, limit)).filter((column) => !isPinned(column)))
  return columns.map((column) =>
    beyond.has(column) ? { ...column, promoted: false, reason: 'rarer than the columns kept' } : column,
  )
}

/** Names whose values should not be in a log at all. */
const SECRET = /(^|[._-])(authorization|cookie|password|passwd|secret|token|api[_-]?key)s?$/i

/** True for a key whose values nobody should see on a screen. */
export function looksSecret(path: string): boolean {
  return SECRET.test(path.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2'))
}

function secretWarning(path: string): readonly string[] {
  return looksSecret(path) ? ['looks like a secret: redact it in the logger'] : []
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}
