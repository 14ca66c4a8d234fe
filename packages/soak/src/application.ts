import { writeSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'

import type { Problem, ShipperStats } from '@azlogs/core'

import type { ApplicationSettings, Claim, Order, Stats } from './application-protocol.ts'
import { openLogger } from './loggers.ts'
import { numbersIn, recordOf } from './record.ts'

const BURST_MS = 200
const CLAIM_MS = 1000
const FLUSH_TIMEOUT_MS = 5000

/** Logs numbered records until it is told otherwise, and says what it has been promised for them. */
export function runApplication(settings: ApplicationSettings, open: typeof openLogger = openLogger): void {
  const { kind, life, perSecond, spool } = settings
  const logger = open[kind]({
    credential: { kind: 'managed-identity' },
    flushIntervalMs: 1000,
    maxBatchBytes: 100_000,
    maxConcurrency: 4,
    requestTimeoutMs: 15_000,
    maxBufferBytes: 600_000,
    onProblem: tell,
    ...(spool === undefined ? {} : { spool }),
  })
  let logged = 0
  let stopped = false

  async function burst(): Promise<void> {
    if (stopped) return
    const count = Math.ceil((perSecond * BURST_MS) / 1000)
    say({ says: 'logged', n: logged + count })
    for (let left = count; left > 0; left -= 1) {
      const { level, message, properties } = recordOf(life, logged)
      logger.log(level, message, properties)
      logged += 1
    }
    if (!logger.inThread || spool?.durability !== 'wal') return
    const n = logged
    await nextTurn()
    if (logger.stats()?.spool?.state === 'ok') sayKept(n)
  }

  async function claim(): Promise<void> {
    sayStats()
    const n = logged
    if (spool?.durability === 'wal') {
      await logger.durable?.().then(
        () => sayKept(n),
        () => {},
      )
    }
    const complete = await logger.flush(FLUSH_TIMEOUT_MS).catch(() => false)
    if (complete) say({ says: 'settled', n, dropped: logger.stats()?.dropped ?? 0 })
    if (!stopped) claims = setTimeout(() => void claim(), CLAIM_MS)
  }

  function tell({ kind, code, recordCount, records = [] }: Problem): void {
    const numbers = records.flatMap((record) => Array.from(numbersIn(record), ({ n }) => n))
    say({ says: 'problem', kind, code, recordCount, numbers })
  }

  function sayKept(n: number): void {
    say({ says: 'kept', n, dropped: logger.stats()?.dropped ?? 0 })
  }

  function sayStats(): void {
    const stats = logger.stats()
    if (stats !== undefined) say({ says: 'stats', stats: sumsOf(stats) })
  }

  async function stop(close: boolean): Promise<void> {
    stopped = true
    clearInterval(bursts)
    clearTimeout(claims)
    if (close) {
      await logger.close()
      const stats = logger.stats()
      say({ says: 'closed', stats: stats === undefined ? undefined : sumsOf(stats) })
    }
    process.off('disconnect', leave)
    process.disconnect()
  }

  const orders: Readonly<Record<Order, () => void>> = {
    exit: () => process.exit(0),
    throw: () =>
      setImmediate(() => {
        throw new Error('nobody catches this')
      }),
    end: () => void stop(false),
    close: () => void stop(true),
  }
  process.on('message', (order: Order) => orders[order]())
  process.on('disconnect', leave)
  const bursts = setInterval(() => void burst(), BURST_MS)
  let claims = setTimeout(() => void claim(), CLAIM_MS)
}

/** Nobody is there any more to ask anything. */
function leave(): void {
  process.kill(process.pid, 'SIGKILL')
}

function say(claim: Claim): void {
  writeSync(1, `${JSON.stringify(claim)}\n`)
}

function sumsOf({ accepted, delivered, quarantined, dropped, pending, recovered }: ShipperStats): Stats {
  return { accepted, delivered, quarantined, dropped, pending, recovered }
}
