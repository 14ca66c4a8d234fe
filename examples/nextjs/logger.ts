import { createAzureLogsStream, flushTransport } from '@azlogs/pino'
import type { AzureLogsStream } from '@azlogs/pino'
import { after } from 'next/server'
import { pino } from 'pino'
import type { Logger } from 'pino'

interface Logging {
  readonly logger: Logger
  readonly stream: AzureLogsStream
}

// Next.js bundles instrumentation.ts and each route by themselves, with a copy of this module in every bundle: what all
// of them share is on globalThis.
const shared = globalThis as { azlogsExample?: Logging }

// Made when first asked for: `next build` loads the routes too, where the environment does not say where to send.
function logging(): Logging {
  return (shared.azlogsExample ??= createLogging())
}

function createLogging(): Logging {
  // Where to send comes from AZURE_DCE_ENDPOINT, AZURE_DCR_RULE_ID and AZURE_DCR_STREAM_NAME.
  const stream = createAzureLogsStream({ credential: { kind: 'managed-identity' } })
  // Every record gets a running number: a gap in the table would be a lost record.
  let logged = 0
  const mixin = (): object => ({ sequence: ++logged })
  return { logger: pino({ name: 'nextjs', mixin }, stream), stream }
}

/** A logger whose records carry the caller's trace id. */
export function loggerFor(traceparent: string | null | undefined): Logger {
  // https://www.w3.org/TR/trace-context/#traceparent-header
  const [, traceId, spanId] = traceparent?.split('-') ?? []
  return logging().logger.child({ traceId, spanId })
}

/** The same for a page, a route or an action: what it logs is delivered when its response has gone. */
export function requestLogger(headers: Headers): Logger {
  after(flushLogs)
  return loggerFor(headers.get('traceparent'))
}

/** Resolves when all records so far are delivered, or after five seconds: then they are tried on in the background. */
export async function flushLogs(): Promise<void> {
  await flushTransport(logging().stream, { timeoutMs: 5000 })
}
