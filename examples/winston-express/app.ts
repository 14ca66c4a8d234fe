import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'

import { AzureLogsTransport } from '@azlogs/winston'
import express from 'express'
import type { NextFunction, Request, Response } from 'express'
import winston from 'winston'

import { redact } from './redact.ts'

const { HOST = '127.0.0.1', PORT = '3000' } = process.env

// Every record gets a running number: a gap in the table would be a lost record.
let logged = 0
const numbered = winston.format((info) => {
  logged += 1
  info['sequence'] = logged
  return info
})

// As JSON, an Error is {}: `inspect` shows its stack and its causes.
const readable = winston.format.printf(({ level, message, error }) => {
  return `${level}: ${String(message)}${error === undefined ? '' : ` ${inspect(error)}`}`
})

// Where to send comes from AZURE_DCE_ENDPOINT, AZURE_DCR_RULE_ID and AZURE_DCR_STREAM_NAME.
const logger = winston.createLogger({
  defaultMeta: { service: 'winston-express' },
  format: winston.format.combine(redact('authorization', 'cookie', 'cardNumber', 'securityCode'), numbered()),
  transports: [
    new winston.transports.Console({ format: readable }),
    new AzureLogsTransport({
      credential: { kind: 'managed-identity' },
      // To see rows soon. The default, 5 seconds, makes fewer and larger requests.
      flushIntervalMs: 1000,
    }),
  ],
})

interface Locals {
  readonly requestId: string
  readonly logger: winston.Logger
}
type LoggingResponse = Response<unknown, Locals & Record<string, unknown>>

/** One record for each request, and a logger whose records all carry the request's and the caller's trace id. */
function logRequests(request: Request, response: LoggingResponse, next: NextFunction): void {
  const startedAt = performance.now()
  const { method, originalUrl: url } = request
  // https://www.w3.org/TR/trace-context/#traceparent-header
  const [, traceId, spanId] = request.get('traceparent')?.split('-') ?? []
  const requestId = randomUUID()
  const requestLogger = logger.child({ requestId, traceId, spanId })
  Object.assign(response.locals, { requestId, logger: requestLogger } satisfies Locals)
  response.once('close', () => {
    const { statusCode: status } = response
    const durationMs = Math.round((performance.now() - startedAt) * 1000) / 1000
    requestLogger.info(`${method} ${url} ${status}`, { method, url, status, durationMs })
  })
  next()
}

/** Express tells an error handler by its four parameters. */
function logErrors(error: unknown, _request: Request, response: LoggingResponse, next: NextFunction): void {
  const { requestId, logger: requestLogger } = response.locals
  requestLogger.error('request failed', { error })
  if (response.headersSent) next(error)
  else response.status(500).json({ error: 'Internal Server Error', requestId })
}

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

const app = express()
app.use(logRequests)
app.use(express.json())

app.get('/greet/:name', (request: Request<{ name: string }>, response: LoggingResponse) => {
  const { name } = request.params
  response.locals.logger.info('greeting', { name })
  response.json({ greeting: `Hello, ${name}!` })
})

app.get('/stock/:item', (request: Request<{ item: string }>, response: LoggingResponse) => {
  const { item } = request.params
  const document = stock.get(item)
  if (document === undefined) response.status(404).json({ error: `There is no ${item}` })
  else response.json({ item, count: countInStock(item, document) })
})

app.post('/orders', (request: Request<object, unknown, Order>, response: LoggingResponse) => {
  const { headers, body: order } = request
  response.locals.logger.info('order received', { headers, order })
  pay(order)
  response.status(201).json({ ordered: order.item })
})

app.use(logErrors)

const server = app.listen(Number(PORT), HOST, (error) => {
  if (error !== undefined) throw error
  process.stdout.write(`listening on http://${HOST}:${(server.address() as AddressInfo).port}\n`)
})

// First the requests end, then the logger: `finish` comes when every record is delivered or accounted for.
function stop(): void {
  if (!server.listening) return
  server.close(() => {
    logger.once('finish', () => process.stdout.write(`logged ${logged}\n`))
    logger.end()
  })
}
process.once('SIGTERM', stop)
process.once('SIGINT', stop)
