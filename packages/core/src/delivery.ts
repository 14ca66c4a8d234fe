import { createAdaptiveLimit } from './adaptive-limit.ts'
import type { AdaptiveLimit } from './adaptive-limit.ts'
import { backoffMs } from './backoff.ts'
import { createBatch, recordsOf, splitBatch } from './batch.ts'
import type { Batch, Settlement } from './batch.ts'
import { createCircuit, HURRIED_WAIT_MS } from './circuit.ts'
import type { Circuit, Health } from './circuit.ts'
import type { Clock } from './clock.ts'
import { createDivision } from './division.ts'
import { AzlogsError, messageOf } from './errors.ts'
import type { Outcome } from './outcome.ts'
import { createPace } from './pace.ts'
import type { Pace } from './pace.ts'
import { packAlone } from './packer.ts'
import { createSendQueue } from './send-queue.ts'
import type { Send } from './sender.ts'
import { MAX_INFLATED_BYTES, MAX_WIRE_BYTES } from './service.ts'
import { shortenRow } from './shorten.ts'

/** Takes sealed batches and settles each of them: delivered, quarantined or dropped. */
export interface Delivery {
  enqueue(batch: Batch): void
  /** Asks for {@link DeliveryOptions.onReady} as soon as a batch could leave at once. */
  due(): void
  /** Takes the oldest batch that suits and that no sender is at work on; undefined when there is none. */
  takeOldest(suits?: (batch: Batch) => boolean): Batch | undefined
  /** Puts back what {@link Delivery.takeOldest} gave. */
  putBack(batch: Batch): void
  /** For the next `forMs` milliseconds, waits between attempts are short; the service's own `Retry-After` still holds. */
  hurry(forMs: number): void
  /** Ends what is under way. Every batch that is left settles as dropped. Resolves when no sender is at work. */
  abort(): Promise<void>
  /** Batches with a sender at work on them. */
  readonly inFlight: number
  /** Replayed batches that wait for a sender. */
  readonly replaysQueued: number
  /** A request could leave now. */
  readonly ready: boolean
  /** The ways out, as they are now. */
  readonly routes: readonly RouteState[]
}

/** How one destination is doing. */
export interface RouteState {
  /**
   * `closed`: requests leave. `open`: none does, for the time that the service named or after failures. `half-open`:
   * one finds out.
   */
  readonly circuit: Circuit['state']
  /** Requests that may be under way at once. */
  readonly limit: number
  /** Requests under way. */
  readonly inFlight: number
  /** Bytes sent over it. */
  readonly wireBytes: number
}

/** What a delivery needs. */
export interface DeliveryOptions {
  /** One for each destination; a batch goes to one of them. */
  readonly sends: readonly Send[]
  readonly clock: Clock
  readonly maxConcurrency: number
  /** JSON in the batches under way, in bytes: no more of them leave beyond that. */
  readonly maxInFlightBytes: number
  readonly maxBatchBytes: number
  readonly retryForMs: number
  /** Compresses a batch's JSON, off this thread. */
  readonly compress: (bytes: Uint8Array) => Promise<Buffer>
  readonly onSettled: (batch: Batch, settlement: Settlement) => void
  /**
   * Called once after {@link Delivery.due}, when a batch could leave at once and none is queued but those of the spool. May
   * enqueue one.
   */
  readonly onReady: () => void
  /** Called as a request with the batch leaves. */
  readonly onSent: (batch: Batch, wireBytes: number) => void
  /** Called with every batch that has been compressed. */
  readonly onCompressed: (rawBytes: number, wireBytes: number) => void
  /** Called for every attempt that failed and will be repeated. */
  readonly onRetry: (batch: Batch, error: AzlogsError) => void
  /** Called when batches take the place of one that was too large, or that has a bad row in it. */
  readonly onReplaced: (batch: Batch, by: readonly Batch[]) => void
  /** Called when a batch of this many bytes of JSON was over what the service takes. */
  readonly onTooLarge: (rawBytes: number) => void
  readonly random?: () => number
}

/**
 * Least time, in milliseconds, that records are kept while the service refuses them: a role assignment acts after up to 30
 * minutes, and somebody has to make it first.
 */
const KEEP_DENIED_MS = 60 * 60_000

interface Route {
  readonly send: Send
  readonly circuit: Circuit
  readonly limit: AdaptiveLimit
  readonly pace: Pace
  inFlight: number
  wireBytes: number
}

