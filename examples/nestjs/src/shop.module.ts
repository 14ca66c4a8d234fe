import { Module } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'

import { ShopController } from './shop.controller.js'
import { StockService } from './stock.service.js'
import { UnreadableStockFilter } from './unreadable-stock.filter.js'

/** What both applications do. It logs through Nest's own Logger and does not know what is behind it. */
@Module({
  controllers: [ShopController],
  providers: [StockService, { provide: APP_FILTER, useClass: UnreadableStockFilter }],
})
export class ShopModule {}
