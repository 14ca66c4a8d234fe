import { setTimeout as sleep } from 'node:timers/promises'

import type { ErrorCode } from '../error-code.ts'
import type { Finding } from './check.ts'

/** What may pass by itself: a role that spreads, a rule that was just made, throttling, an outage. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['AZL3010', 'AZL3013', 'AZL3016', 'AZL3017'])

/** Pauses between two tries, in milliseconds. */
const LONGEST_PAUSE_MS = 10_000
const SHORTEST_PAUSE_MS = 250

/** The pause that fits a wait of `waitMs` in all. */
export function pauseFor(waitMs: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, waitMs / 40))
}

/** Repeats a check while it fails for a reason that may pass, for `waitMs` at most. */
export async function repeatUntilAllowed(
  check: () => Promise<Finding>,
  { waitMs, note }: { readonly waitMs: number; readonly note: (text: string) => void },
): Promise<Finding> {
  const until = Date.now() + waitMs
  const pauseMs = pauseFor(waitMs)
  for (;;) {
    const finding = await check()
    if (finding.status !== 'fail' || !PASSING.has(finding.code) || Date.now() + pauseMs > until)
      return finding
    note(`   waiting: ${finding.evidence}`)
    await sleep(pauseMs)
  }
}
