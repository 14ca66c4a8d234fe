/** Rows as a shop's application would send them; the same ones for the same numbers. */
export function sampleRows(
  count: number,
  options: { readonly endMs?: number; readonly stepMs?: number } = {},
): readonly object[] {
  const { endMs = Date.now(), stepMs = 370 } = options
  return Array.from({ length: count }, (_, index) => sampleRow(index, endMs - (count - index) * stepMs))
}

const MESSAGES = [
  ['INFO', 9, 'checkout', 'order placed'],
  ['INFO', 9, 'http', 'GET /api/products 200'],
  ['DEBUG', 5, 'cache', 'cache hit'],
  ['INFO', 9, 'http', 'POST /api/cart 201'],
  ['INFO', 9, 'inventory', 'stock reserved'],
  ['WARN', 13, 'payment', 'card declined, asking for another'],
  ['DEBUG', 5, 'db', 'SELECT * FROM orders WHERE customer_id = $1'],
  ['INFO', 9, 'checkout', 'basket repriced'],
] as const
const STACK = `TimeoutError: payment provider did not answer within 3000 ms
    at Gateway.charge (/srv/shop/src/payment/gateway.ts:88:13)
    at async Checkout.pay (/srv/shop/src/checkout/checkout.ts:142:20)
    at async /srv/shop/src/http/routes.ts:57:5
    at async dispatch (/srv/shop/node_modules/fastify/lib/handle-request.js:131:7)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)
  [cause]: Error: connect ETIMEDOUT 10.2.0.14:443
      at TCPConnectWrap.afterConnect (node:net:1637:16)`

function sampleRow(index: number, timeMs: number): object {
  const failing = index % 41 === 17
  const [level, severity, logger, message] = MESSAGES[
    (index * 7 + (index >> 3)) % MESSAGES.length
  ] as (typeof MESSAGES)[number]
  return {
    TimeGenerated: new Date(timeMs).toISOString(),
    Level: failing ? 'ERROR' : level,
    SeverityNumber: failing ? 17 : severity,
    Message: failing ? 'payment failed, order kept' : message,
    Logger: failing ? 'payment' : logger,
    HostName: `shop-${index % 3}`,
    ProcessId: 4120 + (index % 3),
    TraceId: (0x1000 + (index >> 2)).toString(16).padStart(32, '7'),
    RecordId: `r7c2-${index}`,
    ...(failing
      ? {
          ErrorType: 'TimeoutError',
          ErrorMessage: 'payment provider did not answer within 3000 ms',
          ErrorStack: STACK,
        }
      : {}),
    Properties: {
      orderId: 900 + (index % 50),
      amountEur: 41.5,
      retried: index % 5 === 0,
      customer: { id: `c-${index % 20}`, country: ['DE', 'FR', 'NL'][index % 3] },
      items: [
        { sku: 'book-1', quantity: 2 },
        { sku: 'lamp-7', quantity: 1 },
      ],
    },
  }
}

/** One row of the default table. */
export function row(message: string, members: object = {}): object {
  return { Level: 'INFO', Message: message, ...members }
}
