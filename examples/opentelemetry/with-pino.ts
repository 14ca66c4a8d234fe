import { azureLogsTransport, flushTransport } from '@azlogs/pino'
import { trace } from '@opentelemetry/api'
import { pino } from 'pino'
import type { Logger } from 'pino'

const transport = azureLogsTransport({ credential: { kind: 'managed-identity' }, flushIntervalMs: 1000 })

export const logger: Logger = pino(
  {
    name: 'opentelemetry',
    // pino calls it for every record, in the context of the call. TraceId and SpanId are columns.
    mixin() {
      const span = trace.getActiveSpan()?.spanContext()
      return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId }
    },
  },
  transport,
)

export async function close(): Promise<void> {
  await flushTransport(transport)
}
