import type { FastifyBaseLogger } from 'fastify'
import type winston from 'winston'

/** winston as a logger of Fastify, which calls its own as pino's: fields first. */
export function fastifyLoggerOf(logger: winston.Logger, bindings: object = {}): FastifyBaseLogger {
  const logAt =
    (level: string) =>
    (first: unknown, message?: string): void => {
      if (typeof first === 'string') logger.log(level, first, { ...bindings })
      else logger.log(level, message ?? '', { ...bindings, ...plain(Object(first) as object) })
    }
  return {
    level: logger.level,
    fatal: logAt('error'),
    error: logAt('error'),
    warn: logAt('warn'),
    info: logAt('info'),
    debug: logAt('debug'),
    trace: logAt('silly'),
    silent: () => {},
    child: (more) => fastifyLoggerOf(logger, { ...bindings, ...more }),
  }
}

/** What Fastify's serializers make of a request and of a response. */
function plain(fields: {
  readonly req?: { readonly method: string; readonly url: string; readonly ip: string }
  readonly res?: { readonly statusCode: number }
}): object {
  const { req, res } = fields
  return {
    ...fields,
    ...(req && { req: { method: req.method, url: req.url, remoteAddress: req.ip } }),
    ...(res && { res: { statusCode: res.statusCode } }),
  }
}
