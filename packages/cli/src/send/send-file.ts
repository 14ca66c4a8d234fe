import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'

import { isAzlogsError } from '@azlogs/core'
import type { LogsIngestionClient, LogsUploadFailure, UploadProgress } from '@azlogs/core'
import type { RecordText } from '@azlogs/core/internal'

import { messageOf } from '../cli-error.ts'
import type { GivenDestination } from '../destination-args.ts'
import type { Failure } from '../failure-text.ts'
import type { SchemaLock } from '../schema/lock.ts'
import { openFailedRecords } from './failed-records.ts'
import { createIndexSet } from './index-set.ts'
import type { Progress } from './progress.ts'
import { openRowSource } from './row-source.ts'
import type { Mapping } from './row-source.ts'
import { destinationKey, identify, readState } from './send-state.ts'
import type { FileIdentity } from './send-state.ts'
import { createStateKeeper } from './state-keeper.ts'

/** What became of a file. */
export interface SentFile extends UploadProgress {
  readonly file: string
  readonly mapping: Mapping
  /** Records that an earlier run had settled. */
  readonly skippedCount: number
  /** Records that are no JSON objects. */
  readonly malformedCount: number
  /** Columns whose values the schema has no place for, with the number of records. */
  readonly lostColumns: Readonly<Record<string, number>>
  /** Where refused records are, when there are any. */
  readonly failedFile?: string
  readonly failures: readonly Failure[]
}

export interface SendFileOptions {
  readonly client: LogsIngestionClient
  readonly destination: GivenDestination & { readonly ruleId: string; readonly streamName: string }
  readonly map: Mapping | 'auto'
  readonly lock: SchemaLock | undefined
  readonly maxConcurrency: number
  /** Where to note how far it got; undefined for what cannot be read twice. */
  readonly statePath: string | undefined
  readonly failedPath: string
  readonly restart: boolean
  readonly signal: AbortSignal
  readonly progress: Progress
}

/** Malformed records that are told one by one. */
const TOLD_MALFORMED = 5

/** Failures that are the records' own: all others will pass, or can be repaired, and the same records sent again. */
const RECORDS_FAULT: ReadonlySet<string> = new Set([
  'AZLOGS_REJECTED',
  'AZLOGS_TOO_LARGE',
  'AZLOGS_RECORD_TOO_LARGE',
  'AZLOGS_NOT_SERIALIZABLE',
])

/**
 * Sends one file, or goes on with it where an earlier run was interrupted.
 *
 * @param input the path, or a stream where there is none.
 * @throws CliError when the file, its state or the file for failed records cannot be used.
 */
