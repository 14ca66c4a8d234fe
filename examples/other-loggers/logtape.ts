import { inspect } from 'node:util'

import { createRowMapper, SEVERITY } from '@azlogs/core'
import type { Shipper } from '@azlogs/core'
import type { LogRecord, Sink } from '@logtape/logtape'

const SEVERITY_OF = { ...SEVERITY, warning: SEVERITY.warn }

/** A sink for `configure({ sinks: { azure: azureSink(shipper) } })`. */
export function azureSink(shipper: Shipper): Sink {
  const toRow = createRowMapper()
  return (record) => {
    const { error, trace_id, span_id, ...properties } = record.properties
    shipper.push(
      toRow({
        timeMs: record.timestamp,
        level: record.level,
        severity: SEVERITY_OF[record.level],
        message: messageOf(record),
        logger: record.category.join('.'),
        traceId: textOrNothing(trace_id),
        spanId: textOrNothing(span_id),
        error,
        properties,
      }),
    )
  }
}

/** Text and values take turns in `message`; the values are in `properties` too. */
function messageOf({ message }: LogRecord): string {
  return message.map((part) => (typeof part === 'string' ? part : inspect(part))).join('')
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
