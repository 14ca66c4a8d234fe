import { fail, ok, skip } from './check.ts'
import type { Finding } from './check.ts'
import { explain } from './check-connection.ts'
import { exchange } from './exchange.ts'
import type { Proxy } from './proxy.ts'

/** Beyond this, tokens are refused as expired or not yet valid. */
const MAX_DIFFERENCE_MS = 5 * 60_000

/** This clock against the `Date` of an answer to a request without a token. */
export async function checkClock(
  endpoint: URL,
  proxy: Proxy | undefined,
  timeoutMs: number,
): Promise<Finding> {
  const exchanged = await exchange({ url: endpoint, method: 'HEAD', proxy, timeoutMs })
  if (!exchanged.ok) return explain(exchanged.failure, endpoint, proxy)
  const serverTime = Date.parse(exchanged.answer.headers.date ?? '')
  if (Number.isNaN(serverTime)) return skip(`HTTP ${exchanged.answer.status} without a Date`)
  const differenceMs = Date.now() - serverTime
  const seconds = Math.round(Math.abs(differenceMs) / 1000)
  if (Math.abs(differenceMs) <= MAX_DIFFERENCE_MS) return ok(`${seconds} s apart from the service`)
  return fail(
    'AZL3006',
    `this clock is ${Math.round(seconds / 60)} minutes ${differenceMs > 0 ? 'ahead of' : 'behind'} the service’s: tokens are refused, and times are replaced`,
    'sudo timedatectl set-ntp true   # or set the clock of the container’s host',
  )
}
