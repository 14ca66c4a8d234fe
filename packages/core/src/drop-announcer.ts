import type { Clock } from './clock.ts'
import { addCounts, noCounts, totalOf } from './level-counts.ts'
import type { LevelCounts } from './level-counts.ts'
import { createRowMapper } from './log-row.ts'
import { SEVERITY } from './severity.ts'

/** Makes gaps visible in the table itself. */
export interface DropAnnouncer {
  dropped(levels: LevelCounts): void
  /** Announces at once what has not been announced yet. */
  flush(): void
}

/** One row for each so many milliseconds of dropping. */
const ANNOUNCE_EVERY_MS = 60_000

/**
 * Offers a row that says how many records of which level are missing, once a minute while records are dropped. A row that
 * is not taken, because there is no room for it either, is offered again with the sums of the next minute.
 */
export function createDropAnnouncer(clock: Clock, offer: (row: object) => boolean): DropAnnouncer {
  const toRow = createRowMapper()
  let missing = noCounts()
  let since = 0
  let cancel: (() => void) | undefined

  function announce(): void {
    cancel?.()
    cancel = undefined
    if (totalOf(missing) > 0 && offer(gapRow(missing, since))) missing = noCounts()
  }

  function gapRow(byLevel: LevelCounts, sinceMs: number): object {
    const total = totalOf(byLevel)
    const list = Object.entries(byLevel).map(([level, count]) => `${count} ${level}`)
    const from = new Date(sinceMs).toISOString()
    const to = new Date().toISOString()
    return toRow({
      level: 'warn',
      severity: SEVERITY.warn,
      logger: 'azlogs',
      message: `${total} log records are missing here, logged from ${from} to ${to}: ${list.join(', ')}`,
      properties: { droppedRecords: total, droppedByLevel: { ...byLevel }, from, to },
    })
  }

  function announceAgain(): void {
    announce()
    if (totalOf(missing) > 0) cancel = clock.after(ANNOUNCE_EVERY_MS, announceAgain)
  }

  return {
    dropped(levels) {
      if (totalOf(missing) === 0) since = Date.now()
      addCounts(missing, levels)
      cancel ??= clock.after(ANNOUNCE_EVERY_MS, announceAgain)
    },
    flush: announce,
  }
}
