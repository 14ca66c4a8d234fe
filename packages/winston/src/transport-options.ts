import { AzlogsError } from '@azlogs/core'
import type { RowOptions, ShipperOptions } from '@azlogs/core'
import type { TransportStreamOptions } from 'winston-transport'

/** Options of every winston transport. */
type WinstonOptions = Pick<
  TransportStreamOptions,
  'level' | 'silent' | 'format' | 'handleExceptions' | 'handleRejections'
>

/** Options of an {@link AzureLogsTransport}: winston's for any transport, how records become rows, and how they travel. */
export interface AzureLogsTransportOptions extends WinstonOptions, RowOptions, ShipperOptions {
  /**
   * Ships from a worker thread: this one maps a record, writes its JSON and hands it over. What a process holds when it
   * calls `process.exit()` or dies of an exception is delivered then. All options are the same; those for the worker must
   * be plain data, except for a credential object and `onProblem`, which stay in this thread.
   * @default false
   */
  readonly worker?: boolean
  /**
   * Makes the row instead of the default mapping, in the tick of the log call. Returns an object whose keys are columns of
   * the stream, or undefined to skip the record. `info` is shared with the other transports: do not change it. Where this
   * throws, or returns anything else, the default mapping takes the record and says so in `Properties.mapRecordError`.
   */
  readonly mapRecord?: (info: Readonly<Record<string | symbol, unknown>>) => object | undefined
}

/** How records become rows. */
export type MappingOptions = Pick<AzureLogsTransportOptions, 'columns' | 'mapping' | 'mapRecord'>

/** The options that are ours, and those that go to the shipper, which refuses what it does not know. */
export function splitOptions(options: AzureLogsTransportOptions): {
  readonly mapping: MappingOptions
  readonly shipper: ShipperOptions
  readonly worker: boolean
} {
  const {
    level: _level,
    silent: _silent,
    format: _format,
    handleExceptions: _handleExceptions,
    handleRejections: _handleRejections,
    columns = {},
    mapping = 'default',
    mapRecord,
    worker = false,
    ...shipper
  } = options
  const problems = mappingProblems(mapping, mapRecord)
  if (typeof worker !== 'boolean')
    problems.push(`worker is ${JSON.stringify(worker)}; it can be true or false.`)
  if (problems.length > 0) {
    throw new AzlogsError('AZLOGS_CONFIG', `The transport cannot be set up: ${problems.join(' ')}`, {
      problems,
    })
  }
  return {
    mapping: { columns, mapping, ...(mapRecord === undefined ? {} : { mapRecord }) },
    shipper,
    worker,
  }
}

function mappingProblems(mapping: unknown, mapRecord: unknown): string[] {
  const problems: string[] = []
  if (mapping !== 'default' && mapping !== 'passthrough') {
    problems.push(`mapping is ${JSON.stringify(mapping)}; it can be 'default' or 'passthrough'.`)
  }
  if (mapRecord !== undefined && typeof mapRecord !== 'function') {
    problems.push(`mapRecord is a ${typeof mapRecord}; it must be a function.`)
  }
  if (mapRecord !== undefined && mapping === 'passthrough') {
    problems.push("mapRecord and mapping: 'passthrough' exclude each other.")
  }
  return problems
}
