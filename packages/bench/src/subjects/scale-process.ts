// Uploads the same rows in one upload after the other, each of so many rows, by the client or by the bare program, or pushes them into
// one shipper that often, and prints what each row costs. Arguments: the way, the endpoint, how many rows at once, how many in all.
import { LogsIngestionClient, createShipper } from '@azlogs/core'

import { measureCost } from '../load/cost.ts'
import { rowOf } from '../load/rows.ts'
import type { Row } from '../load/rows.ts'
import { createBareClient } from './bare-client.ts'
import { CREDENTIAL, RULE_ID, STREAM_NAME } from './destination.ts'

const [way = '', endpoint = '', size = '0', count = '0'] = process.argv.slice(2)

const WARM_UP_ROWS = 50_000

/** The client's own default. */
const CONCURRENCY = 5

/** Rows of one turn of the event loop. */
const BURST = 100

/** In memory before anything is measured, however many are sent at once: the heap is the same each time. */
const rows = Array.from(
  { length: Number(count) },
  (_value, number) => JSON.parse(JSON.stringify(rowOf(number))) as Row,
)

function createSender(): (some: readonly Row[]) => Promise<unknown> {
  if (way === 'upload') {
    const client = new LogsIngestionClient(endpoint, CREDENTIAL)
    return (some) => client.upload(RULE_ID, STREAM_NAME, some)
  }
  if (way === 'limit') {
    const client = createBareClient(endpoint, CONCURRENCY)
    return (some) => client.upload(some)
  }
  const shipper = createShipper({
    endpoint,
    ruleId: RULE_ID,
    streamName: STREAM_NAME,
    credential: CREDENTIAL,
  })
  return async (some) => {
    for (const [index, row] of some.entries()) {
      const calm = shipper.push(row)
      if (index % BURST === BURST - 1) await new Promise((resolve) => setImmediate(resolve))
      if (!calm) await shipper.flush({ timeoutMs: 60_000 })
    }
    await shipper.flush({ timeoutMs: 60_000 })
  }
}

const send = createSender()
// Of the same kind as what follows: connections are made, and the engine compiles what is hot.
await send(rows.slice(0, WARM_UP_ROWS))
const end = measureCost()
for (let from = 0; from < rows.length; from += Number(size)) await send(rows.slice(from, from + Number(size)))
const { cpuMs } = end()
process.stdout.write(JSON.stringify({ cpuMicros: (cpuMs * 1000) / rows.length }), () => process.exit())
