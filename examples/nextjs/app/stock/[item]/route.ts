import { requestLogger } from '../../../logger'

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

interface Context {
  readonly params: Promise<{ readonly item: string }>
}

export async function GET(request: Request, { params }: Context): Promise<Response> {
  const logger = requestLogger(request.headers)
  const { item } = await params
  const document = stock.get(item)
  if (document === undefined) {
    logger.warn({ item }, 'unknown item')
    return Response.json({ error: `There is no ${item}` }, { status: 404 })
  }
  const count = countInStock(item, document)
  logger.info({ item, count }, 'counted')
  return Response.json({ item, count })
}
