import type { LineRecord } from './line-format.ts'

/** Integers of so many digits may be too large for a JavaScript number. */
const LONG_INTEGER = /\d{16}/

/** TypeScript's library does not know yet what a reviver is told. */
type Parse = (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown

/**
 * The JSON object of one line, or undefined when it is none. Integers beyond 2^53 become `bigint`, with all their
 * digits.
 */
export function parseLine(line: string): LineRecord | undefined {
  try {
    const value = LONG_INTEGER.test(line)
      ? (JSON.parse as Parse)(line, (_key, value, { source }) => exact(value, source))
      : (JSON.parse(line) as unknown)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as LineRecord)
      : undefined
  } catch {
    return undefined
  }
}

function exact(value: unknown, source: string | undefined): unknown {
  const isInexact = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
  return isInexact && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value
}
