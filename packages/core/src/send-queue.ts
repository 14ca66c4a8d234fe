import type { Batch } from './batch.ts'

/** Batches that could be sent now: what is being logged, and what comes out of the spool. */
export interface SendQueue {
  /** Puts a batch at the end. */
  add(batch: Batch): void
  /** Puts batches back at the head, in their order. */
  back(...batches: readonly Batch[]): void
  /** Takes the batch whose turn it is. */
  next(): Batch | undefined
  /** Takes the batch that has waited longest of those that suit. */
  oldest(suits: (batch: Batch) => boolean): Batch | undefined
  /** Takes all of them. */
  clear(): readonly Batch[]
  readonly size: number
  /** Replayed batches among them. */
  readonly replays: number
}

/** Live batches that leave for each replayed one, so that a long backlog neither delays today's errors nor waits for ever. */
const LIVE_PER_REPLAY = 3

export function createSendQueue(): SendQueue {
  const live: Batch[] = []
  const replayed: Batch[] = []
  let liveInRow = 0

  function laneOf(batch: Batch): Batch[] {
    return batch.replayed ? replayed : live
  }

  return {
    add(batch) {
      laneOf(batch).push(batch)
    },
    back(...batches) {
      for (const batch of batches.toReversed()) laneOf(batch).unshift(batch)
    },
    next() {
      if (replayed.length > 0 && (live.length === 0 || liveInRow >= LIVE_PER_REPLAY)) {
        liveInRow = 0
        return replayed.shift()
      }
      liveInRow = replayed.length === 0 ? 0 : liveInRow + 1
      return live.shift()
    },
    oldest(suits) {
      for (const lane of [replayed, live]) {
        const index = lane.findIndex((batch) => suits(batch))
        if (index >= 0) return lane.splice(index, 1)[0]
      }
      return undefined
    },
    clear: () => [...replayed.splice(0), ...live.splice(0)],
    get size() {
      return live.length + replayed.length
    },
    get replays() {
      return replayed.length
    },
  }
}
