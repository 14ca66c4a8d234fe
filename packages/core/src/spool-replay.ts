import { basename } from 'node:path'

import type { DropReason } from './batch.ts'
import { systemClock } from './clock.ts'
import { createDeadLetters } from './dead-letter.ts'
import { AzlogsError, messageOf } from './errors.ts'
import type { Shipper } from './shipper-interface.ts'
import type { ShipperStats } from './shipper-stats.ts'
import { createAdoption } from './spool-adoption.ts'
import { isGone, nodeFs } from './spool-fs.ts'
import { createInstance } from './spool-instance.ts'
import type { Instance } from './spool-instance.ts'
import { existingSpool, listSpool } from './spool-listing.ts'
import type { SpoolFileEntry, SpoolInstance } from './spool-listing.ts'
import type { SpoolTarget } from './spool-owner.ts'
import { collectRows, readSpoolFile } from './spool-reader.ts'
import type { SpoolContent } from './spool-reader.ts'

/** Which files are sent. */
export interface SpoolReplayOptions {
  /**
   * Only files for this stream, or this rule, or both.
   * @default all of them, when they are for one stream of one rule
   */
  readonly only?: Partial<SpoolTarget>
}

/** What became of a spool. */
export interface SpoolReplayResult {
  /** Files that have been sent and removed. */
  readonly files: number
  /** Rows in them: delivered, or refused for good. */
  readonly records: number
  /** Damaged records in them, which are in the dead letters now. */
  readonly damaged: number
  /** What is still there. */
  readonly skipped: readonly SkippedSpool[]
}

/** A file, or all of an instance's, that has not been sent. */
export interface SkippedSpool {
  readonly path: string
  readonly reason: string
}

/** What of a shipper sends a spool. */
export type SpoolSender = Pick<Shipper, 'flush' | 'push' | 'stats'>

/** Sign of life, in milliseconds. */
const BEAT_MS = 5000

/**
 * Sends what dead processes left in a spool, oldest first, each file removed when the service has answered for all its rows. The
 * files are taken over first, so that nobody else sends them too; what stays can be taken over by anybody afterwards. The files
 * of a process that runs are left to it. It is the shipper that decides where the rows go: make it for their stream, with enough
 * `retryForMs`, and without a spool, as one with a spool takes over such files by itself.
 *
 * @throws AzlogsError `AZLOGS_CONFIG` when there is no spool, it is not safe to use, `only` makes no sense, or its files are for
 * several streams or rules and `only` does not say which
 */
export async function replaySpool(
  directory: string,
  shipper: SpoolSender,
  options: SpoolReplayOptions = {},
): Promise<SpoolReplayResult> {
  checkOnly(options.only)
  const spool = existingSpool(directory)
  const targets = targetsOf(await listSpool(spool), options.only)
  const skipped: SkippedSpool[] = []
  const paths: string[] = []
  let instance: Instance | undefined
  const own = (): Instance => (instance ??= createInstance(nodeFs, spool, { targets }))
  const adoption = createAdoption({
    fs: nodeFs,
    directory: spool,
    clock: systemClock,
    own,
    targets,
    onAdopted: (path) => paths.push(path),
    onForeign: () => {},
    onFailure: (error) => skipped.push({ path: spool, reason: messageOf(error) }),
  })
  const stopBeating = keepAlive(() => instance)
  try {
    await adoption.scan()
    const sent = await sendAll(paths.sort(byAge), spool, shipper, own)
    const left = await listSpool(spool)
    skipped.push(...sent.skipped, ...left.filter(({ path }) => path !== instance?.directory).flatMap(whyLeft))
    return { ...sent, skipped }
  } finally {
    adoption.stop()
    stopBeating()
    instance?.release()
  }
}

async function sendAll(
  paths: readonly string[],
  spool: string,
  shipper: SpoolSender,
  own: () => Instance,
): Promise<SpoolReplayResult> {
  const sum = { files: 0, records: 0, damaged: 0 }
  const skipped: SkippedSpool[] = []
  let hopeless = false
  for (const path of paths) {
    if (hopeless) {
      skipped.push({ path, reason: 'Not tried, as rows of another file could not be delivered.' })
      continue
    }
    try {
      const rows = collectRows()
      const content = await readSpoolFile(nodeFs, path, rows)
      const before = shipper.stats()
      await sendRows(rows.texts, shipper)
      const after = shipper.stats()
      if (after.dropped > before.dropped) {
        // A row that found no room says nothing about the others.
        hopeless = after.droppedBy['buffer-full'] === before.droppedBy['buffer-full']
        skipped.push({ path, reason: describeLoss(before, after) })
        continue
      }
      bury(content, path, spool, own().id)
      await nodeFs.promises.unlink(path)
      sum.files += 1
      sum.records += content.records
      sum.damaged += content.damagedCount
    } catch (error) {
      // Another process took this one for dead, and sends it.
      if (!isGone(error)) skipped.push({ path, reason: messageOf(error) })
    }
  }
  return { ...sum, skipped }
}

