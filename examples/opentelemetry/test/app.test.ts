import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

import { test } from '@azlogs/emulator/vitest'
import { expect, onTestFinished } from 'vitest'

import { startApplication } from '../../application.ts'

const script = fileURLToPath(new URL('../app.ts', import.meta.url))

interface Span {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
}

/** Where an OpenTelemetry collector would listen: takes spans in OTLP's JSON form. */
async function collector(): Promise<{ readonly url: string; readonly spans: readonly Span[] }> {
  const spans: Span[] = []
  const server = createServer(async (request, response) => {
    const { resourceSpans } = (await json(request)) as {
      resourceSpans: readonly { scopeSpans: readonly { spans: readonly Span[] }[] }[]
    }
    spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)))
    response.setHeader('content-type', 'application/json').end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans }
}

const ITEMS = ['lamp', 'desk', 'rug', 'chair', 'shelf']

function traceIdOf(item: string): string {
  return Buffer.from(item.padEnd(16)).toString('hex')
}

test.for(['pino', 'winston'])(
  'with %s, TraceId and SpanId of every row are those of the span in which it was logged',
  async (logger, { emulator, signal }) => {
    const { url: collectorUrl, spans } = await collector()
    const env = {
      ...emulator.env,
      PORT: '0',
      LOGGER: logger,
      OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
    }
    await using application = startApplication(script, { env, signal })
    const [, url = ''] = await application.line(/^listening on (\S+)$/)
    const answers = await Promise.all(
      ITEMS.map(async (item) => {
        const traceparent = `00-${traceIdOf(item)}-b7ad6b7169203331-01`
        const response = await fetch(`${url}/orders/${item}`, { headers: { traceparent } })
        return response.json()
      }),
    )
    await application.stop()

    expect(answers).toEqual(ITEMS.map((item) => ({ ordered: item, traceId: traceIdOf(item) })))
    await application.line(/^logged 16$/)
    const rows = emulator.rows()
    expect(rows).toHaveLength(16)
    expect(spans).toHaveLength(2 * ITEMS.length)
    for (const item of ITEMS) {
      const spanOf = (name: string): Span | undefined =>
        spans.find((span) => span.name === name && span.traceId === traceIdOf(item))
      const order = spanOf('order')
      const charge = spanOf('charge')
      expect(order?.parentSpanId).toBe('b7ad6b7169203331')
      expect(charge?.parentSpanId).toBe(order?.spanId)
      const ids = rows
        .filter((row) => Reflect.get(Object(row['Properties']), 'item') === item)
        .map(({ Message, TraceId, SpanId }) => ({ Message, TraceId, SpanId }))
      expect(ids).toEqual([
        { Message: 'order received', TraceId: traceIdOf(item), SpanId: order?.spanId },
        { Message: 'card charged', TraceId: traceIdOf(item), SpanId: charge?.spanId },
        { Message: 'order placed', TraceId: traceIdOf(item), SpanId: order?.spanId },
      ])
    }
    await expect(emulator).toHaveIngested({ Message: 'listening', TraceId: '', SpanId: '' }, { times: 1 })
    emulator.assertNothingDropped()
  },
)
