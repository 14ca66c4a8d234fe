/** How many entries are remembered; the oldest is forgotten first. */
const LIMIT = 10_000
/** What they may hold together, by a generous estimate. */
const LIMIT_BYTES = 64 * 1024 * 1024

export interface History<Entry> {
  /** Returns the entries that had to make room. */
  readonly add: (entry: Entry) => readonly Entry[]
  readonly list: () => readonly Entry[]
  readonly clear: () => void
}

/** The last things that happened, so that an emulator that runs for days does not grow. */
export function createHistory<Entry>(): History<Entry> {
  const entries: Entry[] = []
  const sizes: number[] = []
  let totalBytes = 0
  return {
    add(entry) {
      const size = estimateBytes(entry)
      entries.push(entry)
      sizes.push(size)
      totalBytes += size
      const forgotten: Entry[] = []
      // The newest entry stays, however large it is.
      while (entries.length > LIMIT || (totalBytes > LIMIT_BYTES && entries.length > 1)) {
        forgotten.push(entries.shift() as Entry)
        totalBytes -= sizes.shift() ?? 0
      }
      return forgotten
    },
    list: () => [...entries],
    clear() {
      entries.length = 0
      sizes.length = 0
      totalBytes = 0
    },
  }
}

/** A place in a slow dictionary, and the headers of the two strings in it. */
const MEMBER_BYTES = 100
const CHARACTER_BYTES = 2

function estimateBytes(value: unknown): number {
  if (typeof value === 'string') return value.length * CHARACTER_BYTES
  if (typeof value !== 'object' || value === null) return 0
  let bytes = MEMBER_BYTES
  for (const [name, member] of Object.entries(value)) {
    bytes += MEMBER_BYTES + name.length * CHARACTER_BYTES + estimateBytes(member)
  }
  return bytes
}
