/**
 * OpenTelemetry severity numbers of the usual level names.
 * https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
 */
export const SEVERITY = {
  trace: 1,
  debug: 5,
  info: 9,
  warn: 13,
  error: 17,
  fatal: 21,
} as const

/** From here on, rows may use memory that is kept for warnings. */
export const WARN_SEVERITY: number = SEVERITY.warn

/** From here on, rows may use memory that is kept for errors. */
export const ERROR_SEVERITY: number = SEVERITY.error
