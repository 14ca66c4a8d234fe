import type { Violation } from './accounts.ts'
import type { EndpointTotals } from './endpoint-protocol.ts'
import type { ProcessSummary } from './measurements.ts'
import type { Way } from './plan.ts'
import type { SpoolSize } from './spool-contents.ts'

export interface SpoolMoment extends SpoolSize {
  readonly minute: number
}

/** What a run has found. */
export interface SoakResult {
  readonly seed: number
  /** How long it took. */
  readonly minutes: number
  readonly interrupted: boolean
  readonly violations: readonly Violation[]
  /** Processes whose books were checked, each as often as that happened. */
  readonly checks: number
  readonly recordsLogged: number
  /** Copies not counted. */
  readonly recordsStored: number
  readonly recordsRefused: number
  readonly recordsReportedLost: number
  /** The same by application. */
  readonly reportedLostBy: Readonly<Record<string, number>>
  readonly duplicates: number
  readonly processes: number
  /** How often the machine slept, or this process was stopped. */
  readonly pauses: number
  readonly kills: Readonly<Partial<Record<Way, number>>>
  /** As of the last check; undefined when there was none. */
  readonly endpoint: EndpointTotals | undefined
  readonly spools: readonly SpoolMoment[]
  /** Of the processes that live from the beginning to the end. */
  readonly measured: Readonly<Record<string, ProcessSummary>>
}

export function describeResult(result: SoakResult): string {
  const { endpoint, violations } = result
  const counts = (record: Readonly<Record<string, number>>): string =>
    Object.entries(record)
      .map(([name, count]) => `${name} ${count.toLocaleString('en')}`)
      .join(', ') || 'none'
  const lines = [
    `seed        ${result.seed}`,
    `time        ${result.minutes.toFixed(1)} minutes${result.interrupted ? ', interrupted' : ''}`,
    `records     ${counts({
      logged: result.recordsLogged,
      stored: result.recordsStored,
      refused: result.recordsRefused,
      'reported as lost': result.recordsReportedLost,
      duplicates: result.duplicates,
    })}`,
    `lost by     ${counts(result.reportedLostBy)}`,
    `requests    ${(endpoint?.requests ?? 0).toLocaleString('en')}, the largest of ${endpoint?.largestRequest ?? 0} records`,
    `processes   ${result.processes}, ended on purpose: ${counts(result.kills)}`,
    ...(result.pauses === 0 ? [] : [`pauses      ${result.pauses}`]),
    `faults      ${counts({ ...endpoint?.faults, outages: endpoint?.outages ?? 0 })}`,
    `spools      ${spoolText(result.spools)}`,
    `checks      ${result.checks} of a process`,
    '',
    ...measuredTable(result),
    ...(violations.length === 0 ? [] : ['', ...violations.map(describeViolation)]),
  ]
  return lines.join('\n')
}

function describeViolation({ life, what, numbers }: Violation): string {
  return `VIOLATION: ${life}: ${what}${numbers.length === 0 ? '' : ` (${numbers.join(', ')})`}`
}

function spoolText(spools: readonly SpoolMoment[]): string {
  const inMb = (moments: readonly SpoolMoment[]): string =>
    moments.map(({ bytes }) => (bytes / 1e6).toFixed(2)).join(' ')
  // A long run has more minutes than a line has room.
  const step = Math.ceil(spools.length / 20)
  return spools.length === 0
    ? 'not looked at'
    : `${inMb(spools.filter((_moment, index) => index % step === 0))} MB over time`
}

function measuredTable({ measured }: SoakResult): readonly string[] {
  const rows = Object.entries(measured).map(
    ([name, { rssSlopeMbPerMinute: slope, rssMb, descriptors, minutes }]) => [
      name,
      minutes.toFixed(1),
      slope === undefined ? 'too short' : slope.toFixed(2),
      `${rssMb.first.toFixed(0)} → ${rssMb.last.toFixed(0)} (${rssMb.highest.toFixed(0)})`,
      `${descriptors.first} → ${descriptors.last} (${descriptors.highest})`,
    ],
  )
  if (rows.length === 0) return []
  const head = ['process', 'minutes', 'RSS MB/min', 'RSS MB (most)', 'descriptors (most)']
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
