import { describeLosses } from '@azlogs/emulator'
import type { Verdict } from '@azlogs/emulator'

/** What Azure would make of a whole upload, as the emulator judges its requests. */
export interface Judgement {
  readonly requests: number
  readonly rows: number
  /** Uncompressed and gzipped bytes of all requests, and of the largest. */
  readonly bytes: number
  readonly wireBytes: number
  readonly largestBytes: number
  readonly largestWireBytes: number
  /** What would be lost in silence or refused, one sentence each, with the number of rows. */
  readonly losses: readonly string[]
}

/** Adds up the verdicts on the requests of one upload. */
export function createJudge(): { take(verdict: Verdict): void; sum(): Judgement } {
  let total: Verdict | undefined
  let requests = 0
  let largestBytes = 0
  let largestWireBytes = 0
  const refused = new Set<string>()
  return {
    take(verdict) {
      requests += 1
      largestBytes = Math.max(largestBytes, verdict.inflatedBytes)
      largestWireBytes = Math.max(largestWireBytes, verdict.wireBytes)
      if (verdict.status < 200 || verdict.status >= 300) {
        refused.add(
          `${verdict.status} ${verdict.errorCode ?? ''}: ${verdict.nothingStored?.why ?? 'refused'}`,
        )
      }
      total = total === undefined ? verdict : added(total, verdict)
    },
    sum: () => ({
      requests,
      rows: total?.rowsReceived ?? 0,
      bytes: total?.inflatedBytes ?? 0,
      wireBytes: total?.wireBytes ?? 0,
      largestBytes,
      largestWireBytes,
      losses: [...(total === undefined ? [] : describeLosses(total)), ...refused],
    }),
  }
}

/** Numbers, and numbers by name, add up; everything else is that of the first. */
function added(left: Verdict, right: Verdict): Verdict {
  const sums = Object.entries(left).map(([name, value]: [string, unknown]) => {
    const other: unknown = Reflect.get(right, name)
    if (name === 'status') return [name, value] as const
    if (typeof value === 'number') return [name, value + Number(other)] as const
    return isCounts(value) && isCounts(other)
      ? ([name, addedCounts(value, other)] as const)
      : ([name, value] as const)
  })
  return Object.fromEntries(sums) as unknown as Verdict
}

type Counts = Readonly<Record<string, number>>

function isCounts(value: unknown): value is Counts {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((count) => typeof count === 'number')
  )
}

function addedCounts(left: Counts, right: Counts): Counts {
  const sum: Record<string, number> = { ...left }
  for (const [name, count] of Object.entries(right)) sum[name] = (sum[name] ?? 0) + count
  return sum
}
