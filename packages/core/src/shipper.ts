import type { Batch, DropReason, Settlement } from './batch.ts'
import { sendInBackground } from './background-agent.ts'
import { createBatching } from './batching.ts'
import type { EncodedEntry } from './batching.ts'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { createCredential } from './credential.ts'
import { within } from './deadline.ts'
import { createDelivery } from './delivery.ts'
import { uploadUrl } from './destination.ts'
import { createDropAnnouncer } from './drop-announcer.ts'
import { AzlogsError } from './errors.ts'
import { isProcessEnding, onProcessEnd } from './exit-hooks.ts'
import type { ExitHook } from './exit-hooks.ts'
import { compress } from './gzip.ts'
import { createLedger } from './ledger.ts'
import { levelOf, totalOf } from './level-counts.ts'
import type { LevelCounts } from './level-counts.ts'
import { publishDropped, publishRetried, publishSent, publishSettled } from './observation.ts'
import { CALM_SHARE } from './memory-share.ts'
import { createPipeline } from './pipeline.ts'
import { createProblemReporter } from './problem.ts'
import { createRoom } from './room.ts'
import { createRowFitter } from './row-schema.ts'
import type { FittedRow } from './row-schema.ts'
import { createSender } from './sender.ts'
import type { Send, SenderOptions } from './sender.ts'
import { createServerClock } from './server-clock.ts'
import { resolveShipperOptions } from './shipper-options.ts'
import type { ShipperConfig, ShipperOptions } from './shipper-options.ts'
import { clockReport, delayReport, lossReport, lostColumnsReport, refusalReport } from './shipper-problems.ts'
import type { FlushResult, Shipper } from './shipper-interface.ts'
import type { ShipperStats } from './shipper-stats.ts'
import { createSpool } from './spool.ts'
import { nodeFs } from './spool-fs.ts'
import type { SpoolFs } from './spool-fs.ts'
import { createTokenSource } from './token.ts'
import type { TokenSource } from './token.ts'

/**
 * A shipper for one stream.
 *
 * @throws AzlogsError `AZLOGS_CONFIG` that lists everything wrong with the options and the environment.
 */
export function createShipper(options: ShipperOptions = {}): Shipper {
  return connectShipper(options, false)
}

/**
 * A shipper that may be needed later: until the first row it leaves what dead processes have left in the spool to others.
 *
 * @throws AzlogsError `AZLOGS_CONFIG` that lists everything wrong with the options and the environment.
 */
export function createStandbyShipper(options: ShipperOptions): Shipper {
  return connectShipper(options, true)
}

function connectShipper(options: ShipperOptions, standby: boolean): Shipper {
  const config = resolveShipperOptions(options, process.env)
  const [{ cloud }] = config.destinations
  const credential = createCredential(config.credential, process.env, cloud.authorityHost, 'caller')
  const tokens = createTokenSource(credential, config.scopes, systemClock)
  const connection = createPipeline(config.client)
  sendInBackground(connection.pipeline, config.client.tlsOptions)
  const transmission = {
    ...connection,
    tokens,
    requestTimeoutMs: config.requestTimeoutMs,
    clock: systemClock,
  }
  return assembleShipper(config, {
    clock: systemClock,
    tokens,
    standby,
    connect: (events) =>
      config.destinations.map((destination) =>
        createSender({ ...transmission, ...events, url: uploadUrl(destination) }),
      ),
  })
}

/** Part of the close deadline in which requests are still sent; the rest is for settling and reporting. */
const SENDING_SHARE = 0.9

/** Time for which a batch must have failed before it is worth a file, in milliseconds. */
const STORE_AFTER_MS = 10_000

/**
 * Part of the memory bound beyond which no more batches leave, where there is a spool: with the last of them, a quarter, and an open batch too
 * small for a file, an eighth, a row still finds room.
 */
const IN_FLIGHT_SHARE = 0.4

/** Batches from the spool that are held ready to be sent. */
const REPLAYS_AHEAD = 2

