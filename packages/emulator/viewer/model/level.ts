/** How loud a level is, from the loudest; the order in which chips and histograms show them. */
export const LEVEL_KINDS = ['fatal', 'error', 'warn', 'info', 'debug', 'other'] as const
export type LevelKind = (typeof LEVEL_KINDS)[number]

const NAMES: Readonly<Record<string, LevelKind>> = {
  fatal: 'fatal',
  critical: 'fatal',
  crit: 'fatal',
  emerg: 'fatal',
  emergency: 'fatal',
  alert: 'fatal',
  error: 'error',
  err: 'error',
  warn: 'warn',
  warning: 'warn',
  notice: 'info',
  info: 'info',
  information: 'info',
  informational: 'info',
  http: 'info',
  debug: 'debug',
  verbose: 'debug',
  silly: 'debug',
  trace: 'debug',
}

/** What the levels of winston, pino, syslog and OpenTelemetry are called, in any case: `ERROR2` is an error. */
export function levelKind(level: string): LevelKind {
  const name = level.toLowerCase().replace(/\d$/, '')
  return Object.hasOwn(NAMES, name) ? (NAMES[name] as LevelKind) : 'other'
}
