import { computed, effect, signal, untracked } from '@preact/signals'

import type { TailEvents, ViewedTable } from '../../src/viewer-protocol.ts'
import { fieldName } from '../model/field.ts'
import type { Field } from '../model/field.ts'
import { NO_FILTER, withCondition } from '../model/filter.ts'
import type { Condition, Filter } from '../model/filter.ts'
import { kqlOf } from '../model/kql.ts'
import { createLogBook, indexOfId } from '../model/log-book.ts'
import type { LogBook, LogEntry, LogSummary } from '../model/log-book.ts'
import { shapeOf } from '../model/table-shape.ts'
import type { TableShape } from '../model/table-shape.ts'
import { storedSignal } from './settings.ts'

/** Rows that the page keeps. */
export const CAPACITY = 50_000
const MAX_BINS = 80
/** The summary of 50,000 rows takes some milliseconds: it follows the rows at this pace … */
const SUMMARY_EVERY_MS = 250
/** … or, on a slow machine, at one that leaves most of the time to others. */
const SUMMARY_REST_FACTOR = 10

const NO_TABLE: ViewedTable = { name: '', plan: 'Analytics', columns: [] }
const EMPTY_SUMMARY: LogSummary = { levels: [], histogram: undefined, facets: [] }

export const shape = signal<TableShape>(shapeOf(NO_TABLE))
export const filter = signal<Filter>(NO_FILTER)
export const paused = signal(false)
/** Rows that came while paused. */
export const heldBack = signal(0)
/** The list stays at its newest row. */
export const following = signal(true)
export const selectedId = signal<number | undefined>(undefined)
/** Rows in the emulator's table, of which the page has the newest. */
export const totalRows = signal(0)
/** Rows that went from there to stay within the retention. */
export const evictedRows = signal(0)
export const summary = signal<LogSummary>(EMPTY_SUMMARY)

type NamesByTable = Readonly<Record<string, readonly string[]>>
const isNames = (value: unknown): value is NamesByTable =>
  typeof value === 'object' && value !== null && Object.values(value).every(Array.isArray)
const chosenColumns = storedSignal<NamesByTable>('columns', {}, isNames)
const chosenFacets = storedSignal<NamesByTable>('facets', {}, isNames)

let book: LogBook = createLogBook(shape.value, CAPACITY)
let waiting: TailEvents['rows']['rows'][number][] = []

/** Changes with the book: whoever reads the book's content reads this too. */
const version = signal(0)

/** A new object for each version: the book goes on pushing into its own list. */
export const matches = computed<{ readonly list: readonly LogEntry[] }>(() => {
  void version.value
  return { list: book.matches() }
})
export const matchCount = computed(() => (void version.value, book.matches().length))
export const entryCount = computed(() => (void version.value, book.entries().length))
export const removedMatches = computed(() => (void version.value, book.removedMatches()))

const discovered = signal<readonly Field[]>([])
/** Every field that can be chosen: the declared columns, and the members that rows have in their dynamic columns. */
export const fields = computed<readonly Field[]>(() => [...shape.value.fields, ...discovered.value])

export const columns = computed<readonly Field[]>(() => fieldsNamed(chosenColumns.value, defaultColumns))
export const facetFields = computed<readonly Field[]>(() => fieldsNamed(chosenFacets.value, defaultFacets))
export const kql = computed(() => kqlOf(filter.value, shape.value))

export const selected = computed<LogEntry | undefined>(() => {
  void version.value
  const id = selectedId.value
  return id === undefined ? undefined : book.entries()[indexOfId(book.entries(), id)]
})

export function openTable(table: ViewedTable): void {
  shape.value = shapeOf(table)
  book = createLogBook(shape.value, CAPACITY)
  discovered.value = []
  filter.value = NO_FILTER
  following.value = true
  reset()
}

