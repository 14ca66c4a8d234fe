import type { ShipperStats } from './shipper-stats.ts'
import { emitInMain } from './worker-channel.ts'

/** Tells a worker's counters to the main thread. */
export interface WorkerStats {
  /** Tells them now, unless they are as they were last told. */
  tell(): void
  /** Tells them for the last time. */
  close(): void
}

/** @param intervalMs how often counters that have changed are told, in milliseconds */
export function createWorkerStats(read: () => ShipperStats | undefined, intervalMs: number): WorkerStats {
  let told = ''
  const timer = setInterval(tell, intervalMs)
  timer.unref()

  function tell(): void {
    const stats = read()
    if (stats === undefined) return
    // That time goes by is no news.
    const { tokenAgeMs: _tokenAgeMs, oldestPendingMs: _oldestPendingMs, ...counters } = stats
    const news = JSON.stringify(counters)
    if (news === told) return
    told = news
    emitInMain('azlogs:stats', stats)
  }

  return {
    tell,
    close() {
      clearInterval(timer)
      tell()
    },
  }
}
