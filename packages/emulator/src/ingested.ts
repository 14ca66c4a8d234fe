import type { Emulator } from './emulator.ts'
import { checkPattern, matches, matchingColumns, showValue } from './row-match.ts'
import type { RowPattern } from './row-match.ts'
import type { Row } from './store.ts'
import { describeLosses, describeVerdict } from './verdict.ts'
import type { Verdict } from './verdict.ts'

/** How many rows are expected, where, and for how long they are waited for. */
export interface IngestedOptions {
  /** Exactly this many rows, counted at the moment when there are as many; without it, one or more. */
  readonly times?: number
  /**
   * How long to wait for them, in milliseconds.
   *
   * @default 10,000; 0 when nothing is expected: with `.not` and `times: 0`
   */
  readonly within?: number
  /** @default the first table of the schema */
  readonly table?: string
}

/** What the functions of the test kit use of an emulator. */
export type ObservedEmulator = Pick<Emulator, 'rows' | 'verdicts' | 'follow'>

export interface Sighting {
  readonly pass: boolean
  readonly found: readonly Row[]
  /** Why it failed, or what was found instead of nothing. */
  readonly message: () => string
}

const WITHIN_MS = 10_000
/** Of a timer. */
const LONGEST_MS = 2 ** 31 - 1
const NEAREST_SHOWN = 2
const UPLOADS_SHOWN = 5

/**
 * Waits until the rows that match are there.
 *
 * @param hoped false when the caller hopes that there are none: then it does not wait unless told to.
 * @throws {TypeError | RangeError} for a pattern, a number or a table that makes no sense.
 */
export async function lookFor(
  emulator: ObservedEmulator,
  pattern: RowPattern,
  options: IngestedOptions,
  hoped: boolean,
): Promise<Sighting> {
  const { times, table } = options
  checkPattern(pattern)
  checkCount('times', times)
  checkCount('within', options.within)
  const within = options.within ?? (hoped && times !== 0 ? WITHIN_MS : 0)
  const { rows, found } = await waitForMatches(emulator, pattern, {
    wanted: Math.max(times ?? 1, 1),
    within,
    table,
  })
  return {
    pass: times === undefined ? found.length > 0 : found.length === times,
    found,
    message: () => explain({ emulator, pattern, options, within, hoped, rows, found }),
  }
}

interface Search {
  readonly wanted: number
  /** Milliseconds. */
  readonly within: number
  readonly table: string | undefined
}

interface Look {
  readonly rows: readonly Row[]
  readonly found: readonly Row[]
}

async function waitForMatches(
  emulator: ObservedEmulator,
  pattern: RowPattern,
  { wanted, within, table }: Search,
): Promise<Look> {
  const signal = AbortSignal.timeout(Math.min(Math.ceil(within), LONGEST_MS))
  const look = (): Look => {
    const rows = emulator.rows(table)
    return { rows, found: rows.filter((row) => matches(pattern, row)) }
  }
  // Before the first look: between the two nothing can come unseen. How many rows there are says nothing about news,
  // because the oldest may go as fast as new ones come.
  const news = emulator.follow(table, { signal })
  let seen = look()
  const isOver = (): boolean => seen.found.length >= wanted || strangersOf(pattern, seen.rows).length > 0
  if (within === 0 || isOver()) return seen
  for await (const arrived of news) {
    const isWorthALook =
      arrived.some((row) => matches(pattern, row)) || strangersOf(pattern, arrived).length > 0
    if (!isWorthALook) continue
    seen = look()
    if (isOver()) return seen
  }
  // Without a signal the emulator was closed: what was there is all there is.
  return signal.aborted ? look() : seen
}

/** Columns that the table does not have: to wait for them is in vain. */
function strangersOf(pattern: RowPattern, [row]: readonly Row[]): readonly string[] {
  return row === undefined ? [] : Object.keys(pattern).filter((name) => !Object.hasOwn(row, name))
}

interface Facts {
  readonly emulator: ObservedEmulator
  readonly pattern: RowPattern
  readonly options: IngestedOptions
  readonly within: number
  readonly hoped: boolean
  readonly rows: readonly Row[]
  readonly found: readonly Row[]
}

function explain({ emulator, pattern, options, within, hoped, rows, found }: Facts): string {
  const { times } = options
  const wanted = !hoped ? 'no rows' : times === undefined ? 'a row' : countOf(times, 'row')
  const patience = within > 0 ? ` within ${within} ms` : ''
  const outcome = `${countOf(rows.length, 'row')} in the table, ${found.length === 0 ? 'none' : found.length} like it`
  const rowsToShow = found.length > 0 ? found : nearest(pattern, rows)
  return [
    `expected ${wanted} like ${showValue(pattern)}${patience}: ${outcome}`,
    ...strangersOf(pattern, rows).map((name) => noColumn(name, Object.keys(rows[0] ?? {}))),
    ...rowsToShow.slice(0, NEAREST_SHOWN).flatMap((row) => describeRow(pattern, row)),
    ...describeUploads(emulator),
  ].join('\n')
}

function noColumn(name: string, columns: readonly string[]): string {
  const near = columns.find((column) => column.toLowerCase() === name.toLowerCase())
  const hint = near === undefined ? `it has ${columns.join(', ')}` : `did you mean ${near}?`
  return `  the table has no column ${name}: ${hint}`
}

function nearest(pattern: RowPattern, rows: readonly Row[]): readonly Row[] {
  return rows
    .map((row) => ({ row, score: matchingColumns(pattern, row) }))
    .toSorted((a, b) => b.score - a.score)
    .map(({ row }) => row)
}

function describeRow(pattern: RowPattern, row: Row): readonly string[] {
  const names = Object.keys(pattern)
  const matching = matchingColumns(pattern, row)
  const head =
    matching === names.length
      ? 'a row like it:'
      : `nearest row, ${matching} of ${countOf(names.length, 'column')}:`
  const lines = names
    .filter((name) => Object.hasOwn(row, name))
    .flatMap((name) =>
      matches(pattern[name], row[name])
        ? [`      ${name}: ${showValue(row[name])}`]
        : [`    - ${name}: ${showValue(pattern[name])}`, `    + ${name}: ${showValue(row[name])}`],
    )
  return [`  ${head}`, ...lines]
}

/** The last uploads, and what each of them lost. */
function describeUploads(emulator: ObservedEmulator): readonly string[] {
  const verdicts = emulator.verdicts()
  if (verdicts.length === 0) return ['  no upload has arrived']
  return [
    verdicts.length > UPLOADS_SHOWN
      ? `  the last ${UPLOADS_SHOWN} of ${verdicts.length} uploads:`
      : '  uploads:',
    ...verdicts.slice(-UPLOADS_SHOWN).flatMap(describeUpload),
  ]
}

function describeUpload(verdict: Verdict): readonly string[] {
  const losses = describeLosses(verdict).map((loss) => `      ! ${loss}`)
  return [`    ${describeVerdict(verdict)}`, ...losses]
}

function checkCount(name: string, value: number | undefined): void {
  if (value !== undefined && !(Number.isFinite(value) && value >= 0)) {
    throw new RangeError(`${name} must be a number from 0, not ${value}`)
  }
}

function countOf(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`
}
