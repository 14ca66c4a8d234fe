import type { PinoConfig } from './record.ts'

/** Where a record has what every row has a column for, each by the names that it may have, the likeliest first. */
export interface RecordKeys {
  readonly level: readonly string[]
  readonly time: readonly string[]
  readonly message: readonly string[]
  readonly error: readonly string[]
  readonly name: readonly string[]
  readonly host: readonly string[]
  readonly process: readonly string[]
  readonly trace: readonly string[]
  readonly span: readonly string[]
}

/** `formatters.level` and `timestamp` may have put theirs elsewhere (pino's own, Google's, Elastic's names). */
export function keysOf(config: PinoConfig): RecordKeys {
  return {
    level: ['level', 'severity', 'log.level'],
    time: ['time', 'timestamp', '@timestamp'],
    message: unique(config.messageKey, 'msg', 'message'),
    error: unique(config.errorKey, 'err', 'error'),
    name: ['name'],
    host: ['hostname'],
    process: ['pid'],
    trace: ['trace_id', 'traceId'],
    span: ['span_id', 'spanId'],
  }
}

function unique(...keys: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(keys.filter((key) => key !== undefined))]
}
