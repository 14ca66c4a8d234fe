import Fastify from 'fastify'
import { pino } from 'pino'

const { HOST = '127.0.0.1', PORT = '3000' } = process.env

// It runs in a worker thread, so its options are plain data. Where to send comes from AZURE_DCE_ENDPOINT,
// AZURE_DCR_RULE_ID and AZURE_DCR_STREAM_NAME.
const transport = pino.transport({
  target: '@azlogs/pino',
  options: {
    credential: { kind: 'managed-identity' },
    // To see rows soon. The default, 5 seconds, makes fewer and larger requests.
    flushIntervalMs: 1000,
  },
})

// Every record gets a running number: a gap in the table would be a lost record.
let logged = 0
function numbered(): object {
  logged += 1
  return { sequence: logged }
}

const app = Fastify({
  loggerInstance: pino({ name: 'pino-fastify', mixin: numbered }, transport),
  childLoggerFactory(logger, bindings, options, request) {
    // https://www.w3.org/TR/trace-context/#traceparent-header
    const [, traceId, spanId] = String(request.headers['traceparent'] ?? '').split('-')
    return logger.child({ ...bindings, traceId, spanId }, options)
  },
})

const stock: ReadonlyMap<string, string> = new Map([
  ['lamp', '{ "count": 12 }'],
  ['desk', '{ "count": 3, "reserved": '],
])

function countInStock(item: string, document: string): unknown {
  try {
    return (JSON.parse(document) as Record<string, unknown>)['count']
  } catch (error) {
    throw new Error(`The stock of ${item} cannot be read`, { cause: error })
  }
}

app.get<{ Params: { name: string } }>('/greet/:name', (request) => {
  const { name } = request.params
  request.log.info({ greeted: name }, 'greeting')
  return { greeting: `Hello, ${name}!` }
})

app.get<{ Params: { item: string } }>('/stock/:item', (request, reply) => {
  const { item } = request.params
  const document = stock.get(item)
  if (document === undefined) return reply.code(404).send({ error: `There is no ${item}` })
  return reply.send({ item, count: countInStock(item, document) })
})

const url = await app.listen({ host: HOST, port: Number(PORT) })
process.stdout.write(`listening on ${url}\n`)

// Once the last request has ended nothing keeps the process: as it exits, pino waits for its worker, and the worker
// for the last delivery (for up to 10 seconds).
async function stop(): Promise<void> {
  if (!app.server.listening) return
  await app.close()
  process.stdout.write(`logged ${logged}\n`)
}
process.once('SIGTERM', () => void stop())
process.once('SIGINT', () => void stop())
