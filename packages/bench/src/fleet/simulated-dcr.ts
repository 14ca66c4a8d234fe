import { outcomeOf } from '@azlogs/core/internal'
import type { Outcome } from '@azlogs/core/internal'

import type { EventClock } from './event-clock.ts'
import type { Quota } from './quota.ts'

/** What reached the service in one second. */
export interface Second {
  requests: number
  accepted: number
  /** Answered with 429. */
  rejected: number
  acceptedBytes: number
}

/** One DCR as a thousand shippers see it: a quota, a round trip, and perhaps an outage. */
export interface SimulatedDcr {
  /** A request of this size from one of the shippers. */
  post(shipper: number, rawBytes: number, wireBytes: number): Promise<Outcome>
  /** One entry for each second since the start. */
  readonly seconds: readonly Second[]
  /** Bytes of JSON that it took from each shipper. */
  readonly acceptedBytes: readonly number[]
}

export interface SimulatedDcrOptions {
  readonly clock: EventClock
  readonly random: () => number
  readonly quota: Quota
  /**
   * The `Retry-After` of a 429: when there is room again, or any number of seconds from 1 to 30. Azure documents that there
   * is one, not how it is found.
   */
  readonly hint: 'exact' | 'random'
  readonly shippers: number
  /** When it answers everything with 503, in milliseconds. */
  readonly outage: { readonly fromMs: number; readonly toMs: number } | undefined
}

const ROUND_TRIP_MS = { min: 50, max: 150 }

export function createSimulatedDcr(options: SimulatedDcrOptions): SimulatedDcr {
  const { clock, random, quota, outage } = options
  const seconds: Second[] = []
  const acceptedBytes = Array.from({ length: options.shippers }, () => 0)

  function currentSecond(): Second {
    const now = Math.floor(clock.now() / 1000)
    while (seconds.length <= now) seconds.push({ requests: 0, accepted: 0, rejected: 0, acceptedBytes: 0 })
    return seconds[now] as Second
  }

  /** The status, and the seconds of `Retry-After`. */
  function judge(
    shipper: number,
    rawBytes: number,
    wireBytes: number,
  ): { status: number; retryAfter?: number } {
    const now = clock.now()
    const second = currentSecond()
    second.requests += 1
    if (outage !== undefined && now >= outage.fromMs && now < outage.toMs) return { status: 503 }
    const wait = quota.take({ requests: 1, rawBytes, wireBytes }, now)
    if (wait > 0) {
      second.rejected += 1
      return {
        status: 429,
        retryAfter: options.hint === 'exact' ? Math.ceil(wait / 1000) : 1 + Math.floor(random() * 30),
      }
    }
    second.accepted += 1
    second.acceptedBytes += rawBytes
    acceptedBytes[shipper] = (acceptedBytes[shipper] ?? 0) + rawBytes
    return { status: 204 }
  }

  return {
    async post(shipper, rawBytes, wireBytes) {
      const roundTrip = ROUND_TRIP_MS.min + random() * (ROUND_TRIP_MS.max - ROUND_TRIP_MS.min)
      await clock.sleep(roundTrip / 2)
      const { status, retryAfter } = judge(shipper, rawBytes, wireBytes)
      await clock.sleep(roundTrip / 2)
      return outcomeOf(
        {
          status,
          header: (name) =>
            name === 'retry-after' && retryAfter !== undefined ? String(retryAfter) : undefined,
          body: '',
          clientRequestId: '',
        },
        clock.now(),
      )
    },
    seconds,
    acceptedBytes,
  }
}
