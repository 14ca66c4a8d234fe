import { Injectable, NotFoundException } from '@nestjs/common'

export class UnreadableStock extends Error {
  override name = 'UnreadableStock'

  constructor(
    readonly item: string,
    cause: unknown,
  ) {
    super(`The stock of ${item} cannot be read`, { cause })
  }
}

@Injectable()
export class StockService {
  private readonly documents = new Map([
    ['lamp', '{ "count": 12 }'],
    ['desk', '{ "count": 3, "reserved": '],
  ])

  count(item: string): unknown {
    const document = this.documents.get(item)
    if (document === undefined) throw new NotFoundException(`There is no ${item}`)
    try {
      return (JSON.parse(document) as Record<string, unknown>)['count']
    } catch (error) {
      throw new UnreadableStock(item, error)
    }
  }
}
