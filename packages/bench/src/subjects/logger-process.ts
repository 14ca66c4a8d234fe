// Logs through one transport at a steady rate, as a busy server does, and prints what that cost. Arguments: the host, the transport,
// the service's url, how many records, how many a second.
import { setTimeout as wait } from 'node:timers/promises'

import { measureCost } from '../load/cost.ts'
import { pace } from '../load/pace.ts'
import { recordOf } from '../load/records.ts'
import type { CreateLogger } from './loggers.ts'

const [host = '', name = '', url = '', count = '0', perSecond = '0'] = process.argv.slice(2)

/** The first part of the records is not measured: the engine compiles what is hot. */
const WARM_UP_SHARE = 1 / 6

/** For what the warm-up has left behind to go its way: milliseconds for each of its records, 1.5 s in all for 20,000. */
const REST_MS = 1500 / 20_000

// Only the host's own modules are loaded: what another one costs in memory is none of its business.
const loggers: Readonly<Record<string, CreateLogger>> =
  host === 'pino'
    ? (await import('./pino-loggers.ts')).PINO_LOGGERS
    : (await import('./winston-loggers.ts')).WINSTON_LOGGERS
const create = loggers[name]
if (create === undefined) throw new Error(`There is no logger ${name} for ${host}`)

const logger = await create(url)
const records = Number(count)
const warmUp = Math.ceil(records * WARM_UP_SHARE)
const log = (number: number): void => logger.log(recordOf(number))
await pace(0, warmUp, Number(perSecond), log)
await wait(warmUp * REST_MS)
const end = measureCost()
await pace(warmUp, records, Number(perSecond), log)
const { mainThreadCpuMs } = end()
// A worker thread alone does not keep the process.
const alive = setInterval(() => {}, 1000)
await logger.end()
clearInterval(alive)
process.stdout.write(JSON.stringify({ ...end(), mainThreadCpuMs, records: records - warmUp }), () =>
  process.exit(),
)
