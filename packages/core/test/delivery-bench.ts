import { gunzipSync, gzipSync } from 'node:zlib'

import { createBatch } from '../src/batch.ts'
import type { Batch, Settlement } from '../src/batch.ts'
import { createDelivery } from '../src/delivery.ts'
import type { Delivery, DeliveryOptions } from '../src/delivery.ts'
import { levelsOf } from '../src/level-counts.ts'
import { outcomeOf } from '../src/outcome.ts'
import type { Outcome } from '../src/outcome.ts'
import { createPacker } from '../src/packer.ts'
import { createVirtualClock } from './virtual-clock.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** A request as a scripted service sees it. */
export interface SentRequest {
  /** Virtual time at which it left. */
  readonly at: number
  /** Number of the destination. */
  readonly to: number
  readonly rows: readonly Record<string, unknown>[]
  /** Bytes of JSON. */
  readonly rawBytes: number
}

export interface DeliveryBench {
  readonly clock: VirtualClock
  readonly delivery: Delivery
  readonly sent: SentRequest[]
  readonly settled: { readonly batch: Batch; readonly settlement: Settlement; readonly at: number }[]
  /** Sizes that were said to be too large. */
  readonly tooLarge: number[]
}

/** The real delivery on a virtual clock, against a service that answers as `answer` says. Compression takes no time. */
export function startDelivery(
  answer: (request: SentRequest, clock: VirtualClock) => Outcome | Promise<Outcome>,
  options: Partial<DeliveryOptions> & { readonly destinations?: number } = {},
): DeliveryBench {
  const clock = createVirtualClock(3)
  const sent: SentRequest[] = []
  const settled: DeliveryBench['settled'] = []
  const tooLarge: number[] = []
  const delivery = createDelivery({
    clock,
    maxConcurrency: 8,
    maxInFlightBytes: Number.POSITIVE_INFINITY,
    maxBatchBytes: 1_000_000,
    retryForMs: Number.MAX_SAFE_INTEGER,
    compress: async (bytes) => gzipSync(bytes, { level: 1 }),
    sends: Array.from({ length: options.destinations ?? 1 }, (_, to) => async (body: Uint8Array) => {
      const json = gunzipSync(body)
      const rows = JSON.parse(json.toString()) as SentRequest['rows']
      const request = { at: clock.now(), to, rows, rawBytes: json.length }
      sent.push(request)
      return answer(request, clock)
    }),
    onSettled: (batch, settlement) => settled.push({ batch, settlement, at: clock.now() }),
    onReady: () => {},
    onRetry: () => {},
    onReplaced: () => {},
    onTooLarge: (rawBytes) => tooLarge.push(rawBytes),
    onSent: () => {},
    onCompressed: () => {},
    ...options,
  })
  return { clock, delivery, sent, settled, tooLarge }
}

export function batchOf(rows: readonly object[], openedAt = 0): Batch {
  const packer = createPacker(50_000_000)
  const records = rows.map((row) => JSON.stringify(row))
  for (const record of records) packer.add(record)
  const packed = packer.seal()
  if (packed === undefined) throw new Error('a batch needs a row')
  return createBatch(packed, levelsOf(records), openedAt)
}

/** What an HTTP answer means, as the sender would say it. */
export function answered(status: number, headers: Readonly<Record<string, string>> = {}, body = ''): Outcome {
  return outcomeOf({ status, body, clientRequestId: 'test', header: (name) => headers[name] }, Date.now())
}

/** Resolves after `ms` of virtual time. */
export function passing(clock: VirtualClock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve)
  })
}

/** Random numbers in [0, 1) that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
