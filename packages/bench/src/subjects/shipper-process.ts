// Pushes rows in bursts into shippers, as an application does that logs a lot, and prints what each row costs. Arguments: the
// endpoint, how many rows, how many shippers they are spread over, the mode, the directory of the spool.
import { createShipper } from '@azlogs/core'
import type { ShipperOptions } from '@azlogs/core'

import { measureCost } from '../load/cost.ts'
import { rowOf } from '../load/rows.ts'
import { CREDENTIAL, RULE_ID, STREAM_NAME } from './destination.ts'

const [endpoint = '', count = '0', shipperCount = '1', mode = 'memory', directory = ''] =
  process.argv.slice(2)
const rows = Number(count)

/** Rows of one turn of the event loop. */
const BURST = 100

/** The first part of the rows is not measured: connections are made, and the engine compiles what is hot. */
const WARM_UP_SHARE = 1 / 4

const SPOOLS: Readonly<Record<string, Pick<ShipperOptions, 'spool'>>> = {
  memory: {},
  spill: { spool: { directory, durability: 'spill' } },
  wal: { spool: { directory, durability: 'wal' } },
}

const shippers = Array.from({ length: Number(shipperCount) }, () =>
  createShipper({
    endpoint,
    ruleId: RULE_ID,
    streamName: STREAM_NAME,
    credential: CREDENTIAL,
    ...SPOOLS[mode],
  }),
)

async function log(from: number, to: number): Promise<void> {
  for (let number = from; number < to; number += 1) {
    const shipper = shippers[number % shippers.length]
    const calm = shipper?.push(rowOf(number))
    if (number % BURST === BURST - 1) await new Promise((resolve) => setImmediate(resolve))
    if (!calm) await shipper?.flush({ timeoutMs: 60_000 })
  }
  await Promise.all(shippers.map((shipper) => shipper.flush({ timeoutMs: 60_000 })))
}

const warmUp = Math.floor(rows * WARM_UP_SHARE)
await log(0, warmUp)
const end = measureCost()
await log(warmUp, rows)
const { cpuMs } = end()
await Promise.all(shippers.map((shipper) => shipper.close()))
process.stdout.write(JSON.stringify({ cpuMicros: (cpuMs * 1000) / (rows - warmUp) }))
