import { app } from '@azure/functions'
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions'

import { loggerOf } from '../logging.js'

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

async function findStock(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const logger = loggerOf(context)
  const { item = '' } = request.params
  logger.info({ item }, 'asked')
  const document = stock.get(item)
  if (document === undefined) {
    logger.warn('unknown item')
    return { status: 404, jsonBody: { error: `There is no ${item}` } }
  }
  const count = countInStock(item, document)
  logger.info({ count }, 'counted')
  return { jsonBody: { item, count } }
}

app.http('stock', { methods: ['GET'], authLevel: 'anonymous', route: 'stock/{item}', handler: findStock })
