import { Catch, Logger, ServiceUnavailableException } from '@nestjs/common'
import type { ArgumentsHost } from '@nestjs/common'
import { BaseExceptionFilter } from '@nestjs/core'

import { UnreadableStock } from './stock.service.js'

/** The table gets the error with its cause, the caller a 503. */
@Catch(UnreadableStock)
export class UnreadableStockFilter extends BaseExceptionFilter {
  private readonly logger = new Logger(UnreadableStockFilter.name)

  override catch(error: UnreadableStock, host: ArgumentsHost): void {
    // The error itself, not its message: a text has neither a type nor a cause.
    this.logger.error(error)
    super.catch(new ServiceUnavailableException(), host)
  }
}
