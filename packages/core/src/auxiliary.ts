/**
 * Auxiliary-plan tables refuse a request whose `TimeGenerated` values are further apart than this, in milliseconds.
 * https://learn.microsoft.com/azure/azure-monitor/logs/create-custom-table
 */
const MAX_SPAN_MS = 30 * 60_000

/** What an Auxiliary-plan table wants of `TimeGenerated`. */
export interface TimeWindow {
  /** True when a row of this time cannot join those since {@link TimeWindow.restart}. */
  isOver(timeMs: number): boolean
  add(timeMs: number): void
  restart(): void
}

/** The times of the rows of one batch. */
export function createTimeWindow(): TimeWindow {
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  return {
    isOver: (timeMs) => Math.max(last, timeMs) - Math.min(first, timeMs) >= MAX_SPAN_MS,
    add(timeMs) {
      first = Math.min(first, timeMs)
      last = Math.max(last, timeMs)
    },
    restart() {
      first = Number.POSITIVE_INFINITY
      last = Number.NEGATIVE_INFINITY
    },
  }
}

/** The row with `TimeGenerated` in ISO 8601 with exactly six decimals, which is the only form that is taken, and its time. */
export function withSixDecimals(row: object): { readonly row: object; readonly timeMs: number } {
  try {
    const given: unknown = Reflect.get(row, 'TimeGenerated')
    const isTime = typeof given === 'string' || typeof given === 'number' || given instanceof Date
    const asked = isTime ? new Date(given) : new Date()
    const time = Number.isNaN(asked.getTime()) ? new Date() : asked
    const text = time.toISOString()
    const fraction =
      (typeof given === 'string' ? /\.(\d+)/.exec(given)?.[1] : undefined) ?? text.slice(-4, -1)
    const padded = `${text.slice(0, -4)}${fraction.slice(0, 6).padEnd(6, '0')}Z`
    return { row: { ...row, TimeGenerated: padded }, timeMs: time.getTime() }
  } catch {
    // A row that cannot be read is the encoder's to mark.
    return { row, timeMs: Date.now() }
  }
}
