// Sends requests to servers at a constant rate whenever its parent orders some, and tells how long they took.
import { sendRequests } from '../load/requests.ts'
import type { Requests } from '../load/requests.ts'

/** What the parent orders. */
export interface Order extends Requests {
  readonly url: string
}

/** How long the requests of an order took. */
export interface Latencies {
  readonly medianMs: number
  readonly p99Ms: number
  readonly worstMs: number
}

process.on('message', (order: Order) => {
  // What rejects ends this process, and the parent is told so.
  void (async () => {
    const sorted = (await sendRequests(order.url, order)).toSorted((one, other) => one - other)
    const quantile = (share: number): number => sorted[Math.floor(share * sorted.length)] ?? Number.NaN
    const latencies: Latencies = {
      medianMs: quantile(0.5),
      p99Ms: quantile(0.99),
      worstMs: sorted.at(-1) ?? Number.NaN,
    }
    process.send?.(latencies)
  })()
})
process.on('disconnect', () => process.exit())
