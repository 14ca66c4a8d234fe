import { createBatch, rowsNow } from './batch.ts'
import type { Batch } from './batch.ts'
import type { Clock } from './clock.ts'
import { createDeadLetters } from './dead-letter.ts'
import { AzlogsError } from './errors.ts'
import { levelsOf, noCounts } from './level-counts.ts'
import type { LevelCounts } from './level-counts.ts'
import type { PackedRows } from './packer.ts'
import type { ProblemReport } from './problem.ts'
import { createReplay } from './replay.ts'
import { createAdoption } from './spool-adoption.ts'
import { checkSpoolDirectory } from './spool-directory.ts'
import type { SpoolFile } from './spool-file.ts'
import { createSpoolFiles } from './spool-files.ts'
import type { SpoolFs } from './spool-fs.ts'
import { createSpoolHealth, spoolError } from './spool-health.ts'
import { createInstance } from './spool-instance.ts'
import type { Instance } from './spool-instance.ts'
import type { SpoolConfig } from './spool-options.ts'
import { damageReport, foreignReport, goneReport } from './spool-problems.ts'
import { collectRows, readSpoolFileNow } from './spool-reader.ts'
import type { SpoolContent } from './spool-reader.ts'
import { createSpoolWriter } from './spool-writer.ts'

/** Keeps rows in files until they are settled, and brings back those that only a file still has. */
export interface Spool {
  /** Takes a row that has come into the open batch. Does nothing but with `durability: 'wal'`. */
  append(json: string): void
  /** The open batch has become this one. */
  sealed(batch: Batch): void
  /** Sees to it that the batch is in a file. False when that failed: it will be tried again. */
  store(batch: Batch): boolean
  /** Its rows need no file any more. */
  settled(batch: Batch): void
  /** Others have taken its place. */
  replaced(batch: Batch, by: readonly Batch[]): void
  /** Its rows are in no memory any more; they are read again when they can be sent. False when that would lose some. */
  evict(batch: Batch): boolean
  /** Writes records that the service refuses to a file, and says where; undefined when that failed. */
  bury(records: readonly string[], error: AzlogsError): string | undefined
  /** Resolves when the rows that are unsettled now are in files; rejects with why not. */
  durable(): Promise<void>
  /** Looks for rows that could be sent now. */
  proceed(): void
  /** Looks from now on for what dead processes have left, if it has not since the start. */
  wake(): void
  /** Files everything, synchronously: the process ends, or nothing is sent any more. */
  end(): void
  /** Leaves nothing behind but files with rows. Ready for more afterwards. */
  rest(): void
  readonly stats: SpoolStats
}

/** How the spool is doing. */
export interface SpoolStats {
  /** `degraded`: rows are in memory only, and would be lost with the process. */
  readonly state: 'ok' | 'degraded'
  /** Files with rows that are not settled, those taken over from other processes included. */
  readonly files: number
  /** Their size in bytes. */
  readonly bytes: number
  /** Files whose rows are in no memory and wait to be read. */
  readonly waitingFiles: number
  /** Lines that were damaged and could not be sent; they count as quarantined. */
  readonly damaged: number
  /** Bytes of rows that were being written when a process died: they had not been acknowledged. */
  readonly tornBytes: number
}

export interface SpoolParts {
  readonly config: SpoolConfig
  readonly fs: SpoolFs
  readonly clock: Clock
  readonly targets: readonly { readonly rule: string; readonly stream: string }[]
  readonly overflow: 'drop-newest' | 'drop-oldest'
  /** Leaves what dead processes have left to others, until it is woken. */
  readonly standby: boolean
  readonly report: (report: ProblemReport) => void
  /** Batches that are not settled. */
  readonly unsettled: ReadonlySet<Batch>
  /** Ends the open batch. */
  readonly seal: () => void
  /** What a batch may hold now, in bytes. */
  readonly batchLimit: () => number
  /** Batches can be sent at once, and there is memory for them. */
  readonly ready: () => boolean
  /** Rows are back from a file; `stub` stood for them, unless they are from another process. */
  readonly onReplayed: (stub: Batch | undefined, parts: readonly Batch[], damaged: number) => void
  /** Rows are gone. `stub` stood for them, unless they were from another process. */
  readonly onLost: (stub: Batch | undefined, levels: LevelCounts, reason: 'spool-full' | 'spool-lost') => void
}

/** Sign of life, in milliseconds. */
const BEAT_MS = 5000

/** Signs of life between two looks for directories of the dead. */
const BEATS_PER_SCAN = 2

/**
 * The spool of one shipper.
 *
 * @throws AzlogsError `AZLOGS_CONFIG` when the directory is not safe, or with `required` not usable
 */