/**
 * One queue, oldest batch first, and for each destination as many senders as it can bear. A batch that waits for a retry
 * holds no sender.
 */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { clock, random = Math.random } = options
  const queue = createSendQueue()
  const waiting = new Map<Batch, () => void>()
  const ending = new AbortController()
  const deliveries = new Set<Promise<void>>()
  const division = createDivision(clock)
  const routes = options.sends.map((send): Route => ({
    send,
    circuit: createCircuit(clock, random),
    limit: createAdaptiveLimit(options.maxConcurrency, clock),
    pace: createPace(clock, options.maxBatchBytes),
    inFlight: 0,
    wireBytes: 0,
  }))
  let inFlightBytes = 0
  let hurriedUntil = Number.NEGATIVE_INFINITY
  let scheduled = false
  /** The open batch wants to be sealed. */
  let due = false
  let cancelWake: (() => void) | undefined

  // Not in the tick that seals a batch: starting a compression costs more than a log call may.
  function schedule(): void {
    if (scheduled) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      pump()
    })
  }

  function pump(): void {
    cancelWake?.()
    cancelWake = undefined
    while (queue.size > 0 || due) {
      if (inFlightBytes >= options.maxInFlightBytes) return
      const route = openRoute()
      if (typeof route === 'number') {
        if (Number.isFinite(route)) cancelWake = clock.after(route, pump)
        return
      }
      if (due && queue.size === queue.replays) {
        due = false
        options.onReady()
      }
      const batch = queue.next()
      if (batch !== undefined) dispatch(batch, route)
    }
  }

  /** The least used of the routes that can take a request now, or in how many milliseconds there will be one. */
  function openRoute(): Route | number {
    let best: Route | undefined
    let soonestMs = Number.POSITIVE_INFINITY
    for (const route of routes) {
      // A route at its limit, or with a probe out, has its turn when a request ends.
      if (route.inFlight >= route.limit.current) continue
      const waitMs = Math.max(route.circuit.waitMs(), clock.now() < hurriedUntil ? 0 : route.pace.waitMs())
      if (waitMs > 0) soonestMs = Math.min(soonestMs, waitMs)
      else if (best === undefined || route.wireBytes < best.wireBytes) best = route
    }
    return best ?? soonestMs
  }

  function dispatch(batch: Batch, route: Route): void {
    const departure = route.circuit.departed()
    const paced = route.pace.departed(batch.rawBytes)
    route.inFlight += 1
    inFlightBytes += batch.rawBytes
    route.limit.started(route.inFlight)
    const delivery = attempt(batch, route)
      .catch((error: unknown): Outcome => ({
        kind: 'retry',
        afterMs: undefined,
        error: internalError(error),
      }))
      .then((outcome) => {
        route.inFlight -= 1
        inFlightBytes -= batch.rawBytes
        route.circuit.answered(departure, healthOf(outcome, batch))
        if (outcome.kind === 'delivered') route.pace.answered(paced, 'taken')
        // A probe that is turned away left too early; that says nothing about the rate.
        else if (isThrottled(outcome) && !departure.probe) route.pace.answered(paced, 'throttled')
        return settle(batch, route, outcome)
      })
      // Dividing needs memory, and a batch whose division failed is still there to be sent again.
      .catch((error: unknown) => retry(batch, route, internalError(error), options.retryForMs))
      .then((settlement) => {
        deliveries.delete(delivery)
        if (settlement !== undefined) options.onSettled(batch, settlement)
        pump()
      })
    deliveries.add(delivery)
  }

  async function attempt(batch: Batch, route: Route): Promise<Outcome> {
    if (batch.rawBytes > MAX_INFLATED_BYTES)
      return { kind: 'too-large', error: tooLarge(`${batch.rawBytes} bytes`) }
    const body = await bodyOf(batch)
    if (body.length > MAX_WIRE_BYTES)
      return { kind: 'too-large', error: tooLarge(`${body.length} bytes compressed`) }
    const sentAt = clock.now()
    route.wireBytes += body.length
    const outcome = await route.send(body, ending.signal, () => options.onSent(batch, body.length))
    route.limit.finished(loadOf(outcome), clock.now() - sentAt)
    return outcome
  }

  /** Compresses the batch when it has not been yet, and lets go of the text. */
  async function bodyOf(batch: Batch): Promise<Buffer> {
    if (batch.body !== undefined) return batch.body
    const body = await options.compress(batch.packed?.bytes ?? Buffer.alloc(0))
    batch.body = body
    batch.packed?.release()
    batch.packed = undefined
    options.onCompressed(batch.rawBytes, body.length)
    return body
  }

  async function settle(batch: Batch, route: Route, outcome: Outcome): Promise<Settlement | undefined> {
    const wireBytes = batch.body?.length ?? 0
    const records = batch.records
    if (outcome.kind === 'delivered') return { kind: 'delivered', wireBytes }
    const reason = division.reasonFor(outcome, { records, wireBytes, failures: batch.failures })
    if (reason === 'size') return makeSmaller(batch, outcome.error)
    if (reason === 'content') return replace(batch, await splitBatch(batch))
    switch (outcome.kind) {
      case 'retry':
        return retry(batch, route, outcome.error, options.retryForMs)
      case 'denied':
      case 'no-token':
        return retry(batch, route, outcome.error, Math.max(options.retryForMs, KEEP_DENIED_MS))
      case 'too-large':
      case 'too-wide':
      case 'rejected':
        return quarantine(batch, outcome.error)
      case 'aborted':
        return { kind: 'dropped', reason: 'deadline', error: outcome.error }
      default:
        return outcome satisfies never
    }
  }

  async function makeSmaller(batch: Batch, error: AzlogsError): Promise<Settlement | undefined> {
    if (batch.records > 1) {
      options.onTooLarge(batch.rawBytes)
      return replace(batch, await splitBatch(batch))
    }
    const [record = ''] = await recordsOf(batch)
    const shorter = batch.whole === undefined ? shortenRow(record) : undefined
    if (shorter === undefined) return quarantine(batch, error)
    const { replayed, file } = batch
    const part = createBatch(packAlone(shorter), batch.levels, batch.openedAt, {
      whole: batch,
      replayed,
      file,
    })
    return replace(batch, [part])
  }

  /** Puts others in the batch's place: in the accounts, and at the head of the queue. */
  function replace(batch: Batch, by: readonly Batch[]): undefined {
    options.onReplaced(batch, by)
    if (ending.signal.aborted) {
      for (const part of by)
        options.onSettled(part, { kind: 'dropped', reason: 'deadline', error: undefined })
    } else {
      queue.back(...by)
    }
  }

  async function quarantine(batch: Batch, error: AzlogsError): Promise<Settlement> {
    return { kind: 'quarantined', error, records: await recordsOf(batch) }
  }

  function retry(batch: Batch, route: Route, error: AzlogsError, keepForMs: number): Settlement | undefined {
    if (ending.signal.aborted) return { kind: 'dropped', reason: 'deadline', error }
    const now = clock.now()
    batch.lastError = error
    batch.firstFailureAt ??= now
    if (now - batch.firstFailureAt >= keepForMs)
      return { kind: 'dropped', reason: 'retries-exhausted', error }
    const wait = backoffMs(batch.failures, undefined, random)
    batch.failures += 1
    options.onRetry(batch, error)
    // Where the circuit is open it decides when the next request leaves, and where another way is open this one need
    // not wait: only a passing failure of a single way is waited out by the batch itself.
    const elsewhere = routes.some((other) => other !== route && other.circuit.state === 'closed')
    if (elsewhere || route.circuit.state !== 'closed') {
      queue.back(batch)
      return undefined
    }
    const backInQueue = (): void => {
      waiting.delete(batch)
      queue.back(batch)
      pump()
    }
    waiting.set(batch, clock.after(now < hurriedUntil ? Math.min(wait, HURRIED_WAIT_MS) : wait, backInQueue))
    return undefined
  }

  return {
    enqueue(batch) {
      // All rows there were are in it, unless it comes from the spool.
      if (!batch.replayed) due = false
      queue.add(batch)
      schedule()
    },
    due() {
      due = true
      pump()
    },
    takeOldest(suits = () => true) {
      for (const [batch, cancel] of waiting) {
        if (!suits(batch)) continue
        cancel()
        waiting.delete(batch)
        return batch
      }
      return queue.oldest(suits)
    },
    putBack: (batch) => queue.back(batch),
    hurry(forMs) {
      hurriedUntil = clock.now() + forMs
      for (const { circuit } of routes) circuit.hurry(forMs)
      for (const cancel of waiting.values()) cancel()
      queue.back(...waiting.keys())
      waiting.clear()
      pump()
    },
    abort() {
      ending.abort()
      cancelWake?.()
      for (const cancel of waiting.values()) cancel()
      const left = [...waiting.keys(), ...queue.clear()]
      waiting.clear()
      for (const batch of left)
        options.onSettled(batch, { kind: 'dropped', reason: 'deadline', error: batch.lastError })
      return Promise.allSettled(deliveries).then(() => {})
    },
    get inFlight() {
      return deliveries.size
    },
    get replaysQueued() {
      return queue.replays
    },
    get ready() {
      return typeof openRoute() !== 'number'
    },
    get routes() {
      return routes.map(({ circuit, limit, inFlight, wireBytes }) => ({
        circuit: circuit.state,
        limit: limit.current,
        inFlight,
        wireBytes,
      }))
    },
  }
}

