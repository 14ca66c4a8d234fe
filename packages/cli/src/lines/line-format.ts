/** Whose line it is. `row`: it is a row of the table already. `other`: some JSON object without a level. */
export type LineFormat = 'pino' | 'winston' | 'row' | 'other'

/** A parsed line. */
export type LineRecord = Readonly<Record<string, unknown>>

/**
 * Tells the formats apart by what only one of them writes: pino numbers its levels or says `msg`; winston's json format
 * (and NestJS's own, and nest-winston's) has the level's name and a `message`.
 */
export function formatOf(record: LineRecord): LineFormat {
  if (typeof record['TimeGenerated'] === 'string') return 'row'
  const { level, msg, message, pid, hostname, time } = record
  if (typeof level === 'number' || (typeof level === 'string' && typeof msg === 'string')) return 'pino'
  if (typeof level !== 'string') return 'severity' in record || 'log.level' in record ? 'pino' : 'other'
  if (pid !== undefined && hostname !== undefined && time !== undefined) return 'pino'
  return message === undefined ? 'other' : 'winston'
}
