/** A number of places for work under way. One waiter at a time. */
export interface Slots {
  /** Resolves when a place is free. */
  free(): Promise<void>
  /** Takes a place until `work` is done. `work` must not reject. */
  occupy(work: Promise<void>): void
  /** Resolves when all places are free. */
  allFree(): Promise<void>
}

export function createSlots(count: number): Slots {
  let occupied = 0
  let waiting: { readonly limit: number; readonly resolve: () => void } | undefined

  function atMost(limit: number): Promise<void> {
    if (occupied <= limit) return Promise.resolve()
    return new Promise((resolve) => {
      waiting = { limit, resolve }
    })
  }

  return {
    free: () => atMost(count - 1),
    occupy(work) {
      occupied += 1
      void work.finally(() => {
        occupied -= 1
        if (waiting !== undefined && occupied <= waiting.limit) waiting.resolve()
      })
    },
    allFree: () => atMost(0),
  }
}
