import { usageError } from '../cli-error.ts'

const UNITS: Readonly<Record<string, (count: string) => string>> = {
  s: (count) => `PT${count}S`,
  m: (count) => `PT${count}M`,
  h: (count) => `PT${count}H`,
  d: (count) => `P${count}D`,
}

/**
 * `30m`, `24h`, `7d` as ISO 8601.
 *
 * @throws CliError for anything else.
 */
export function durationOf(flag: string, text: string): string {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const write = UNITS[unit]
  if (write !== undefined) return write(count)
  throw usageError(`${flag} is ${JSON.stringify(text)}.`, `Give a number and s, m, h or d: ${flag} 24h`)
}
