// Sends requests to a server at a constant rate, and prints how long they took. Arguments: the url, how many, how many of them to
// warm up, how many a second.
import { sendRequests } from '../load/requests.ts'

const [url = '', count = '0', warmUp = '0', perSecond = '0'] = process.argv.slice(2)

const latencies = await sendRequests(url, {
  count: Number(count),
  warmUp: Number(warmUp),
  perSecond: Number(perSecond),
})
const sorted = latencies.toSorted((one, other) => one - other)
const quantile = (share: number): number => sorted[Math.floor(share * sorted.length)] ?? Number.NaN
process.stdout.write(
  JSON.stringify({ medianMs: quantile(0.5), p99Ms: quantile(0.99), worstMs: sorted.at(-1) }),
  () => process.exit(),
)