export function createSpool(parts: SpoolParts): Spool {
  const { config, fs, clock, targets } = parts
  const { directory } = config
  const wal = config.durability === 'wal'
  const [target = { rule: '', stream: '' }] = targets
  let instance: Instance | undefined
  /** Batches that should be in a file and are not. */
  const owed = new Set<Batch>()
  let damaged = 0
  let tornBytes = 0
  let beats = 0
  let ended = false

  const health = createSpoolHealth(clock, parts.report, heal)
  const files = createSpoolFiles({ ...config, ...target, fs, instance: ownInstance, onFull: makeRoom })
  const writer = createSpoolWriter({ fs, files, fsync: config.fsync, onFailure: fail })
  const replay = createReplay({
    fs,
    clock,
    ready: () => !ended && parts.ready(),
    batchLimit: parts.batchLimit,
    onRead: bringBack,
    onGone: (file) => lose(file, 'spool-lost'),
    onFailure: fail,
  })
  const adoption = createAdoption({
    fs,
    directory,
    clock,
    own: ownInstance,
    targets,
    onAdopted: (path, bytes) => replay.add(files.adopted(path, bytes)),
    onForeign: (path, reason) => parts.report(foreignReport(path, reason)),
    onFailure: fail,
  })
  const deadLetters = createDeadLetters(fs, directory, target.stream, () => ownInstance().id)

  checkAtStart()
  let cancelBeat: (() => void) | undefined
  if (parts.standby) letGo()
  else wake()

  function checkAtStart(): void {
    const problems = checkSpoolDirectory(fs, directory)
    if (problems.length > 0) {
      const text = problems.map((problem) => `\n  - ${problem}`).join('')
      throw new AzlogsError('AZLOGS_CONFIG', `The spool cannot be set up:${text}`, { problems })
    }
    try {
      ownInstance()
    } catch (error) {
      if (config.required) throw spoolError(error)
      health.failed(error)
    }
  }

  function ownInstance(): Instance {
    instance ??= createInstance(fs, directory, { targets, fsync: config.fsync })
    return instance
  }

  function fail(error: unknown): void {
    health.failed(error)
  }

  /** Without an owner the files can be taken over at once. */
  function letGo(): void {
    instance?.release()
    instance = undefined
  }

  function wake(): void {
    cancelBeat ??= clock.after(0, beat)
  }

  function beat(): void {
    cancelBeat = clock.after(BEAT_MS, beat)
    beats += 1
    void signOfLife(beats % BEATS_PER_SCAN === 1)
  }

  async function signOfLife(scan: boolean): Promise<void> {
    try {
      if (instance !== undefined && (await instance.beat()) === 'evicted') startAfresh()
      if (scan && !ended) await adoption.scan()
    } catch (error) {
      health.failed(error)
    }
  }

  /** Another process took this one for dead, or somebody removed the directory: what is in memory needs new files. */
  function startAfresh(): void {
    instance = undefined
    const left = new Set(replay.stop())
    writer.abandon()
    files.forget()
    for (const batch of parts.unsettled) {
      const { file } = batch
      batch.file = undefined
      if (batch.offsets.length > 0) owed.add(batch)
      else if (file !== undefined) left.add(file)
    }
    for (const { stub } of left) if (stub !== undefined) parts.onLost(stub, stub.levels, 'spool-lost')
    parts.report(goneReport(directory))
    heal()
  }

  function heal(): void {
    if (writer.broken) parts.seal()
    for (const batch of parts.unsettled) {
      const lacking = owed.has(batch) || batch.file?.complete === false
      if (lacking && batch.offsets.length > 0 && !store(batch)) return
    }
    if (health.error === undefined) return
    try {
      // Nothing to write is no proof that something could be written.
      const probe = writer.write([])
      files.remove(probe)
      health.worked()
    } catch (error) {
      health.failed(error)
    }
  }

  function attach(batch: Batch, file: SpoolFile): void {
    const earlier = batch.file
    batch.file = file
    file.parts = 1
    if (earlier !== undefined) release(earlier)
    owed.delete(batch)
  }

  function release(file: SpoolFile): void {
    file.parts -= 1
    if (file.parts <= 0) files.remove(file)
  }

  function store(batch: Batch): boolean {
    if (batch.file?.complete === true) return true
    try {
      attach(batch, writer.write(rowsNow(batch)))
      if (owed.size === 0) health.worked()
      return true
    } catch (error) {
      owed.add(batch)
      health.failed(error)
      return false
    }
  }

  /** With `drop-oldest`, the oldest rows go. */
  function makeRoom(bytes: number): void {
    if (parts.overflow === 'drop-newest') return
    const wanted = files.bytes - bytes
    while (files.bytes > wanted) {
      const oldest = replay.takeOldest()
      if (oldest === undefined) return
      lose(oldest, 'spool-full')
    }
  }

  function lose(file: SpoolFile, reason: 'spool-full' | 'spool-lost'): void {
    const { stub } = file
    const levels = stub?.levels ?? levelsInFile(file)
    // Settling the stub removes the file.
    parts.onLost(stub, levels, reason)
    if (stub === undefined) files.remove(file)
  }

  function levelsInFile(file: SpoolFile): LevelCounts {
    try {
      const rows = collectRows()
      readSpoolFileNow(fs, file.path, rows)
      return levelsOf(rows.texts)
    } catch {
      return noCounts()
    }
  }

  function bringBack(file: SpoolFile, content: SpoolContent, packets: readonly PackedRows[]): void {
    // Whoever adopts a file looks at its header first; this one has been written to since.
    if (content.header === undefined) {
      parts.report(foreignReport(file.path, 'It does not begin as a spool file any more.'))
      files.forget(file)
      return lose(file, 'spool-lost')
    }
    tornBytes += content.tornBytes
    if (content.damagedCount > 0) {
      damaged += content.damagedCount
      const bytes = content.damaged.map((piece) => piece.toString('latin1'))
      const error = new AzlogsError('AZLOGS_SPOOL_DAMAGED', `Damaged lines in ${file.path}.`)
      parts.report(damageReport(error, content.damagedCount, bury(bytes, error)))
    }
    const { stub } = file
    const openedAt = stub?.openedAt ?? clock.now()
    const batches = packets.map((part) => {
      const levels =
        packets.length === 1 && stub !== undefined ? stub.levels : { unknown: part.offsets.length }
      return createBatch(part, levels, openedAt, { replayed: true, file })
    })
    file.stub = undefined
    file.parts = batches.length
    file.divided = batches.length > 1
    parts.onReplayed(stub, batches, content.damagedCount)
    if (batches.length === 0) files.remove(file)
  }

  function bury(records: readonly string[], error: AzlogsError): string | undefined {
    try {
      return deadLetters.add(records, error)
    } catch (cause) {
      health.failed(cause)
      return undefined
    }
  }

  /** Everything that is unsettled is in files that are still ours; undefined, or why not. */
  async function tryToBeDurable(): Promise<AzlogsError | undefined> {
    writer.commit()
    if (writer.broken || !wal) parts.seal()
    if (instance !== undefined && !instance.isOurs()) startAfresh()
    const batches = [...parts.unsettled]
    for (const batch of parts.unsettled) if (batch.offsets.length > 0 && !store(batch)) break
    if (config.fsync) await writer.sync()
    const missing =
      writer.broken || batches.some((batch) => parts.unsettled.has(batch) && batch.file?.complete !== true)
    return missing
      ? (health.error ?? new AzlogsError('AZLOGS_SPOOL', 'The spool cannot be written.'))
      : undefined
  }

  return {
    append: wal ? (json) => writer.append(json) : () => {},
    sealed(batch) {
      if (!wal) return
      const file = writer.seal()
      if (file !== undefined) {
        attach(batch, file)
        if (!file.complete) owed.add(batch)
      } else store(batch)
    },
    store,
    settled(batch) {
      owed.delete(batch)
      if (batch.file !== undefined) release(batch.file)
    },
    replaced(batch, by) {
      if (owed.delete(batch)) for (const part of by) owed.add(part)
      if (batch.file === undefined) return
      batch.file.parts += by.length - 1
      batch.file.divided = true
    },
    evict(batch) {
      // While the disk refuses, each log call would try it in vain.
      if (batch.file?.complete !== true && (health.error !== undefined || !store(batch))) return false
      const { file } = batch
      if (file === undefined || file.divided) return false
      file.stub = batch
      replay.add(file)
      return true
    },
    bury,
    async durable() {
      // A file whose fsync failed is written anew once.
      const error = (await tryToBeDurable()) && (await tryToBeDurable())
      if (error !== undefined) throw error
    },
    proceed: () => replay.proceed(),
    wake,
    end() {
      ended = true
      writer.commit()
      for (const batch of parts.unsettled) if (batch.offsets.length > 0) store(batch)
      if (config.fsync) writer.syncNow()
      cancelBeat?.()
      adoption.stop()
      health.stop()
      replay.stop()
      letGo()
    },
    rest() {
      if (files.count > 0 || replay.size > 0) return
      letGo()
    },
    get stats(): SpoolStats {
      return {
        state: health.error === undefined ? 'ok' : 'degraded',
        files: files.count,
        bytes: files.bytes,
        waitingFiles: replay.size,
        damaged,
        tornBytes,
      }
    },
  }
}
