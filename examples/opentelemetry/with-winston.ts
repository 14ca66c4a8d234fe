import { once } from 'node:events'

import { AzureLogsTransport } from '@azlogs/winston'
import { trace } from '@opentelemetry/api'
import winston from 'winston'

// winston calls it for every record, in the context of the call. TraceId and SpanId are columns.
const traced = winston.format((info) => {
  const span = trace.getActiveSpan()?.spanContext()
  return span === undefined ? info : Object.assign(info, { trace_id: span.traceId, span_id: span.spanId })
})

const winstonLogger = winston.createLogger({
  defaultMeta: { service: 'opentelemetry' },
  format: traced(),
  transports: [new AzureLogsTransport({ credential: { kind: 'managed-identity' }, flushIntervalMs: 1000 })],
})

export const logger = {
  info: (details: object, message: string): void => void winstonLogger.info(message, details),
}

export async function close(): Promise<void> {
  winstonLogger.end()
  await once(winstonLogger, 'finish')
}
