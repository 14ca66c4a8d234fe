export interface ChangeSignal {
  /** Something changed: every waiting condition is looked at again. */
  readonly notify: () => void
  /**
   * Resolves as soon as the condition holds, at once if it holds already. Without `timeoutMs` it waits for ever.
   *
   * @throws {Error} with `describe()` when the time is up, or the signal was closed.
   */
  readonly until: (
    condition: () => boolean,
    options: { readonly timeoutMs?: number; readonly describe: () => string },
  ) => Promise<void>
  readonly close: () => void
}

const CLOSED = 'the emulator was closed'

/** Waits for conditions without polling. */
export function createChangeSignal(): ChangeSignal {
  const waiting = new Set<{ check(): void; fail(reason: string): void }>()
  let closed = false
  return {
    notify() {
      for (const waiter of waiting) waiter.check()
    },
    until(condition, { timeoutMs, describe }) {
      return new Promise((resolve, reject) => {
        if (closed) {
          reject(new Error(`${CLOSED}: ${describe()}`))
          return
        }
        if (condition()) {
          resolve()
          return
        }
        const settle = (): void => {
          clearTimeout(timer)
          waiting.delete(waiter)
        }
        const waiter = {
          check(): void {
            if (!condition()) return
            settle()
            resolve()
          },
          fail(reason: string): void {
            settle()
            reject(new Error(`${reason}: ${describe()}`))
          },
        }
        const timer =
          timeoutMs === undefined
            ? undefined
            : setTimeout(() => waiter.fail(`${timeoutMs} ms are over`), timeoutMs)
        waiting.add(waiter)
      })
    },
    close() {
      closed = true
      for (const waiter of waiting) waiter.fail(CLOSED)
    },
  }
}
