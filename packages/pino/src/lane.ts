import { createProblemReporter, createShipper } from '@azlogs/core'
import type { AzlogsError, FlushResult } from '@azlogs/core'

import { checkOptions } from './check-options.ts'
import { createIntake } from './intake.ts'
import type { PinoTransportStats } from './transport-stats.ts'
import type { AzureLogsOptions } from './record-options.ts'
import type { PinoConfig } from './record.ts'

/** The way of pino's lines to Azure: mapped, then shipped. */
export interface Lane {
  /** Takes the line that lies in `text` from `begin` to `end`, without its line break. Synchronous; never waits, never throws. */
  take(text: string, begin: number, end: number): void
  configure(config: PinoConfig): void
  /** Resolves when every line taken before is delivered or accounted for. Never rejects. */
  flush(options?: { readonly timeoutMs?: number }): Promise<FlushResult>
  /** Ends it within `closeTimeoutMs`. Never rejects. */
  close(): Promise<void>
  stats(): PinoTransportStats | undefined
}

/** A lane that leads to Azure. */
export interface ShippingLane extends Lane {
  /** Resolves when every line taken before is in a file of the spool; see the shipper's. */
  durable(): Promise<void>
  stats(): PinoTransportStats
}

/**
 * @throws AzlogsError `AZLOGS_CONFIG`, one error that lists everything wrong with the options and the environment.
 */
export function createLane(options: AzureLogsOptions): ShippingLane {
  const shipper = createShipper(checkOptions(options))
  const intake = createIntake(options, (row) => shipper.push(row))
  return {
    take: (text, begin, end) => intake.take(text, begin, end),
    configure: (config) => intake.configure(config),
    flush: (flushOptions) => shipper.flush(flushOptions),
    async close() {
      await shipper.close()
    },
    durable: () => shipper.durable(),
    stats: () => ({ ...shipper.stats(), unparsedLines: intake.unparsedLines() }),
  }
}

/**
 * The lane of a transport that could not be set up, in a thread that must not throw: it says why, takes every line,
 * and tells how many were lost.
 */
export function createDeadEnd(error: AzlogsError): Lane {
  const problems = createProblemReporter(undefined)
  const report = (recordCount: number): void =>
    problems.report({
      kind: 'lost',
      code: error.code,
      describe: (count) =>
        count === 0 ? error.message : `${count} record${count === 1 ? '' : 's'} lost. ${error.message}`,
      recordCount,
    })
  report(0)
  return {
    take: (_text, begin, end) => report(begin === end ? 0 : 1),
    configure() {},
    async flush() {
      return { complete: true, pending: 0 }
    },
    async close() {
      problems.flush()
    },
    stats: () => undefined,
  }
}
