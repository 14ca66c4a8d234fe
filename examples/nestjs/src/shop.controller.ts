import { Controller, Get, Logger, Param } from '@nestjs/common'

import { StockService } from './stock.service.js'

@Controller()
export class ShopController {
  private readonly logger = new Logger(ShopController.name)

  constructor(private readonly stock: StockService) {}

  @Get('greet/:name')
  greet(@Param('name') name: string): object {
    this.logger.log({ message: 'greeting', greeted: name })
    return { greeting: `Hello, ${name}!` }
  }

  @Get('stock/:item')
  count(@Param('item') item: string): object {
    return { item, count: this.stock.count(item) }
  }
}
