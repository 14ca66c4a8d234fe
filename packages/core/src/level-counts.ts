/** Records by the name of their level. */
export type LevelCounts = Readonly<Record<string, number>>

/** What stands for records whose row names no level. */
const NO_LEVEL = 'unknown'

/** Sums to add to. Without a prototype: a level may be called «constructor». */
export function noCounts(): Record<string, number> {
  return Object.create(null) as Record<string, number>
}

/** Levels that are told apart in one sum: more than any logger has. */
const MAX_LEVELS = 32

/** Longer than any level's name. */
const MAX_LEVEL_LENGTH = 32

/** The level that a row names. */
export function levelOf(row: unknown): string {
  const level = readColumn(row, 'Level')
  return typeof level === 'string' && level !== '' ? level.slice(0, MAX_LEVEL_LENGTH) : NO_LEVEL
}

/** The OpenTelemetry severity that a row names; 0 when it names none. */
export function severityOf(row: unknown): number {
  const severity = readColumn(row, 'SeverityNumber')
  return typeof severity === 'number' ? severity : 0
}

// A row may be anything, a getter that throws included.
function readColumn(row: unknown, name: string): unknown {
  try {
    return typeof row === 'object' && row !== null ? Reflect.get(row, name) : undefined
  } catch {
    return undefined
  }
}

/** The levels of rows that exist as JSON texts. */
export function levelsOf(records: readonly string[]): LevelCounts {
  const counts = noCounts()
  for (const record of records) {
    const level = levelOf(JSON.parse(record))
    counts[level] = (counts[level] ?? 0) + 1
  }
  return counts
}

/** Adds `counts` to `sums`, which do not grow beyond a number of levels. */
export function addCounts(sums: Record<string, number>, counts: LevelCounts): void {
  for (const [name, count] of Object.entries(counts)) {
    const level = name in sums || Object.keys(sums).length < MAX_LEVELS ? name : NO_LEVEL
    sums[level] = (sums[level] ?? 0) + count
  }
}

/** All records of the counts. */
export function totalOf(counts: LevelCounts): number {
  let total = 0
  for (const count of Object.values(counts)) total += count
  return total
}
