import { setTimeout as wait } from 'node:timers/promises'

/** Calls come in bursts, one a tick, as requests come to a server. */
const TICK_MS = 10

/** Calls `work(from … to - 1)` at `perSecond`, in bursts. It runs late when the calls take longer than their time. */
export async function pace(
  from: number,
  to: number,
  perSecond: number,
  work: (number: number) => void,
): Promise<void> {
  const startedAt = performance.now()
  let next = from
  while (next < to) {
    const due = Math.min(to, from + Math.ceil(((performance.now() - startedAt) / 1000) * perSecond))
    // After a stall the missed calls do not come all at once: no server has that many requests in one turn.
    const burst = Math.min(due, next + Math.ceil((perSecond * TICK_MS * 4) / 1000))
    for (; next < burst; next += 1) work(next)
    await wait(TICK_MS)
  }
}
