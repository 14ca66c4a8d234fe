import type { ShipperStats } from '@azlogs/core'

/** What a worker told about itself; nothing before it has told anything. */
export interface FarStats extends Partial<ShipperStats> {
  /** Rows that had arrived there. */
  readonly receivedRows: number
  readonly pending: number
}

/** What only the main thread knows. */
export interface HandedOver {
  readonly handedRows: number
  /** Rows of a worker that died. */
  readonly lostRows: number
  readonly repaired: number
}

/** One account of two shippers, the one in this thread and the one in the worker. Its sums add up at every instant. */
export function sumStats(near: ShipperStats, far: FarStats, handed: HandedOver): ShipperStats {
  const { handedRows, lostRows, repaired } = handed
  const { receivedRows, ...told } = far
  const onTheWay = handedRows - receivedRows
  const sums = add(near, told)
  const lost = { dropped: lostRows, droppedBy: { closed: lostRows } }
  return {
    ...add(sums, {
      accepted: onTheWay,
      pending: onTheWay - lostRows,
      repaired,
      ...lost,
      ...(lostRows > 0 ? { droppedLevels: { closed: { unknown: lostRows } } } : {}),
    }),
    oldestPendingMs: Math.max(near.oldestPendingMs, far.oldestPendingMs ?? 0),
    routes: far.routes ?? near.routes,
    tokenAgeMs: far.tokenAgeMs ?? near.tokenAgeMs,
    clockDifferenceMs: far.clockDifferenceMs ?? near.clockDifferenceMs,
  }
}

/** Adds the numbers of `right` to those of `left`, also within plain objects. */
function add<Sums extends object>(left: Sums, right: object): Sums {
  const sums = { ...left } as Record<string, unknown>
  for (const [name, value] of Object.entries(right)) {
    const known = sums[name]
    if (typeof value === 'number') sums[name] = (typeof known === 'number' ? known : 0) + value
    else if (isPlain(value)) sums[name] = add(isPlain(known) ? known : {}, value)
  }
  return sums as Sums
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
