import type { RestampedRows } from './verdict.ts'

const DAY_MS = 24 * 60 * 60_000

// "Older than 2 days or more than 1 day in the future is replaced by the received time"
// (azure-monitor-docs, log-standard-columns.md and data-ingestion-time.md, 2026-02).
const OLDEST_MS = 2 * DAY_MS
const NEWEST_MS = DAY_MS

/** "ISO 8601 format with 6 decimal places" (azure-monitor-docs, create-custom-table.md, Auxiliary plan). */
const MICROSECONDS = /\.\d{6}Z$/

export interface Stamp {
  /**
   * The TimeGenerated that is stored: the one of the row, or the time of arrival, which is counted with its cause.
   *
   * @param time as a datetime of the row; null when it has none.
   */
  readonly of: (
    time: string | null,
    options: { readonly wasSent: boolean; readonly microsecondsOnly: boolean },
  ) => string
  readonly counts: RestampedRows
}

export function createStamp(receivedAtMs: number): Stamp {
  const receivedAt = new Date(receivedAtMs).toISOString()
  const counts = { tooOld: 0, tooNew: 0, unreadable: 0, notMicroseconds: 0, missing: 0 }

  const problemOf = (
    time: string | null,
    { wasSent, microsecondsOnly }: Parameters<Stamp['of']>[1],
  ): keyof RestampedRows | undefined => {
    if (time === null) return wasSent ? 'unreadable' : 'missing'
    if (microsecondsOnly && !MICROSECONDS.test(time)) return 'notMicroseconds'
    const epochMs = Date.parse(time)
    if (epochMs < receivedAtMs - OLDEST_MS) return 'tooOld'
    return epochMs > receivedAtMs + NEWEST_MS ? 'tooNew' : undefined
  }

  return {
    of(time, options) {
      const problem = problemOf(time, options)
      if (problem === undefined && time !== null) return time
      counts[problem ?? 'missing'] += 1
      return receivedAt
    },
    counts,
  }
}
