import { isUtf8 } from 'node:buffer'

import { messageOf } from './errors.ts'
import { isJsonObject } from './json-scan.ts'

/** Why these bytes are no record; undefined when they are one. */
export function flawOf(bytes: Buffer): string | undefined {
  if (isJsonObject(bytes)) return undefined
  if (bytes.length === 0) return 'there is nothing between two commas'
  if (!isUtf8(bytes)) return 'it is no UTF-8'
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? undefined
      : 'it is no JSON object'
  } catch (error) {
    return `it is no JSON (${messageOf(error)})`
  }
}
