import { createShipper } from '@azlogs/core'
import { configure, getLogger } from '@logtape/logtape'
import bunyan from 'bunyan'

import { azureStream } from './bunyan.ts'
import { shipConsole } from './console.ts'
import { azureSink } from './logtape.ts'

// One shipper for all three: one memory bound, one set of requests. Where to send comes from AZURE_DCE_ENDPOINT,
// AZURE_DCR_RULE_ID and AZURE_DCR_STREAM_NAME.
const shipper = createShipper({ credential: { kind: 'managed-identity' } })
const refusal = new Error('The payment was refused', { cause: new TypeError('no such card') })

await configure({
  sinks: { azure: azureSink(shipper) },
  loggers: [
    { category: 'shop', sinks: ['azure'], lowestLevel: 'debug' },
    { category: ['logtape', 'meta'], sinks: ['azure'], lowestLevel: 'warning' },
  ],
})
const logtape = getLogger(['shop', 'orders'])
logtape.info('order {orderId} placed by {customer}', { orderId: 912, customer: { name: 'Zoë' } })
logtape.warn('only {left} {item}s are left', { left: 3, item: 'lamp' })
logtape.error('payment failed', { error: refusal, orderId: 913 })

const log = bunyan.createLogger({ name: 'shop', streams: [azureStream(shipper)] })
log.info({ orderId: 912 }, 'order %s placed', 912)
log.child({ component: 'stock' }).warn({ item: 'lamp', left: 3 }, 'stock is low')
log.error({ err: refusal }, 'payment failed')

const restore = shipConsole(shipper)
console.log('order %d placed', 912)
console.warn('stock is low:', { item: 'lamp', left: 3 })
console.error('payment failed', refusal)
restore()

await shipper.close()
process.stdout.write(`logged ${shipper.stats().accepted}\n`)
