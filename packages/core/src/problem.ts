import { writeSync } from 'node:fs'

import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import type { AzlogsError, AzlogsErrorCode } from './errors.ts'

/** Something that the owner of the logs must know. */
export interface Problem {
  /**
   * `lost`: the records are gone. `quarantined`: the service will never take them; they are in `records`.
   * `delayed`: nothing is lost, it is kept and tried again. `degraded`: nothing is lost, but the spool does not keep it.
   */
  readonly kind: 'lost' | 'quarantined' | 'delayed' | 'degraded'
  /** What it is. Cause and remedy of each: https://github.com/azlogs/azlogs/blob/main/docs/errors.md */
  readonly code: AzlogsErrorCode
  /** When this was told, in ISO 8601. */
  readonly time: string
  /** What happened, to how many records, and what to do. */
  readonly message: string
  /** Records concerned, all like problems since the last report included. */
  readonly recordCount: number
  /** Like problems since the last report that were not told one by one. */
  readonly suppressedCount: number
  /** The records as JSON text, when they are handed over here. */
  readonly records?: readonly string[]
  /** What the service or the network said. */
  readonly error?: AzlogsError
}

/** A problem before it is decided whether now is the time to tell it. */
export interface ProblemReport {
  readonly kind: Problem['kind']
  readonly code: AzlogsErrorCode
  /** The sentence, given the records concerned. */
  readonly describe: (recordCount: number) => string
  readonly recordCount: number
  readonly records?: readonly string[]
  readonly error?: AzlogsError
}

/** Tells problems: the first of its kind at once, those that follow within a minute together. */
export interface ProblemReporter {
  /** Tells it now, or counts it for the next time. */
  report(report: ProblemReport): void
  /** Tells losses that have been held back, and stops the timer. That something was late or at risk is no news any more. */
  flush(): void
}

/** Least time between two reports of one kind and code, in milliseconds. */
export const REPORT_INTERVAL_MS = 60_000

interface Held {
  latest: ProblemReport | undefined
  recordCount: number
  suppressedCount: number
  cancel: () => void
}

/** Tells problems to `onProblem`, or on stderr without one. Whatever `onProblem` throws stays here. */
export function createProblemReporter(
  onProblem: ((problem: Problem) => void) | undefined,
  clock: Clock = systemClock,
): ProblemReporter {
  const quiet = new Map<string, Held>()

  function tell(report: ProblemReport, recordCount: number, suppressedCount: number): void {
    const problem: Problem = {
      kind: report.kind,
      code: report.code,
      time: new Date().toISOString(),
      message: report.describe(recordCount),
      recordCount,
      suppressedCount,
      ...(report.records === undefined ? {} : { records: report.records }),
      ...(report.error === undefined ? {} : { error: report.error }),
    }
    try {
      if (onProblem === undefined) printProblem(problem)
      else onProblem(problem)
    } catch {
      // A logger's complaint about itself must not become the application's exception.
    }
  }

  function tellHeld(held: Held, latest: ProblemReport): void {
    const { recordCount, suppressedCount } = held
    held.latest = undefined
    held.recordCount = 0
    held.suppressedCount = 0
    tell(latest, recordCount, suppressedCount)
  }

  function wait(key: string, held: Held): void {
    held.cancel = clock.after(REPORT_INTERVAL_MS, () => {
      if (held.latest === undefined) {
        quiet.delete(key)
      } else {
        tellHeld(held, held.latest)
        wait(key, held)
      }
    })
  }

  return {
    report(report) {
      // Records that are handed over are told each time: this is where they go.
      if (report.records !== undefined && onProblem !== undefined) {
        tell(report, report.recordCount, 0)
        return
      }
      const key = `${report.kind} ${report.code}`
      const held = quiet.get(key)
      if (held !== undefined) {
        held.latest = report
        held.recordCount += report.recordCount
        held.suppressedCount += 1
        return
      }
      const fresh: Held = { latest: undefined, recordCount: 0, suppressedCount: 0, cancel: () => {} }
      quiet.set(key, fresh)
      wait(key, fresh)
      tell(report, report.recordCount, 0)
    },
    flush() {
      for (const held of quiet.values()) {
        held.cancel()
        const { latest } = held
        if (latest?.kind === 'lost' || latest?.kind === 'quarantined') tellHeld(held, latest)
      }
      quiet.clear()
    },
  }
}

function printProblem(problem: Problem): void {
  const more = problem.suppressedCount > 1 ? ` (${problem.suppressedCount} times)` : ''
  try {
    // Synchronous: the process may be ending.
    writeSync(2, `azlogs: ${problem.code}: ${problem.message.replaceAll(/\s*\n\s*/g, ' ')}${more}\n`)
  } catch {
    // No stderr, or one that is full: there is nobody left to tell.
  }
}
