import { hostname } from 'node:os'
import { once } from 'node:events'
import { StringDecoder } from 'node:string_decoder'

import { createShipper } from '@azlogs/core'
import type { Problem, Shipper, ShipperStats } from '@azlogs/core'

import type { GivenDestination } from '../destination-args.ts'
import { createLineReader } from '../lines/line-reader.ts'
import { parseLine } from '../lines/parse-line.ts'
import { columnPaths } from '../schema/lock.ts'
import type { SchemaLock } from '../schema/lock.ts'
import type { Mapping } from './row-source.ts'

export interface SendStdinOptions {
  readonly destination: GivenDestination
  readonly packing: 'uncompressed' | 'compressed'
  readonly map: Mapping | 'auto'
  readonly lock: SchemaLock | undefined
  /** Where the text goes on to; undefined keeps it back. */
  readonly echo: NodeJS.WriteStream | undefined
  readonly onProblem: (problem: Problem) => void
  /** The mapping of the first JSON line, for `auto`. */
  readonly onDetected: (format: string) => void
}

/** Above this much unsent JSON, in bytes, reading pauses: the application waits with its next line rather than lose one. */
const PAUSE_BYTES = 16 * 1024 * 1024

/** It waits so long and no longer, in milliseconds: an endpoint that is down must not stop the application. */
const PATIENCE_MS = 10_000

/** For what is left at the end of the input, in milliseconds. */
const END_MS = 30_000

/**
 * Ships what an application prints, line by line as it comes, and passes it on. Text that is no JSON object becomes a row
 * with the text in `Message`.
 */
export async function sendStdin(
  input: AsyncIterable<Buffer>,
  options: SendStdinOptions,
): Promise<ShipperStats> {
  const { destination, map, lock, echo, onDetected, packing } = options
  const shipper = createShipper({
    ...withoutUndefined(destination),
    packing,
    ...(lock === undefined ? {} : { schema: lock }),
    onProblem: options.onProblem,
  })
  const reader = createLineReader({
    columns: columnPaths(lock),
    ...(map === 'none' ? {} : { format: map }),
  })
  const host = hostname()
  let isDetected = map !== 'auto'

  function take(line: string): void {
    if (line.trim() === '') return
    const record = parseLine(line)
    if (record !== undefined && map === 'none') {
      shipper.push(record)
      return
    }
    const read = record === undefined ? undefined : reader.readRecord(record)
    if (read !== undefined && !isDetected) {
      isDetected = true
      onDetected(read.format)
    }
    const row = read?.row ?? reader.readText(line)
    // The application runs on this machine: it is at the other end of the pipe.
    if (read?.format !== 'row') row['HostName'] ??= host
    shipper.push(row)
  }

  const decoder = new StringDecoder('utf8')
  const wait = createPatience(shipper)
  let rest = ''
  for await (const chunk of input) {
    if (echo?.write(chunk) === false) await once(echo, 'drain')
    const lines = (rest + decoder.write(chunk)).split('\n')
    rest = lines.pop() as string
    for (const line of lines) take(line)
    await wait()
  }
  take(rest + decoder.end())
  return shipper.close({ timeoutMs: END_MS })
}

function createPatience(shipper: Shipper): () => Promise<void> {
  let isPatient = true
  return async () => {
    if (shipper.stats().pendingBytes < PAUSE_BYTES) isPatient = true
    else if (isPatient) isPatient = (await shipper.flush({ timeoutMs: PATIENCE_MS })).complete
  }
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>
}
