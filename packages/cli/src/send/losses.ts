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

function added(left: Verdict, right: Verdict): Verdict {
  return {
    ...left,
    wireBytes: left.wireBytes + right.wireBytes,
    inflatedBytes: left.inflatedBytes + right.inflatedBytes,
    rowsReceived: left.rowsReceived + right.rowsReceived,
    rowsStored: left.rowsStored + right.rowsStored,
    rowsDiscarded: left.rowsDiscarded + right.rowsDiscarded,
    droppedColumns: addedCounts(left.droppedColumns, right.droppedColumns),
    coercedValues: addedCounts(left.coercedValues, right.coercedValues),
    nulledValues: addedCounts(left.nulledValues, right.nulledValues),
    truncatedValues: addedCounts(left.truncatedValues, right.truncatedValues),
    restampedRows: addedCounts(left.restampedRows, right.restampedRows),
  }
}

function addedCounts<C extends object>(left: C, right: C): C {
  const sum = { ...left } as Record<string, number>
  for (const [name, count] of Object.entries(right)) sum[name] = (sum[name] ?? 0) + Number(count)
  return sum as unknown as C
}
