/** How many entries are remembered; the oldest is forgotten first. */
const LIMIT = 10_000

export interface History<Entry> {
  /** Returns the entry that had to make room. */
  readonly add: (entry: Entry) => Entry | undefined
  readonly list: () => readonly Entry[]
  readonly clear: () => void
}

/** The last things that happened, so that an emulator that runs for days does not grow. */
export function createHistory<Entry>(): History<Entry> {
  const entries: Entry[] = []
  return {
    add(entry) {
      entries.push(entry)
      return entries.length > LIMIT ? entries.shift() : undefined
    },
    list: () => [...entries],
    clear() {
      entries.length = 0
    },
  }
}