export function reset(): void {
  book.clear()
  waiting = []
  heldBack.value = 0
  totalRows.value = 0
  evictedRows.value = 0
  selectedId.value = undefined
  changed()
}

export function take({ rows, total, evicted }: TailEvents['rows']): void {
  totalRows.value = total
  evictedRows.value = evicted
  if (paused.value) {
    waiting.push(...rows)
    if (waiting.length > CAPACITY * 1.05) waiting = waiting.slice(-CAPACITY)
    heldBack.value = waiting.length
    return
  }
  book.append(rows)
  changed()
}

export function togglePause(): void {
  paused.value = !paused.value
  if (paused.value) return
  book.append(waiting)
  waiting = []
  heldBack.value = 0
  changed()
}

export function setFilter(next: Filter): void {
  filter.value = next
}

export function addCondition(condition: Condition): void {
  filter.value = withCondition(filter.value, condition)
}

export function toggleLevel(level: string): void {
  const { levels } = filter.value
  filter.value = {
    ...filter.value,
    levels: levels.includes(level) ? levels.filter((other) => other !== level) : [...levels, level],
  }
}

export function toggleColumn(field: Field): void {
  chosenColumns.value = toggled(chosenColumns.value, columns.value, field)
}

export function toggleFacet(field: Field): void {
  chosenFacets.value = toggled(chosenFacets.value, facetFields.value, field)
  summarizeSoon()
}

/** Moves the selection; without one it starts at the newest row. */
export function moveSelection(by: number): void {
  const all = book.matches()
  if (all.length === 0) return
  const current = selectedId.value === undefined ? -1 : indexOfId(all, selectedId.value)
  const next = current === -1 ? all.length - 1 : Math.max(0, Math.min(all.length - 1, current + by))
  following.value = false
  selectedId.value = all[next]?.id
}

/** The filter reaches the book through one place. */
export function applyFilters(): void {
  effect(() => {
    book.setFilter(filter.value)
    untracked(changed)
  })
}

let frame: number | undefined
/** Once a frame, however many events came. */
function changed(): void {
  frame ??= requestAnimationFrame(() => {
    frame = undefined
    version.value += 1
    const found = book.discoveredFields()
    if (found.length !== discovered.value.length) discovered.value = found
    summarizeSoon()
  })
}

let summaryTimer: ReturnType<typeof setTimeout> | undefined
let summarizedAt = -Infinity
let summaryMs = 0
function summarizeSoon(): void {
  const rest = Math.max(SUMMARY_EVERY_MS, SUMMARY_REST_FACTOR * summaryMs)
  const delay = Math.max(0, summarizedAt + rest - performance.now())
  summaryTimer ??= setTimeout(() => {
    summaryTimer = undefined
    const startedAt = performance.now()
    summary.value = book.summarize({ facets: facetFields.value, maxBins: MAX_BINS })
    summarizedAt = performance.now()
    summaryMs = summarizedAt - startedAt
  }, delay)
}

function fieldsNamed(
  chosen: NamesByTable,
  fallback: (shape: TableShape) => readonly Field[],
): readonly Field[] {
  const names = chosen[shape.value.table.name]
  if (names === undefined) return fallback(shape.value)
  return names.flatMap((name) => fields.value.find((field) => fieldName(field) === name) ?? [])
}

function toggled(chosen: NamesByTable, current: readonly Field[], field: Field): NamesByTable {
  const names = current.map(fieldName)
  const name = fieldName(field)
  const next = names.includes(name) ? names.filter((other) => other !== name) : [...names, name]
  return { ...chosen, [shape.value.table.name]: next }
}

function defaultColumns({ logger, message }: TableShape): readonly Field[] {
  return [logger, message].filter((field) => field !== undefined)
}

function defaultFacets({ logger, fields }: TableShape): readonly Field[] {
  const common = fields.filter(({ column }) => ['HostName', 'ErrorType', 'ProcessId'].includes(column))
  return [...(logger === undefined ? [] : [logger]), ...common]
}
