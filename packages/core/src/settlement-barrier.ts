/** Lets callers wait until everything that is on its way right now is settled. */
export interface SettlementBarrier<Item> {
  /** Resolves when each of `items` has been settled. */
  wait(items: Iterable<Item>): Promise<void>
  settled(item: Item): void
  /** Says that others took the item's place: who waits for it waits for them. */
  replaced(item: Item, by: readonly Item[]): void
  /** Lets everybody through. */
  open(): void
}

export function createSettlementBarrier<Item>(): SettlementBarrier<Item> {
  const waiters = new Set<{ readonly left: Set<Item>; readonly resolve: () => void }>()
  return {
    wait(items) {
      const left = new Set(items)
      if (left.size === 0) return Promise.resolve()
      return new Promise((resolve) => {
        waiters.add({ left, resolve })
      })
    },
    settled(item) {
      for (const waiter of waiters) {
        if (!waiter.left.delete(item) || waiter.left.size > 0) continue
        waiters.delete(waiter)
        waiter.resolve()
      }
    },
    open() {
      for (const { resolve } of waiters) resolve()
      waiters.clear()
    },
    replaced(item, by) {
      for (const { left } of waiters) {
        if (!left.delete(item)) continue
        for (const part of by) left.add(part)
      }
    },
  }
}
