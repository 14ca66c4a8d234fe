import type { Row } from '../../src/store.ts'
import { facetOf } from './facet.ts'
import type { Facet } from './facet.ts'
import { textOf, valueAt } from './field.ts'
import type { Field } from './field.ts'
import { createConditionTest, NO_FILTER } from './filter.ts'
import type { Filter } from './filter.ts'
import { histogramOf } from './histogram.ts'
import type { Histogram } from './histogram.ts'
import { LEVEL_KINDS, levelKind } from './level.ts'
import type { LevelKind } from './level.ts'
import { searchTextOf } from './search-text.ts'
import type { TableShape } from './table-shape.ts'

export interface LogEntry {
  readonly id: number
  readonly row: Row
  readonly timeMs: number
  readonly level: string
  readonly kind: LevelKind
  readonly searchText: string
  /** Which parts of the filter it passes. */
  passed: number
}

interface LevelCount {
  readonly level: string
  readonly kind: LevelKind
  readonly count: number
}

export interface LogSummary {
  /** As if no level were chosen. */
  readonly levels: readonly LevelCount[]
  readonly histogram: Histogram | undefined
  readonly facets: readonly Facet[]
}

/** The rows that the page holds, and those of them that the filter lets through. */
export interface LogBook {
  readonly entries: () => readonly LogEntry[]
  readonly matches: () => readonly LogEntry[]
  /** How many matches had to go to make room since the start: a list can stay where it is. */
  readonly removedMatches: () => number
  readonly append: (rows: readonly (readonly [id: number, row: Row])[]) => void
  readonly setFilter: (filter: Filter) => void
  readonly clear: () => void
  readonly summarize: (options: { readonly facets: readonly Field[]; readonly maxBins: number }) => LogSummary
  /** Members of the dynamic columns that rows have, as fields. */
  readonly discoveredFields: () => readonly Field[]
}

const CONDITIONS = 1
const LEVEL = 2
const TIME = 4
const ALL = CONDITIONS | LEVEL | TIME

const FACET_VALUES = 8
const MAX_DISCOVERED = 200

/** @param capacity rows that are kept; the oldest go, in one sweep for every twentieth of it. */
export function createLogBook(shape: TableShape, capacity: number): LogBook {
  const dynamicFields = shape.fields.filter((field) => field.type === 'dynamic')
  const discovered = new Map<string, Field>()
  let entries: LogEntry[] = []
  let matches: LogEntry[] = []
  let removed = 0
  let judge = createJudge(NO_FILTER)

  function entryOf(id: number, row: Row): LogEntry {
    const level = (shape.level === undefined ? undefined : textOf(valueAt(row, shape.level))) ?? ''
    const entry: LogEntry = {
      id,
      row,
      timeMs: Date.parse(String(row['TimeGenerated'])),
      level,
      kind: levelKind(level),
      searchText: searchTextOf(row, shape.fields),
      passed: 0,
    }
    entry.passed = judge(entry)
    return entry
  }

  function discover(row: Row): void {
    for (const { column, type } of dynamicFields) {
      const value = row[column]
      if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
      for (const key of Object.keys(value)) {
        const name = `${column}.${key}`
        if (discovered.size < MAX_DISCOVERED && !discovered.has(name)) {
          discovered.set(name, { column, type, path: [key] })
        }
      }
    }
  }

  function trim(): void {
    if (entries.length <= capacity * 1.05) return
    entries = entries.slice(-capacity)
    const firstId = entries[0]?.id ?? 0
    const kept = matches.findIndex((entry) => entry.id >= firstId)
    const gone = kept === -1 ? matches.length : kept
    matches = matches.slice(gone)
    removed += gone
  }

  return {
    entries: () => entries,
    matches: () => matches,
    removedMatches: () => removed,
    append(rows) {
      for (const [id, row] of rows) {
        const entry = entryOf(id, row)
        entries.push(entry)
        if (entry.passed === ALL) matches.push(entry)
        discover(row)
      }
      trim()
    },
    setFilter(filter) {
      judge = createJudge(filter)
      for (const entry of entries) entry.passed = judge(entry)
      matches = entries.filter((entry) => entry.passed === ALL)
    },
    clear() {
      entries = []
      matches = []
      removed = 0
    },
    summarize({ facets, maxBins }) {
      const counts = new Map<string, number>()
      const timed: LogEntry[] = []
      for (const entry of entries) {
        if ((entry.passed & ~LEVEL) === (CONDITIONS | TIME) && entry.level !== '') {
          counts.set(entry.level, (counts.get(entry.level) ?? 0) + 1)
        }
        if (entry.passed === ALL && !Number.isNaN(entry.timeMs)) timed.push(entry)
      }
      return {
        levels: [...counts]
          .map(([level, count]) => ({ level, kind: levelKind(level), count }))
          .sort((a, b) => LEVEL_KINDS.indexOf(a.kind) - LEVEL_KINDS.indexOf(b.kind) || b.count - a.count),
        histogram: histogramOf(timed, { maxBins, range: judge.range }),
        facets: facets.map((field) => facetOf(matches, field, FACET_VALUES)),
      }
    },
    discoveredFields: () => [...discovered.values()],
  }
}

interface Judge {
  (entry: LogEntry): number
  readonly range: Filter['range']
}

function createJudge({ text, levels, conditions, range }: Filter): Judge {
  const wanted = text.trim().toLowerCase()
  const fulfils = createConditionTest(conditions)
  const chosen = new Set(levels)
  const judge = ({ row, searchText, level, timeMs }: LogEntry): number =>
    ((wanted === '' || searchText.includes(wanted)) && fulfils(row) ? CONDITIONS : 0) |
    (chosen.size === 0 || chosen.has(level) ? LEVEL : 0) |
    (range === undefined || (timeMs >= range.fromMs && timeMs < range.toMs) ? TIME : 0)
  return Object.assign(judge, { range })
}

/** Where the entry with this id is; -1 when it is not there. Ids grow. */
export function indexOfId(entries: readonly { readonly id: number }[], id: number): number {
  let low = 0
  let high = entries.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = (entries[middle] as { readonly id: number }).id
    if (found === id) return middle
    if (found < id) low = middle + 1
    else high = middle - 1
  }
  return -1
}
