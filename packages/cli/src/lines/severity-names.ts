import { SEVERITY } from '@azlogs/core'

/**
 * OpenTelemetry severities of level names, as the transports read them.
 * https://opentelemetry.io/docs/specs/otel/logs/data-model-appendix/#appendix-b-severitynumber-example-mappings
 */
const NAMES: ReadonlyMap<string, number> = new Map([
  ...Object.entries(SEVERITY),
  ['information', SEVERITY.info],
  ['notice', SEVERITY.info + 1],
  ['warning', SEVERITY.warn],
  ['err', SEVERITY.error],
  ['crit', SEVERITY.error + 1],
  ['critical', SEVERITY.error + 1],
  ['alert', SEVERITY.error + 2],
  ['emerg', SEVERITY.fatal],
  ['emergency', SEVERITY.fatal],
  ['http', SEVERITY.debug + 2],
  ['silly', SEVERITY.trace],
])

/** pino's numbers. https://github.com/pinojs/pino/blob/main/docs/api.md#logger-level */
const PINO_LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}

/** A level as columns. */
export interface Level {
  readonly name: string
  readonly severity: number
}

/**
 * @param verbose `verbose` is a debug level to pino, and between http and debug among winston's npm levels.
 */
export function levelOf(value: unknown, verbose: number): Level {
  if (typeof value === 'number') {
    const name = PINO_LEVELS[value] ?? String(value)
    const between = Math.max(1, Math.min(24, 1 + Math.floor(((value - 10) * 4) / 10)))
    return { name, severity: NAMES.get(name) ?? between }
  }
  const name = typeof value === 'string' && value !== '' ? value : 'info'
  const known = name.toLowerCase() === 'verbose' ? verbose : NAMES.get(name.toLowerCase())
  return { name, severity: known ?? SEVERITY.info }
}
