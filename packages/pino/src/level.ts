import { SEVERITY } from '@azlogs/core'

/** A level as columns. */
export interface Level {
  readonly name: string
  /** OpenTelemetry severity, 1–24. */
  readonly severity: number
}

/** pino's levels as it announces them: number → label and label → number. */
export interface PinoLevels {
  readonly labels: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, number>>
}

/** pino's own. https://github.com/pinojs/pino/blob/main/docs/api.md#logger-level */
const LABELS = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' } as const

/**
 * Labels whose meaning is known whatever number they have (syslog counts downwards).
 * https://opentelemetry.io/docs/specs/otel/logs/data-model-appendix/#appendix-b-severitynumber-example-mappings
 */
const SEVERITIES: ReadonlyMap<string, number> = new Map([
  ...Object.entries(SEVERITY),
  ['verbose', SEVERITY.debug],
  ['information', SEVERITY.info],
  ['notice', SEVERITY.info + 1],
  ['warning', SEVERITY.warn],
  ['err', SEVERITY.error],
  ['crit', SEVERITY.error + 1],
  ['critical', SEVERITY.error + 1],
  ['alert', SEVERITY.error + 2],
  ['emerg', SEVERITY.fatal],
  ['emergency', SEVERITY.fatal],
])

/** What a line without a level gets. */
export const NO_LEVEL: Level = { name: LABELS[30], severity: SEVERITY.info }

/** Reads a level as pino writes it, a number or a label; undefined for anything else. */
export function readLevel(value: unknown, levels: PinoLevels | undefined): Level | undefined {
  if (typeof value === 'number') {
    const name = levels?.labels[value] ?? Reflect.get(LABELS, value) ?? String(value)
    return { name, severity: SEVERITIES.get(name.toLowerCase()) ?? severityOf(value) }
  }
  if (typeof value !== 'string' || value === '') return undefined
  const number = levels?.values[value]
  const severity =
    SEVERITIES.get(value.toLowerCase()) ?? (number === undefined ? SEVERITY.info : severityOf(number))
  return { name: value, severity }
}

/** pino's steps of 10 are OpenTelemetry's steps of 4, and what lies between them stays between them. */
function severityOf(number: number): number {
  return Math.max(1, Math.min(24, 1 + Math.floor(((number - 10) * 4) / 10)))
}
