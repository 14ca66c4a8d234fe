import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'

// Without an address for spans they are made all the same, and the logs have their ids.
const exporting = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] !== undefined

export const provider: NodeTracerProvider = new NodeTracerProvider({
  spanProcessors: exporting ? [new BatchSpanProcessor(new OTLPTraceExporter())] : [],
})
// Sets the context manager too, which keeps the active span over every `await` with AsyncLocalStorage.
provider.register()