export async function sendFile(
  path: string,
  input: Readable | undefined,
  options: SendFileOptions,
): Promise<SentFile> {
  const { client, destination, statePath } = options
  const identity = input === undefined ? await identify(path) : undefined
  const key = destinationKey(destination)
  const state =
    identity === undefined || statePath === undefined || options.restart
      ? undefined
      : await readState(statePath, identity, key)
  const settled = createIndexSet(state?.settled)
  const skippedCount = settled.size
  const failed = openFailedRecords(options.failedPath, state !== undefined || options.restart)
  const malformed: RecordText[] = []
  let malformedCount = 0
  const lostColumns: Record<string, number> = {}

  const file = input === undefined ? createReadStream(path) : undefined
  const source = await openRowSource(file ?? (input as Readable), {
    map: (state?.map as Mapping | undefined) ?? options.map,
    lock: options.lock,
    idPrefix: identity === undefined ? `stdin-${process.pid}-${Date.now()}` : identity.head.slice(0, 12),
    onMalformed(record) {
      malformedCount += 1
      settled.add(record.position.index)
      if (malformed.length < TOLD_MALFORMED) malformed.push(record)
    },
    onLost(columns) {
      for (const column of columns) lostColumns[column] = (lostColumns[column] ?? 0) + 1
    },
  })

  /** Number in the upload → number in the file, for records under way. */
  const fileIndices = new Map<number, number>()
  let yielded = 0
  async function* rows(): AsyncGenerator<object> {
    for await (const { index, row } of source.rows((candidate) => settled.has(candidate))) {
      fileIndices.set(yielded, index)
      yielded += 1
      yield row
    }
  }
  const settle = (indices: readonly number[]): void => {
    for (const index of indices) {
      const inFile = fileIndices.get(index)
      if (inFile === undefined) continue
      settled.add(inFile)
      fileIndices.delete(index)
    }
  }

  const keeper = createStateKeeper(identity === undefined ? undefined : statePath, () => ({
    version: 1,
    file: identity as FileIdentity,
    destination: key,
    map: source.mapping,
    settled: settled.ranges(),
  }))
  // A state that cannot be written is better known before anything is sent.
  await keeper.write()

  const halt = new AbortController()
  let stopped: Error | undefined
  const refusals = new Map<string, number>()
  let result: UploadProgress
  try {
    result = await client.upload(destination.ruleId, destination.streamName, rows(), {
      maxConcurrency: options.maxConcurrency,
      abortSignal: AbortSignal.any([options.signal, halt.signal]),
      onAccepted: settle,
      async onError(failure: LogsUploadFailure) {
        const { cause, indices, failedLogs } = failure
        if (isAzlogsError(cause) && RECORDS_FAULT.has(cause.code)) {
          await failed.write(failedLogs)
          refusals.set(cause.message, (refusals.get(cause.message) ?? 0) + indices.length)
          settle(indices)
        } else if (stopped === undefined && !(isAzlogsError(cause) && cause.code === 'AZLOGS_ABORTED')) {
          stopped = cause
          halt.abort()
        }
      },
      onProgress(progress) {
        options.progress.show({
          readBytes: file?.bytesRead ?? 0,
          totalBytes: identity?.size ?? 0,
          records: progress.acceptedCount,
          requests: progress.requestCount,
          retries: progress.retryCount,
        })
        keeper.changed()
      },
    })
  } catch (error) {
    await (settled.size > 0 ? keeper.write() : keeper.remove())
    throw error
  } finally {
    options.progress.clear()
    await failed.close()
  }
  const isInterrupted = options.signal.aborted || stopped !== undefined
  // With nothing settled there is nothing to go on from, and the next run may be to another destination.
  await (isInterrupted && settled.size > 0 ? keeper.write() : keeper.remove())

  return {
    ...result,
    failedCount: failed.count,
    file: path,
    mapping: source.mapping,
    skippedCount,
    malformedCount,
    lostColumns,
    ...(failed.count === 0 ? {} : { failedFile: options.failedPath }),
    failures: [
      ...[...refusals].map(([message, count]) => refusal(message, count, path, options.failedPath)),
      ...(malformedCount === 0 ? [] : [malformation(path, malformed, malformedCount)]),
      ...(isInterrupted ? [interruption(path, stopped, statePath !== undefined)] : []),
    ],
  }
}

function refusal(message: string, count: number, path: string, failedPath: string): Failure {
  return {
    code: 'AZL4003',
    message: `${path}: ${count === 1 ? '1 record was' : `${count} records were`} refused: ${message}`,
    remedy: `They are in ${failedPath}; once repaired: azlogs send ${failedPath}`,
  }
}

function malformation(path: string, first: readonly RecordText[], count: number): Failure {
  const places = first.map(({ position: { line, index } }) =>
    line === undefined ? `element ${index}` : `line ${line}`,
  )
  const more = count > first.length ? ', …' : ''
  return {
    code: 'AZL4003',
    message: `${path}: ${count === 1 ? '1 record is' : `${count} records are`} no JSON object: ${places.join(', ')}${more}`,
    remedy: 'Nothing of them was sent. Repair the lines, or send the text with: cat FILE | azlogs send -',
  }
}

function interruption(path: string, stopped: Error | undefined, canGoOn: boolean): Failure {
  const why = stopped === undefined ? 'it was interrupted' : messageOf(stopped)
  return {
    code: 'AZL4004',
    message: `${path}: not all of it was sent: ${why}`,
    remedy: canGoOn
      ? `Run the same command again: it goes on where it ended. What is wrong with the way there: azlogs doctor`
      : 'Send it again from the beginning. What is wrong with the way there: azlogs doctor',
  }
}
