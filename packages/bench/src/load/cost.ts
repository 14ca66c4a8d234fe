import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** What a stretch of work cost this process. */
export interface Cost {
  readonly wallMs: number
  /** CPU of all threads, user and system. */
  readonly cpuMs: number
  /** CPU of the main thread, user and system. */
  readonly mainThreadCpuMs: number
  /** The longest time for which the event loop did not turn. */
  readonly longestStallMs: number
  /** The largest resident set since the process began, in MB of 1,000,000 bytes. */
  readonly peakRssMb: number
}

/** Resolution of the event loop's delay, in milliseconds; what a turn is late within it is not seen. */
const RESOLUTION_MS = 1

/** Begins to measure; the function that it gives tells what it cost so far. */
export function measureCost(): () => Cost {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  const cpu = process.cpuUsage()
  const mainThread = process.threadCpuUsage()
  const startedAt = performance.now()
  return () => {
    const wallMs = performance.now() - startedAt
    const usedByMainThread = process.threadCpuUsage(mainThread)
    const used = process.cpuUsage(cpu)
    return {
      wallMs,
      cpuMs: (used.user + used.system) / 1000,
      mainThreadCpuMs: (usedByMainThread.user + usedByMainThread.system) / 1000,
      longestStallMs: Math.max(0, delay.max / 1e6 - RESOLUTION_MS),
      peakRssMb: peakRssBytes() / 1e6,
    }
  }
}

/** Linux tells `resourceUsage().maxRSS` with that of the parent in it, as it was when the process was made. */
function peakRssBytes(): number {
  const kilobytes =
    process.platform === 'linux'
      ? Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
      : process.resourceUsage().maxRSS
  return kilobytes * 1024
}
