// What `worker: true` takes off the main thread: the two modes in turns, beside a transport that does nothing. Run by hand,
// after a build, with Node.js 24: node packages/winston/test/worker-bench.ts
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { AzureLogsTransport } from '@azlogs/winston'
import winston from 'winston'
import TransportStream from 'winston-transport'

const MODES = ['nothing', 'in-process', 'worker'] as const
const RECORDS = 100_000
const WARM_UP = 20_000
const RECORDS_PER_TURN = 20
const ROUNDS = 7

/** Microseconds for each record. */
interface Costs {
  readonly call: number
  readonly mainThreadCpu: number
  readonly processCpu: number
}

async function measure(mode: string, endpoint: string): Promise<Costs> {
  const shipping =
    mode === 'nothing'
      ? undefined
      : new AzureLogsTransport({
          endpoint,
          ruleId: 'dcr-0123456789abcdef0123456789abcdef',
          streamName: 'Custom-AppLogs_CL',
          credential: { kind: 'module', path: new URL('fixtures/credential.ts', import.meta.url).href },
          worker: mode === 'worker',
          maxBufferBytes: 268_435_456,
        })
  const idle = new TransportStream({ log: (_info: unknown, next: () => void) => next() })
  const logger = winston.createLogger({ transports: [shipping ?? idle] })

  /** Logs so many records and resolves to the time that the calls took, in milliseconds. */
  async function log(records: number): Promise<number> {
    let calls = 0
    for (let n = 0; n < records; n += RECORDS_PER_TURN) {
      const startedAt = performance.now()
      for (let k = n; k < n + RECORDS_PER_TURN; k += 1) {
        logger.info('order placed', { orderId: k, customer: 'c-912', path: '/orders', durationMs: k % 97 })
      }
      calls += performance.now() - startedAt
      await nextTurn()
    }
    await shipping?.flush()
    return calls
  }

  await log(WARM_UP)
  const mainThread = process.threadCpuUsage()
  const all = process.cpuUsage()
  const call = await log(RECORDS)
  const usedByMainThread = process.threadCpuUsage(mainThread)
  const usedByAll = process.cpuUsage(all)
  if (shipping !== undefined && shipping.stats().delivered !== WARM_UP + RECORDS) {
    throw new Error(`not everything was delivered: ${JSON.stringify(shipping.stats())}`)
  }
  return {
    call: (call * 1000) / RECORDS,
    mainThreadCpu: (usedByMainThread.user + usedByMainThread.system) / RECORDS,
    processCpu: (usedByAll.user + usedByAll.system) / RECORDS,
  }
}

/** An endpoint that takes everything, in a process of its own. */
function serve(): void {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(204).end())
  })
  server.listen(0, '127.0.0.1', () => {
    process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  })
}

async function compare(): Promise<void> {
  const script = new URL(import.meta.url)
  const sink = fork(script, ['sink'])
  const [endpoint] = (await once(sink, 'message')) as [string]
  const costs: Record<string, Costs[]> = {}
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const mode of MODES) {
      const child = fork(script, [mode, endpoint], { env: { ...process.env, EMULATOR_TOKEN: 'a.b.c' } })
      const [cost] = (await once(child, 'message')) as [Costs]
      ;(costs[mode] ??= []).push(cost)
    }
  }
  sink.kill()
  const median = (of: readonly number[]): string =>
    (of.toSorted((a, b) => a - b)[Math.floor(of.length / 2)] ?? 0).toFixed(1)
  process.stdout.write('microseconds for each record, medians\n')
  for (const [mode, list] of Object.entries(costs)) {
    const call = median(list.map((cost) => cost.call))
    const mainThreadCpu = median(list.map((cost) => cost.mainThreadCpu))
    const processCpu = median(list.map((cost) => cost.processCpu))
    process.stdout.write(
      `${mode}: call ${call}, main thread's CPU ${mainThreadCpu}, process's CPU ${processCpu}\n`,
    )
  }
}

const [role, endpoint = ''] = process.argv.slice(2)
if (role === undefined) {
  await compare()
} else if (role === 'sink') {
  serve()
} else {
  process.send?.(await measure(role, endpoint))
  process.disconnect()
}
