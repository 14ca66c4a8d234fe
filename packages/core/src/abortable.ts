import type { Clock } from './clock.ts'

/** Stands for a result that nobody waits for any more. */
export const ABORTED: unique symbol = Symbol('aborted')

/** The result of `work`, or {@link ABORTED} as soon as the signal fires; what `work` does after that is ignored. */
export function untilAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | typeof ABORTED> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(ABORTED)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Longest interval of a Node timer, in milliseconds. */
const LONGEST_TIMER_MS = 2_147_483_647

/**
 * Resolves after `delayMs`, or at once when the signal fires. Keeps the process alive meanwhile, because somebody awaits
 * what happens afterwards; the clock's own timers do not.
 */
export function wait(delayMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const alive = setInterval(() => {}, LONGEST_TIMER_MS)
    const end = (): void => {
      cancel()
      clearInterval(alive)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(delayMs, end)
    signal.addEventListener('abort', end, { once: true })
  })
}
