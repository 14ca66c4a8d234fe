import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { context, propagation, SpanKind, trace } from '@opentelemetry/api'

// First of all: loggers and libraries find the provider then.
import { provider } from './tracing.ts'

const { HOST = '127.0.0.1', PORT = '3000', LOGGER = 'pino' } = process.env
const { logger, close } = await (LOGGER === 'winston'
  ? import('./with-winston.ts')
  : import('./with-pino.ts'))

const tracer = trace.getTracer('shop')
let logged = 0

function log(details: object, message: string): void {
  logged += 1
  logger.info({ ...details, sequence: logged }, message)
}

/** Runs in a span of its own; what is logged meanwhile, however deep, has the span's id. */
async function inSpan<T>(name: string, kind: SpanKind, work: () => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, { kind }, async (span) => {
    try {
      return await work()
    } finally {
      span.end()
    }
  })
}

async function placeOrder(item: string): Promise<void> {
  log({ item }, 'order received')
  await inSpan('charge', SpanKind.INTERNAL, async () => {
    // Other requests have their turn here. Each goes on with its own span.
    await nextTurn()
    log({ item }, 'card charged')
  })
  log({ item }, 'order placed')
}

/** The span of the caller, from the header `traceparent`: https://www.w3.org/TR/trace-context/ */
function callersContext(request: IncomingMessage): ReturnType<typeof context.active> {
  return propagation.extract(context.active(), request.headers)
}

const server = createServer((request, response) => {
  const item = decodeURIComponent(request.url?.slice('/orders/'.length) ?? '')
  void context.with(callersContext(request), () =>
    inSpan('order', SpanKind.SERVER, async () => {
      await placeOrder(item)
      const traceId = trace.getActiveSpan()?.spanContext().traceId
      response.end(`${JSON.stringify({ ordered: item, traceId })}\n`)
    }),
  )
})
server.listen(Number(PORT), HOST, () => {
  log({}, 'listening')
  process.stdout.write(`listening on http://${HOST}:${(server.address() as AddressInfo).port}\n`)
})

function stop(): void {
  server.close(async () => {
    await Promise.all([close(), provider.shutdown()])
    process.stdout.write(`logged ${logged}\n`)
    process.exit()
  })
}
process.once('SIGTERM', stop)
process.once('SIGINT', stop)
