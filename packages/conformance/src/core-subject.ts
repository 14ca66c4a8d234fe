import { createRowMapper, createShipper, SEVERITY } from '@azlogs/core'

import type { Subject } from './subject.ts'

export const coreSubject: Subject = {
  name: 'core',
  levels: SEVERITY,
  fates: {
    normalEnd: 'delivered',
    processExit: 'lost and reported',
    uncaughtException: 'lost and reported',
    sigterm: 'delivered',
  },
  open() {
    const shipper = createShipper({ credential: { kind: 'managed-identity' }, flushIntervalMs: 60_000 })
    const toRow = createRowMapper()
    const severities: Readonly<Record<string, number>> = SEVERITY
    return {
      log(level, message, { properties = {}, error } = {}) {
        shipper.push(toRow({ level, severity: severities[level] ?? 0, message, properties, error }))
      },
      async flush() {
        await shipper.flush()
      },
      async close() {
        await shipper.close()
      },
    }
  },
}
