import { severityOf } from './level-counts.ts'
import { ERROR_SEVERITY, WARN_SEVERITY } from './severity.ts'

/** Part of the memory bound up to which `push()` sees no pressure: who heeds it has no row dropped. */
export const CALM_SHARE = 0.6

/** Part of the memory bound that any row may use; beyond it only warnings and errors are taken. */
export const COMMON_SHARE = 0.8

/** Part that warnings may use; the rest is for errors. */
const WARN_SHARE = 0.9

/** The part of the memory bound that a row may use. */
export function shareOf(row: object): number {
  const severity = severityOf(row)
  if (severity < WARN_SEVERITY) return COMMON_SHARE
  return severity < ERROR_SEVERITY ? WARN_SHARE : 1
}
