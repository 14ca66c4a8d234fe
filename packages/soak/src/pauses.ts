/** Times at which this process did not run: the machine slept, or somebody stopped it. */
export interface Pauses {
  readonly count: number
  stop(): void
}

const TICK_MS = 1000

/** Later than this, and requests may have run into their deadline although nothing was wrong with them. */
const LATE_MS = 10_000

export function watchPauses(): Pauses {
  let last = performance.now()
  let count = 0
  const ticking = setInterval(() => {
    const now = performance.now()
    if (now - last > LATE_MS) count += 1
    last = now
  }, TICK_MS)
  return {
    get count() {
      return count
    },
    stop: () => clearInterval(ticking),
  }
}
