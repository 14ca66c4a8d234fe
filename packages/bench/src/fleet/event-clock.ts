import type { Clock } from '@azlogs/core/internal'

/** A clock whose time passes only from one event to the next: an hour of a thousand quiet shippers takes seconds. */
export interface EventClock extends Clock {
  /** Lets time pass until `time`, event by event; everything that an event sets off settles before the next. */
  runUntil(time: number): Promise<void>
  /** Resolves when `delayMs` have passed. */
  sleep(delayMs: number): Promise<void>
}

interface Event {
  readonly at: number
  /** Order among events of one instant: first scheduled, first run. */
  readonly order: number
  task: (() => void) | undefined
}

/** Events fire on whole milliseconds, as timers do: all of one millisecond settle together, which is what makes it fast. */
export function createEventClock(): EventClock {
  const heap: Event[] = []
  let time = 0
  let scheduled = 0

  function after(delayMs: number, task: () => void): () => void {
    const event: Event = { at: Math.ceil(time + delayMs), order: scheduled++, task }
    heap.push(event)
    rise(heap)
    return () => {
      event.task = undefined
    }
  }

  return {
    now: () => time,
    after,
    sleep: (delayMs) =>
      new Promise((resolve) => {
        after(delayMs, resolve)
      }),
    async runUntil(until) {
      for (let next = heap[0]; next !== undefined && next.at <= until; next = heap[0]) {
        time = next.at
        while (heap[0]?.at === time) takeFirst(heap)?.task?.()
        await settled()
      }
      time = until
    },
  }
}

/**
 * Two turns of the event loop: each runs every promise chain to its next wait, and a delivery may put its next step off
 * to the turn that follows.
 */
async function settled(): Promise<void> {
  await nextTurn()
  await nextTurn()
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

function isBefore(one: Event, other: Event): boolean {
  return one.at === other.at ? one.order < other.order : one.at < other.at
}

/** Moves the last event of the heap up to its place. */
function rise(heap: Event[]): void {
  let index = heap.length - 1
  const event = heap[index]
  if (event === undefined) return
  while (index > 0) {
    const parentIndex = (index - 1) >> 1
    const parent = heap[parentIndex]
    if (parent === undefined || isBefore(parent, event)) break
    heap[index] = parent
    index = parentIndex
  }
  heap[index] = event
}

/** Takes the earliest event out of the heap. */
function takeFirst(heap: Event[]): Event | undefined {
  const first = heap[0]
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return first
  let index = 0
  for (;;) {
    let childIndex = 2 * index + 1
    let child = heap[childIndex]
    const sibling = heap[childIndex + 1]
    if (child !== undefined && sibling !== undefined && isBefore(sibling, child)) {
      child = sibling
      childIndex += 1
    }
    if (child === undefined || isBefore(last, child)) break
    heap[index] = child
    index = childIndex
  }
  heap[index] = last
  return first
}
