export interface ChangeSignal {
  /** Something changed: every waiting condition is looked at again. */
  readonly notify: () => void
  /**
   * Resolves as soon as the condition holds, at once if it holds already. Without `timeoutMs` and `signal` it waits for
   * ever.
   *
   * @throws {Error} with `describe()` when the time is up, `signal` was aborted, or this was closed.
   */
  readonly until: (
    condition: () => boolean,
    options: {
      readonly timeoutMs?: number
      readonly signal?: AbortSignal | undefined
      readonly describe: () => string
    },
  ) => Promise<void>
  readonly close: () => void
}

const CLOSED = 'the emulator was closed'
const ABORTED = 'the wait was aborted'

/** Waits for conditions without polling. */
export function createChangeSignal(): ChangeSignal {
  const waiting = new Set<{ check(): void; fail(reason: string): void }>()
  let closed = false
  return {
    notify() {
      for (const waiter of waiting) waiter.check()
    },
    until(condition, { timeoutMs, signal, describe }) {
      return new Promise((resolve, reject) => {
        if (closed) {
          reject(new Error(`${CLOSED}: ${describe()}`))
          return
        }
        if (signal?.aborted === true) {
          reject(new Error(`${ABORTED}: ${describe()}`))
          return
        }
        if (condition()) {
          resolve()
          return
        }
        const settle = (): void => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', abort)
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
        const abort = (): void => waiter.fail(ABORTED)
        const timer =
          timeoutMs === undefined
            ? undefined
            : setTimeout(() => waiter.fail(`${timeoutMs} ms are over`), timeoutMs)
        signal?.addEventListener('abort', abort)
        waiting.add(waiter)
      })
    },
    close() {
      closed = true
      for (const waiter of waiting) waiter.fail(CLOSED)
    },
  }
}
