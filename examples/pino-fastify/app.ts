import Fastify from 'fastify'
import { pino } from 'pino'

const { HOST = '127.0.0.1', PORT = '3000' } = process.env

// Both targets run in one worker thread, so their options are plain data. A target gets what is at its level or above,
// and nothing below the logger's own level (here pino's default, info).
const transport = pino.transport({
  targets: [
    {
      target: '@azlogs/pino',
      level: 'info',
      // Where to send comes from AZURE_DCE_ENDPOINT, AZURE_DCR_RULE_ID and AZURE_DCR_STREAM_NAME.
      options: {
        credential: { kind: 'managed-identity' },
        // To see rows soon. The default, 5 seconds, makes fewer and larger requests.
        flushIntervalMs: 1000,
      },
    },
    { target: 'pino/file', level: 'warn', options: { destination: process.stdout.fd } },
  ],
})

// pino replaces these before a line leaves the application's thread, so no target ever sees them.
const redact = {
  paths: [
    'headers.authorization',
    'headers.cookie',
    'order.payment.cardNumber',
    'order.payment.securityCode',
    'err.request.headers.authorization',
    'err.request.body',
  ],
  censor: '[redacted]',
}

// Every record gets a running number: a gap in the table would be a lost record.
let logged = 0
function numbered(): object {
  logged += 1
  return { sequence: logged }
}

const app = Fastify({
  loggerInstance: pino({ name: 'pino-fastify', mixin: numbered, redact }, transport),
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

interface Order {
  readonly item: string
  readonly payment: { readonly cardNumber: string; readonly securityCode: string }
}

/** As many HTTP clients do, it fails with an error that carries the request, and so its secrets. */
function pay({ payment }: Order): void {
  if (/^4\d{15}$/.test(payment.cardNumber)) return
  const request = { method: 'POST', headers: { authorization: 'Bearer of-the-shop' }, body: payment }
  throw Object.assign(new Error('The payment was refused'), { request })
}

app.post<{ Body: Order }>('/orders', (request, reply) => {
  const { headers, body: order } = request
  request.log.info({ headers, order }, 'order received')
  pay(order)
  return reply.code(201).send({ ordered: order.item })
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
