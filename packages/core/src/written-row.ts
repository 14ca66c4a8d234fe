import { hostname } from 'node:os'

import type { EncodedRow } from './encode.ts'
import { nextRecordId } from './record-id.ts'
import { nextTimestamp } from './timestamp.ts'

/**
 * A row that is JSON already, for transports that find its values as JSON text: what is text stays text, and is neither parsed nor
 * written again. It has what the shipper wants to know of a row.
 */
export class WrittenRow implements EncodedRow {
  readonly json: string
  readonly repaired = false
  /** The level's name, for the counts; undefined where nobody knows it. */
  readonly Level: string | undefined
  /** OpenTelemetry severity, for what may be dropped first. */
  readonly SeverityNumber: number

  constructor(json: string, level: string | undefined, severity: number) {
    this.json = json
    this.Level = level
    this.SeverityNumber = severity
  }
}

/** One log event as JSON texts, each undefined where the record has nothing for its column. */
export interface WrittenEntry {
  readonly timeMs: number
  readonly level: string
  readonly severity: number
  /** The level's name as JSON. */
  readonly levelText: string
  readonly message: string | undefined
  readonly logger: string | undefined
  readonly hostName: string | undefined
  readonly processId: string | undefined
  readonly traceId: string | undefined
  readonly spanId: string | undefined
  /** The members of everything else, without the braces around them; empty when there are none. */
  readonly properties: string
}

/** Makes rows of the default table as `createRowMapper` does, of texts. */
export function createRowWriter(): (entry: WrittenEntry) => WrittenRow {
  const thisHost = JSON.stringify(hostname())
  const thisProcess = String(process.pid)
  return (entry) => {
    const timestamp = nextTimestamp(entry.timeMs)
    let json = `{"TimeGenerated":"${timestamp}","Level":${entry.levelText},"SeverityNumber":${entry.severity},"Message":${entry.message ?? '""'},"HostName":${entry.hostName ?? thisHost},"ProcessId":${entry.processId ?? thisProcess}`
    if (entry.logger !== undefined) json += `,"Logger":${entry.logger}`
    if (entry.traceId !== undefined) json += `,"TraceId":${entry.traceId}`
    if (entry.spanId !== undefined) json += `,"SpanId":${entry.spanId}`
    if (entry.properties !== '') json += `,"Properties":{${entry.properties}}`
    json += `,"RecordId":"${nextRecordId()}","EventTime":"${timestamp}"}`
    return new WrittenRow(json, entry.level, entry.severity)
  }
}
