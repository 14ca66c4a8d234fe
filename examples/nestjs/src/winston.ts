import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { inspect } from 'node:util'

import { AzureLogsTransport } from '@azlogs/winston'
import { Module } from '@nestjs/common'
import type { OnApplicationShutdown } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { WinstonModule } from 'nest-winston'
import winston from 'winston'

import { ShopModule } from './shop.module.js'

const { HOST = '127.0.0.1', PORT = '3000' } = process.env

interface RequestFacts {
  readonly requestId: string
  readonly traceId: string | undefined
  readonly spanId: string | undefined
}

// Request-scoped logging without request-scoped providers: who logs while a request is answered logs of that request.
const requests = new AsyncLocalStorage<RequestFacts>()
const ofRequest = winston.format((info) => Object.assign(info, requests.getStore()))

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
  // Nest's levels. winston's own have no «fatal», and what has an unknown level is lost.
  levels: { fatal: 0, error: 1, warn: 2, info: 3, debug: 4, verbose: 5 },
  defaultMeta: { service: 'nestjs-winston' },
  format: winston.format.combine(ofRequest(), numbered()),
  transports: [
    new winston.transports.Console({ format: readable }),
    new AzureLogsTransport({
      credential: { kind: 'managed-identity' },
      // To see rows soon. The default, 5 seconds, makes fewer and larger requests.
      flushIntervalMs: 1000,
    }),
  ],
})

/** One record for each request. */
function logRequests(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const startedAt = performance.now()
  const { method, url, headers } = request
  // https://www.w3.org/TR/trace-context/#traceparent-header
  const [, traceId, spanId] = String(headers['traceparent'] ?? '').split('-')
  requests.run({ requestId: randomUUID(), traceId, spanId }, () => {
    response.once('close', () => {
      const { statusCode: status } = response
      const durationMs = Math.round((performance.now() - startedAt) * 1000) / 1000
      logger.info(`${method} ${url} ${status}`, { method, url, status, durationMs })
    })
    next()
  })
}

@Module({ imports: [ShopModule] })
class Application implements OnApplicationShutdown {
  /** The last thing that Nest does: every request has been answered. */
  async onApplicationShutdown(): Promise<void> {
    // `finish` comes when every record is delivered or accounted for.
    const finished = once(logger, 'finish')
    logger.end()
    await finished
    process.stdout.write(`logged ${logged}\n`)
  }
}

const application = await NestFactory.create(Application, {
  logger: WinstonModule.createLogger({ instance: logger }),
})
application.use(logRequests)
application.enableShutdownHooks([], { useProcessExit: true })

await application.listen(Number(PORT), HOST)
process.stdout.write(`listening on ${await application.getUrl()}\n`)
