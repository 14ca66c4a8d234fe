/** A range of numbers, both ends included. */
export type Range = readonly [from: number, to: number]

/** A set of record numbers that is kept as ranges: an upload settles them nearly in order, so there are few. */
export interface IndexSet {
  add(index: number): void
  has(index: number): boolean
  readonly size: number
  ranges(): readonly Range[]
}

export function createIndexSet(initial: readonly Range[] = []): IndexSet {
  const ranges: [number, number][] = initial.map(([from, to]) => [from, to])
  let size = ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0)

  /** Position of the first range that ends at `index` or later. */
  function positionOf(index: number): number {
    let low = 0
    let high = ranges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ranges[middle] as Range)[1] < index) low = middle + 1
      else high = middle
    }
    return low
  }

  const has = (index: number): boolean => {
    const range = ranges[positionOf(index)]
    return range !== undefined && range[0] <= index
  }

  return {
    has,
    add(index) {
      if (has(index)) return
      size += 1
      const position = positionOf(index)
      const before = ranges[position - 1]
      const after = ranges[position]
      const joinsBefore = before?.[1] === index - 1
      const joinsAfter = after?.[0] === index + 1
      if (before !== undefined && after !== undefined && joinsBefore && joinsAfter) {
        before[1] = after[1]
        ranges.splice(position, 1)
      } else if (before !== undefined && joinsBefore) before[1] = index
      else if (after !== undefined && joinsAfter) after[0] = index
      else ranges.splice(position, 0, [index, index])
    },
    get size() {
      return size
    },
    ranges: () => ranges.map(([from, to]) => [from, to] as const),
  }
}
