import type { StoredValue } from './convert.ts'

export type Insert = (table: string, rows: readonly (readonly StoredValue[])[]) => void

export interface IngestionDelay {
  readonly insert: Insert
  /** Forgets what is not visible yet. */
  readonly clear: () => void
  /** Stores the rest at once. */
  readonly flush: () => void
}

/** Rows become visible a while after they were accepted, in their order, as in Azure. */
export function createIngestionDelay(delayMs: number, insert: Insert, onVisible: () => void): IngestionDelay {
  if (!(delayMs >= 0 && delayMs <= MAX_TIMER_MS))
    throw new RangeError(`visibleAfterMs must be from 0 to ${MAX_TIMER_MS}, not ${delayMs}`)
  if (delayMs === 0) return { insert, clear() {}, flush() {} }
  const waiting = new Map<NodeJS.Timeout, () => void>()
  return {
    insert(table, rows) {
      const store = (): void => {
        clearTimeout(timer)
        waiting.delete(timer)
        insert(table, rows)
      }
      const timer = setTimeout(() => {
        store()
        onVisible()
      }, delayMs)
      waiting.set(timer, store)
    },
    clear() {
      for (const timer of waiting.keys()) clearTimeout(timer)
      waiting.clear()
    },
    flush() {
      for (const store of waiting.values()) store()
    },
  }
}

const MAX_TIMER_MS = 2_147_483_647
