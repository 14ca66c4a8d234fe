// An application that logs in bursts, to measure what its records cost. Arguments: the endpoint, the mode, how many records, the
// directory of the spool. Prints microseconds of CPU for each record.
import { createShipper } from '@azlogs/core'
import type { ShipperOptions } from '@azlogs/core'

import { createSeededRandom } from './load/seeded-random.ts'

const [endpoint = '', mode = '', count = '0', directory = ''] = process.argv.slice(2)
const rows = Number(count)

/** Records of one turn of the event loop. */
const BURST = 100

const SPOOLS: Readonly<Record<string, Pick<ShipperOptions, 'spool'>>> = {
  memory: {},
  spill: { spool: { directory, durability: 'spill' } },
  wal: { spool: { directory, durability: 'wal' } },
}

const shipper = createShipper({
  endpoint,
  ruleId: `dcr-${'0'.repeat(32)}`,
  streamName: 'Custom-Bench_CL',
  credential: { getToken: async () => ({ token: 'bench', expiresOnTimestamp: Date.now() + 3_600_000 }) },
  ...SPOOLS[mode],
})
const random = createSeededRandom(1)

/** A row of 313 bytes of JSON on average. */
function rowOf(number: number): object {
  const time = new Date(1_800_000_000_000 + number * 7).toISOString()
  return {
    TimeGenerated: time,
    Level: 'info',
    SeverityNumber: 9,
    Message: `request handled in ${Math.floor(random() * 1000)} ms`,
    Logger: 'shop',
    HostName: 'web-7f9c4d5b6-x2x4z',
    ProcessId: 4711,
    Properties: {
      order: Math.floor(random() * 1_000_000),
      customer: `c-${Math.floor(random() * 50_000)}`,
      path: '/cart',
    },
    RecordId: `3f2a91c07be4-${number}`,
    EventTime: time,
    Number: number,
  }
}

async function log(from: number, to: number): Promise<void> {
  for (let n = from; n < to; n += 1) {
    const calm = shipper.push(rowOf(n))
    if (n % BURST === BURST - 1) await new Promise((resolve) => setImmediate(resolve))
    if (!calm) await shipper.flush({ timeoutMs: 60_000 })
  }
  await shipper.flush({ timeoutMs: 60_000 })
}

// The engine compiles what is hot first.
const warmUp = Math.floor(rows / 4)
await log(0, warmUp)
const before = process.cpuUsage()
await log(warmUp, rows)
const { user, system } = process.cpuUsage(before)
const { dropped } = await shipper.close()
process.stdout.write(JSON.stringify({ cpuMicros: (user + system) / (rows - warmUp), dropped }))
