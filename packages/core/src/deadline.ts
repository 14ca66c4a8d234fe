/**
 * True when `work` is done in time, false when `timeoutMs` milliseconds have passed. The timer keeps the process alive: somebody
 * waits for this.
 */
export function within(timeoutMs: number, work: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.min(timeoutMs, 2_147_483_647), false)
    void work.then(() => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
