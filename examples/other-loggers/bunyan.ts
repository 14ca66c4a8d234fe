import { Writable } from 'node:stream'

import { createRowMapper } from '@azlogs/core'
import type { Shipper } from '@azlogs/core'
import { nameFromLevel } from 'bunyan'
import type Logger from 'bunyan'

/** What a logger writes to a raw stream: https://github.com/trentm/node-bunyan#core-fields */
interface BunyanRecord {
  readonly time: Date
  readonly level: number
  readonly msg: string
  readonly name: string
  readonly hostname: string
  readonly pid: number
  readonly v: number
  /** An error, or what a serializer made of it. */
  readonly err?: unknown
}

/** A stream for `bunyan.createLogger({ streams: [azureStream(shipper)] })`. */
export function azureStream(shipper: Shipper): Logger.Stream {
  const toRow = createRowMapper()
  const stream = new Writable({
    objectMode: true,
    write(record: BunyanRecord, _encoding, done) {
      const { time, level, msg, name, hostname, pid, v: _version, err, ...properties } = record
      shipper.push(
        toRow({
          timeMs: time.getTime(),
          level: nameFromLevel[level] ?? String(level),
          severity: severityOf(level),
          message: msg,
          logger: name,
          hostName: hostname,
          processId: pid,
          error: err,
          properties,
        }),
      )
      done()
    },
  })
  // Without `raw` bunyan would write JSON text.
  return { type: 'raw', stream }
}

/** trace 10 → 1, debug 20 → 5, info 30 → 9, warn 40 → 13, error 50 → 17, fatal 60 → 21; others lie between. */
function severityOf(level: number): number {
  return Math.min(24, Math.max(1, Math.round((level - 10) * 0.4) + 1))
}