function healthOf(outcome: Outcome, batch: Batch): Health {
  switch (outcome.kind) {
    case 'delivered':
    case 'too-large':
    case 'too-wide':
    case 'rejected':
      return { kind: 'healthy' }
    case 'retry':
      return {
        kind: 'busy',
        attempt: batch.failures,
        afterMs: outcome.afterMs,
        unreachable: outcome.error.code === 'AZLOGS_NETWORK',
      }
    case 'no-token':
      return { kind: 'busy', attempt: batch.failures, afterMs: undefined }
    case 'denied':
      return { kind: 'denied' }
    case 'aborted':
      return { kind: 'unknown' }
    default:
      return outcome satisfies never
  }
}

function isThrottled(outcome: Outcome): boolean {
  return outcome.kind === 'retry' && outcome.error.statusCode === 429
}

function loadOf(outcome: Outcome): 'success' | 'pressure' | 'neutral' {
  if (outcome.kind === 'delivered') return 'success'
  return outcome.kind === 'retry' ? 'pressure' : 'neutral'
}

function tooLarge(size: string): AzlogsError {
  return new AzlogsError('AZLOGS_RECORD_TOO_LARGE', `A record of ${size} is more than one request may carry.`)
}

function internalError(error: unknown): AzlogsError {
  return new AzlogsError('AZLOGS_INTERNAL', `A batch could not be prepared: ${messageOf(error)}`, {
    cause: error,
  })
}
