export interface Arrival {
  readonly receivedAt: string
  readonly rowsStored: number
  readonly wireBytes: number
}

export interface Throughput {
  /** Averages over the last ten seconds. */
  readonly rowsPerSecond: number
  readonly requestsPerSecond: number
  readonly bytesPerSecond: number
  /** Rows in each second of the window, oldest first. */
  readonly rows: readonly number[]
}

const WINDOW_SECONDS = 60
const AVERAGE_SECONDS = 10

/** @param arrivals oldest first. */
export function throughputOf(arrivals: readonly Arrival[], nowMs: number): Throughput {
  const rows = Array.from({ length: WINDOW_SECONDS }, () => 0)
  let recentRows = 0
  let requests = 0
  let bytes = 0
  for (let index = arrivals.length - 1; index >= 0; index -= 1) {
    const { receivedAt, rowsStored, wireBytes } = arrivals[index] as Arrival
    const age = Math.max(0, Math.floor((nowMs - Date.parse(receivedAt)) / 1_000))
    if (age >= WINDOW_SECONDS) break
    const second = WINDOW_SECONDS - 1 - age
    rows[second] = (rows[second] ?? 0) + rowsStored
    if (age >= AVERAGE_SECONDS) continue
    recentRows += rowsStored
    requests += 1
    bytes += wireBytes
  }
  return {
    rowsPerSecond: recentRows / AVERAGE_SECONDS,
    requestsPerSecond: requests / AVERAGE_SECONDS,
    bytesPerSecond: bytes / AVERAGE_SECONDS,
    rows,
  }
}