async function sendRows(rows: readonly string[], shipper: SpoolSender): Promise<void> {
  for (const row of rows) {
    if (!shipper.push(parseRow(row))) await shipper.flush()
  }
  await shipper.flush()
}

function describeLoss(before: ShipperStats, after: ShipperStats): string {
  const reasons = Object.entries(after.droppedBy)
    .filter(([reason, count]) => count > before.droppedBy[reason as DropReason])
    .map(([reason]) => reason)
  return `The shipper dropped ${after.dropped - before.dropped} rows while it was being sent (${reasons.join(', ')}).`
}

/** Keeps the bytes of damaged records; without that, the file stays. */
function bury({ header, damaged }: SpoolContent, path: string, spool: string, name: string): void {
  if (damaged.length === 0) return
  const error = new AzlogsError('AZLOGS_SPOOL_DAMAGED', `Damaged lines in ${path}.`)
  const records = damaged.map((bytes) => bytes.toString('latin1'))
  createDeadLetters(nodeFs, spool, header?.stream ?? '', () => name).add(records, error)
}

// JSON.parse hands its reviver the source text, and JSON.stringify writes a raw number back unchanged (V8 >= 11.4).
// TypeScript's es2023 library does not know either yet.
interface JsonWithSource {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): object
  rawJSON(text: string): object
}
const json = JSON as unknown as JsonWithSource

/** Integers beyond 2^53 keep their digits. */
function parseRow(text: string): object {
  return json.parse(text, (_key, value, { source }) => {
    const isInexact = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
    return isInexact && source !== undefined ? json.rawJSON(source) : value
  })
}

/** Gives signs of life until it is called. */
function keepAlive(instance: () => Instance | undefined): () => void {
  let cancel = systemClock.after(BEAT_MS, beat)
  function beat(): void {
    cancel = systemClock.after(BEAT_MS, beat)
    // What the disk refuses now it may allow the next time; whoever lost the directory finds nothing in it.
    instance()
      ?.beat()
      .catch(() => {})
  }
  return () => cancel()
}

/** A slip of the pen must not send everything. */
function checkOnly(only: unknown): void {
  if (only === undefined) return
  const entries = typeof only === 'object' && only !== null ? Object.entries(only) : []
  const isRight = entries.every(
    ([name, value]) => (name === 'rule' || name === 'stream') && typeof value === 'string',
  )
  if (entries.length > 0 && isRight) return
  throw new AzlogsError(
    'AZLOGS_CONFIG',
    `only is ${JSON.stringify(only)}; it must name a stream or a rule, such as { stream: 'Custom-AppLogs_CL' }.`,
  )
}

/** What the files that nobody ships are for, as far as it is wanted. */
function targetsOf(
  instances: readonly SpoolInstance[],
  only: Partial<SpoolTarget> | undefined,
): readonly SpoolTarget[] {
  const targets = new Map<string, SpoolTarget>()
  for (const { header } of instances.filter(isLeft).flatMap(({ files }) => files)) {
    if (header === undefined) continue
    const { rule, stream } = header
    if (rule !== (only?.rule ?? rule) || stream !== (only?.stream ?? stream)) continue
    targets.set(JSON.stringify([rule, stream]), { rule, stream })
  }
  const found = [...targets.values()]
  if (found.length > 1 && only === undefined) {
    const list = found.map(describe).sort().join(', ')
    throw new AzlogsError(
      'AZLOGS_CONFIG',
      `The spool has files for ${list}. Say which of them this shipper is for, such as { only: { stream: '${found[0]?.stream}' } }.`,
    )
  }
  return found
}

function isLeft({ state, problem }: SpoolInstance): boolean {
  return problem === undefined && (state === 'dead' || state === 'released')
}

function whyLeft(instance: SpoolInstance): readonly SkippedSpool[] {
  const { path, state, host, pid, files, problem } = instance
  if (problem !== undefined) return [{ path, reason: problem }]
  if (isLeft(instance)) return files.map((file) => ({ path: file.path, reason: whyFileLeft(file) }))
  const reason =
    state === 'alive'
      ? `Process ${pid} is running and ships it.`
      : `Nobody can tell here whether process ${pid ?? '?'} on ${host ?? '?'} is running. A shipper with this spool takes it over when it gives no sign of life.`
  return [{ path, reason }]
}

function whyFileLeft({ header, problem }: SpoolFileEntry): string {
  if (problem !== undefined) return problem
  return header === undefined ? 'It has no header.' : `Its rows are for ${describe(header)}.`
}

function describe({ rule, stream }: SpoolTarget): string {
  return `stream ${stream} of rule ${rule}`
}

/** Names begin with the time of their making. */
function byAge(one: string, other: string): number {
  return basename(one) < basename(other) ? -1 : 1
}