/** Part of the memory bound beyond which nothing is read from the spool. */
const REPLAY_SHARE = 0.4

/** What a shipper has from the world around it, so that tests and simulations can bring their own. */
export interface ShipperParts {
  readonly clock: Clock
  readonly tokens: Pick<TokenSource, 'ageMs' | 'get'>
  /** The ways out, one for each destination. */
  readonly connect: (events: Pick<SenderOptions, 'onRequest' | 'onServerDate'>) => readonly Send[]
  readonly random?: () => number
  readonly gzip?: typeof compress
  readonly fs?: SpoolFs
  /** See {@link createStandbyShipper}. */
  readonly standby?: boolean
}

/** Puts the stages together. */
export function assembleShipper(config: ShipperConfig, parts: ShipperParts): Shipper {
  const {
    clock,
    tokens,
    connect,
    random = Math.random,
    gzip = compress,
    fs = nodeFs,
    standby = false,
  } = parts
  const problems = createProblemReporter(config.onProblem, clock)
  const ledger = createLedger()
  const { counters } = ledger
  const serverClock = createServerClock()
  const fit = config.schema === undefined ? undefined : createRowFitter(config.schema)
  const batching = createBatching({
    ...config,
    clock,
    onSealed(batch) {
      ledger.add(batch)
      spool?.sealed(batch)
      delivery.enqueue(batch)
    },
    onAdded: (json) => spool?.append(json),
    // While nothing can leave, the rows that come share a request with those that wait.
    onDue: () => delivery.due(),
  })
  const delivery = createDelivery({
    ...config,
    // With a spool the rest goes to files when memory is short; what is under way cannot.
    maxInFlightBytes:
      config.spool === undefined ? Number.POSITIVE_INFINITY : config.maxBufferBytes * IN_FLIGHT_SHARE,
    // What a file keeps is never given up.
    retryForMs: config.spool === undefined ? config.retryForMs : Number.POSITIVE_INFINITY,
    clock,
    random,
    compress: (bytes) => gzip(bytes, config.gzipLevel),
    sends: connect({
      onRequest() {
        counters.requests += 1
      },
      onServerDate(date) {
        if (serverClock.observe(date)) problems.report(clockReport(serverClock.differenceMs ?? 0))
      },
    }),
    onSettled: settle,
    onReady: () => batching.seal(),
    onRetry: noteRetry,
    onReplaced(batch, by) {
      ledger.replace(batch, by)
      spool?.replaced(batch, by)
    },
    onTooLarge: (rawBytes) => batching.tooLarge(rawBytes),
    onCompressed: (rawBytes, wireBytes) => batching.compressed(rawBytes, wireBytes),
    onSent(batch, wireBytes) {
      publishSent({
        records: batch.records,
        rawBytes: batch.rawBytes,
        wireBytes,
        attempt: batch.failures + 1,
      })
    },
  })
  const announcer = createDropAnnouncer(clock, announce)
  const spool =
    config.spool === undefined
      ? undefined
      : createSpool({
          config: config.spool,
          fs,
          clock,
          targets: config.destinations.map(({ ruleId, streamName }) => ({
            rule: ruleId,
            stream: streamName,
          })),
          overflow: config.overflow,
          standby,
          report: (report) => problems.report(report),
          unsettled: ledger.unsettled,
          seal: () => batching.seal(),
          batchLimit: () => batching.limit,
          ready: () =>
            delivery.ready &&
            delivery.replaysQueued < REPLAYS_AHEAD &&
            room.usedBytes < config.maxBufferBytes * REPLAY_SHARE,
          onReplayed(stub, replayed, damaged) {
            ledger.replayed(stub, replayed, damaged)
            unregister ??= awaken()
            for (const batch of replayed) delivery.enqueue(batch)
          },
          onLost: loseSpooled,
        })
  const room = createRoom({
    ...config,
    batching,
    delivery,
    ledger,
    spool,
    onDropped: (batch) => settle(batch, { kind: 'dropped', reason: 'buffer-full', error: undefined }),
  })
  let flushing: { readonly accepted: number; readonly settled: Promise<void> } | undefined
  let closing: Promise<ShipperStats> | undefined
  let ended = false
  /** Records pushed when the last drain began. */
  let drainedAt = -1
  /** There while the process has something to do for this shipper when it ends. */
  let unregister: (() => void) | undefined

  const hook: ExitHook = {
    // The event comes again each time the loop runs empty: what could not be sent in one deadline is not tried again.
    drain() {
      announcer.flush()
      return pendingRows() === 0 || drainedAt === pushed() ? undefined : drain()
    },
    terminate: () => close(),
    exit() {
      dropPending()
      spool?.end()
      problems.flush()
    },
  }

  function push(row: object): boolean {
    counters.accepted += 1
    // What is logged while it closes is for the spool, if there is one.
    if (closing !== undefined && (ended || spool === undefined)) {
      drop({ [levelOf(row)]: 1 }, 'closed', undefined)
      return false
    }
    unregister ??= awaken()
    const entry = encode(row)
    if (entry.repaired) counters.repaired += 1
    if (!room.makeFor(entry.json, row)) {
      drop({ [entry.level]: 1 }, 'buffer-full', undefined)
      return false
    }
    batching.add(entry)
    // Who logs in an `exit` handler of its own may be later than ours.
    if (isProcessEnding()) hook.exit()
    return room.usedBytes <= config.maxBufferBytes * CALM_SHARE
  }

  /** Takes a row of our own about what is missing. It may use the last byte, but pushes nothing out. */
  function announce(row: object): boolean {
    const entry = encode(row)
    if (room.usedBytes + Buffer.byteLength(entry.json) > config.maxBufferBytes) return false
    counters.accepted += 1
    unregister ??= awaken()
    batching.add(entry)
    return true
  }

  /** With the first row, and with the first after a rest. */
  function awaken(): () => void {
    // Identity endpoints can need seconds on a cold start: the first batch should not be the one to wait for them.
    void tokens.get()
    spool?.wake()
    return onProcessEnd(hook)
  }

  function encode(row: object): EncodedEntry {
    return batching.encode(fit === undefined ? row : fitToSchema(fit, row))
  }

  function fitToSchema(fitRow: (row: object) => FittedRow, row: object): object {
    // A row that cannot even be looked at is the encoder's to mark.
    try {
      const { row: fitted, lost } = fitRow(row)
      if (lost.length > 0) problems.report(lostColumnsReport(lost))
      return fitted
    } catch {
      return row
    }
  }

  /** Rows that were in files only. */
  function loseSpooled(
    stub: Batch | undefined,
    levels: LevelCounts,
    reason: 'spool-full' | 'spool-lost',
  ): void {
    if (stub !== undefined) return settle(stub, { kind: 'dropped', reason, error: undefined })
    counters.accepted += totalOf(levels)
    counters.recovered += totalOf(levels)
    drop(levels, reason, undefined)
  }

  function settle(batch: Batch, settlement: Settlement): void {
    // What a file keeps is not lost because time is up.
    const late = settlement.kind === 'dropped' && settlement.reason === 'deadline'
    if (late && ledger.unsettled.has(batch) && spool?.store(batch) === true) return
    if (!ledger.settle(batch, settlement)) return
    if (settlement.kind === 'quarantined') {
      const file = spool?.bury(settlement.records, settlement.error)
      problems.report(refusalReport(settlement.error, settlement.records, file))
    }
    spool?.settled(batch)
    spool?.proceed()
    if (settlement.kind === 'dropped') noteDrop(batch.levels, settlement.reason, settlement.error)
    publishSettled({ records: batch.records, outcome: settlement.kind })
  }

  function drop(levels: LevelCounts, reason: DropReason, error: AzlogsError | undefined): void {
    ledger.drop(levels, reason)
    noteDrop(levels, reason, error)
  }

  function noteDrop(levels: LevelCounts, reason: DropReason, error: AzlogsError | undefined): void {
    problems.report(lossReport(totalOf(levels), reason, error, config))
    publishDropped({ reason, levels })
    if (closing === undefined) announcer.dropped(levels)
  }

  function noteRetry(batch: Batch, error: AzlogsError): void {
    counters.retries += 1
    publishRetried({ records: batch.records, failures: batch.failures, code: error.code })
    const report = delayReport(batch, error, pendingRows)
    if (report !== undefined) problems.report(report)
    const failingMs = clock.now() - (batch.firstFailureAt ?? clock.now())
    if (failingMs >= STORE_AFTER_MS) spool?.store(batch)
  }

  function dropPending(): void {
    batching.seal()
    for (const batch of ledger.unsettled) {
      settle(batch, { kind: 'dropped', reason: 'deadline', error: batch.lastError })
    }
  }

  /** Resolves when all that has been pushed is settled. Calls with nothing new between them share a promise. */
  function settled(): Promise<void> {
    batching.seal()
    if (ledger.unsettled.size === 0) return Promise.resolve()
    if (flushing?.accepted === counters.accepted) return flushing.settled
    const promise = ledger.wait()
    flushing = { accepted: counters.accepted, settled: promise }
    return promise
  }

  async function flush(options: { readonly timeoutMs?: number } = {}): Promise<FlushResult> {
    const all = settled()
    const inTime =
      options.timeoutMs === undefined ? await all.then(() => true) : await within(options.timeoutMs, all)
    // A close that leaves rows in the spool ends the waiting for them.
    return { complete: inTime && !(ended && pendingRows() > 0), pending: pendingRows() }
  }

  function close(options: { readonly timeoutMs?: number } = {}): Promise<ShipperStats> {
    if (closing !== undefined) return closing
    announcer.flush()
    closing = closeWithin(options.timeoutMs ?? config.closeTimeoutMs)
    return closing
  }

  async function closeWithin(timeoutMs: number): Promise<ShipperStats> {
    const all = settled()
    delivery.hurry(timeoutMs)
    if (!(await within(timeoutMs * SENDING_SHARE, all))) {
      await within(timeoutMs * (1 - SENDING_SHARE), delivery.abort())
    }
    dropPending()
    spool?.end()
    ended = true
    ledger.endWaiting()
    rest()
    return stats()
  }

  /** Leaves the process as if this shipper were not there. */
  function rest(): void {
    unregister?.()
    unregister = undefined
    problems.flush()
    spool?.rest()
  }

  async function drain(): Promise<FlushResult> {
    drainedAt = pushed()
    const all = settled()
    delivery.hurry(config.closeTimeoutMs)
    const complete = await within(config.closeTimeoutMs, all)
    if (pendingRows() === 0) rest()
    return { complete, pending: pendingRows() }
  }

  function pushed(): number {
    return counters.accepted - counters.recovered
  }

  function pendingRows(): number {
    return ledger.unsettledRows + batching.openRows
  }

  function oldestPendingMs(): number {
    const now = clock.now()
    let oldest = batching.openedAt ?? now
    for (const { openedAt } of ledger.unsettled) oldest = Math.min(oldest, openedAt)
    return now - oldest
  }

  function stats(): ShipperStats {
    return {
      ...ledger.sums(),
      pending: pendingRows(),
      pendingBytes: room.usedBytes,
      oldestPendingMs: oldestPendingMs(),
      inFlight: delivery.inFlight,
      routes: delivery.routes,
      spool: spool?.stats,
      tokenAgeMs: tokens.ageMs,
      clockDifferenceMs: serverClock.differenceMs,
    }
  }

  return {
    push,
    flush,
    drain,
    close,
    stats,
    async durable() {
      if (spool !== undefined) return spool.durable()
      throw new AzlogsError('AZLOGS_CONFIG', 'durable() needs the option spool: { directory }.')
    },
    async [Symbol.asyncDispose]() {
      await close()
    },
  }
}
