/** Counts what arrives and wakes those who wait for a number of it. */
export interface Arrivals {
  add(count: number): void
  /** Resolves when so many have arrived. */
  reach(count: number): Promise<void>
  readonly count: number
}

export function createArrivals(): Arrivals {
  let count = 0
  let waiting: { readonly count: number; readonly resolve: () => void }[] = []

  return {
    add(more) {
      count += more
      for (const one of waiting) if (one.count <= count) one.resolve()
      waiting = waiting.filter((one) => one.count > count)
    },
    reach(wanted) {
      if (wanted <= count) return Promise.resolve()
      return new Promise((resolve) => waiting.push({ count: wanted, resolve }))
    },
    get count() {
      return count
    },
  }
}
