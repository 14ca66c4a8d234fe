import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { Logger, LoggerErrorInterceptor, LoggerModule } from 'nestjs-pino'
import { pino } from 'pino'

import { ShopModule } from './shop.module.js'

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

type PlainRequest = Readonly<Record<'id' | 'method' | 'url', unknown>>
type PlainResponse = Readonly<Record<'statusCode', unknown>>

@Module({
  imports: [
    LoggerModule.forRoot({
      pinoHttp: [
        {
          name: 'nestjs-pino',
          mixin: numbered,
          // Whole, they would bring all headers along, cookies and tokens too, and `req` stands in every record.
          serializers: {
            req: ({ id, method, url }: PlainRequest) => ({ id, method, url }),
            res: ({ statusCode }: PlainResponse) => ({ statusCode }),
          },
          customProps(request) {
            // https://www.w3.org/TR/trace-context/#traceparent-header
            const [, traceId, spanId] = String(request.headers['traceparent'] ?? '').split('-')
            return { traceId, spanId }
          },
        },
        transport,
      ],
    }),
    ShopModule,
  ],
})
class Application {}

const application = await NestFactory.create(Application, { bufferLogs: true })
application.useLogger(application.get(Logger))
// Without it the record of a failed request tells of an error «failed with status code 503».
application.useGlobalInterceptors(new LoggerErrorInterceptor())
// By default Nest ends by the signal, and a worker thread with it; as process.exit() runs, pino waits for its worker,
// and the worker for the last delivery (for up to 10 seconds).
application.enableShutdownHooks([], { useProcessExit: true })
process.once('exit', () => process.stdout.write(`logged ${logged}\n`))

await application.listen(Number(PORT), HOST)
process.stdout.write(`listening on ${await application.getUrl()}\n`)
