import { createAzureLogsStream } from '@azlogs/pino'
import type { AzureLogsStream } from '@azlogs/pino'
import { pino } from 'pino'

interface Order {
  readonly id: number
  readonly item: string
  readonly amountEur: number
}

export interface OrderService {
  place(order: Order): void
  /** Resolves when everything that was logged is delivered or accounted for. */
  close(): Promise<void>
}

/**
 * Where to log to is read here and not when the module is imported, so that each test can have a service of its own.
 */
export function createOrderService(): OrderService {
  const stream: AzureLogsStream = createAzureLogsStream({ credential: { kind: 'managed-identity' } })
  const logger = pino({ name: 'orders' }, stream)
  const ids = new Set<number>()
  return {
    place(order) {
      if (ids.has(order.id)) {
        logger.warn({ order }, 'order placed twice')
        return
      }
      ids.add(order.id)
      logger.info({ order }, 'order placed')
    },
    close() {
      return new Promise((resolve) => {
        stream.once('finish', resolve)
        stream.end()
      })
    },
  }
}
