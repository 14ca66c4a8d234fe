import { finished } from 'node:stream/promises'

import { createAzureLogsStream, flushTransport } from '@azlogs/pino'
import { app } from '@azure/functions'
import type { InvocationContext } from '@azure/functions'
import { pino } from 'pino'
import type { Logger } from 'pino'

// Where to send comes from AZURE_DCE_ENDPOINT, AZURE_DCR_RULE_ID and AZURE_DCR_STREAM_NAME.
const stream = createAzureLogsStream({
  credential: { kind: 'managed-identity' },
  // The Functions host ends this process five seconds after it has asked it to end.
  closeTimeoutMs: 4000,
})

// Every record gets a running number: a gap in the table would be a lost record.
let logged = 0
function numbered(): object {
  logged += 1
  return { sequence: logged }
}

const logger = pino({ name: 'azure-functions', mixin: numbered }, stream)
const loggers = new WeakMap<InvocationContext, Logger>()

/** The logger of an invocation: its records carry the invocation's id and the caller's trace id. */
export function loggerOf(context: InvocationContext): Logger {
  const known = loggers.get(context)
  if (known !== undefined) return known
  const { functionName, invocationId, traceContext } = context
  // https://www.w3.org/TR/trace-context/#traceparent-header
  const [, traceId, spanId] = traceContext?.traceParent?.split('-') ?? []
  const child = logger.child({ functionName, invocationId, traceId, spanId })
  loggers.set(context, child)
  return child
}

// The host gets the answer, and may freeze this process, when this promise has resolved. So it takes what a delivery
// takes; when the service is down, this long at most: the records stay in memory and go with the next invocation.
const flushTimeoutMs = Number(process.env['LOG_FLUSH_TIMEOUT_MS'] ?? 5000)

app.hook.postInvocation(async ({ error, invocationContext }) => {
  if (error !== null && error !== undefined)
    loggerOf(invocationContext).error({ err: error }, 'invocation failed')
  await flushTransport(stream, { timeoutMs: flushTimeoutMs })
})

app.hook.appTerminate(async () => {
  logger.info('function app ends')
  stream.end()
  await finished(stream)
})
