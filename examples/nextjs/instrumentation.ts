import type { Instrumentation } from 'next'

// Next.js builds this file for its edge runtime too, where pino and @azlogs/pino cannot run: hence the conditions, which
// it knows at build time, around the imports.

/** Next.js calls it once, as the server starts. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { flushLogs, loggerFor } = await import('./logger')
    loggerFor(undefined).info('server started')
    await flushLogs()
  }
}

/** Next.js calls it with what a page, a route or an action has thrown. */
export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { flushLogs, loggerFor } = await import('./logger')
    const { method, path, headers } = request
    const logger = loggerFor(headers['traceparent']?.toString())
    logger.error({ err: error, method, path, route: context.routePath }, 'request failed')
    await flushLogs()
  }
}
