import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

import type { Refusal } from './answer.ts'
import { CORRUPT_GZIP, INFLATED_LIMIT_BYTES, INFLATED_TOO_LARGE, TOO_MANY_VALUES } from './refusals.ts'

const gunzipBounded = promisify(gunzip) as (
  bytes: Buffer,
  options: { readonly maxOutputLength: number; readonly chunkSize: number },
) => Promise<Buffer>

/** A megabyte may become fifty: only so many may do so at the same time. */
const MAX_AT_ONCE = 2
let inflating = 0
const waiting: (() => void)[] = []

/** The bytes of a gzipped body, or why they cannot be had. */
export async function inflate(bytes: Buffer): Promise<Buffer | Refusal> {
  if (inflating >= MAX_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
  else inflating += 1
  try {
    return await gunzipBounded(bytes, { maxOutputLength: INFLATED_LIMIT_BYTES, chunkSize: 256 * 1024 })
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? INFLATED_TOO_LARGE
      : CORRUPT_GZIP
  } finally {
    // The next one takes over the place.
    const next = waiting.shift()
    if (next === undefined) inflating -= 1
    else next()
  }
}

const MAX_VALUES = 3_000_000
/** What has fewer bytes cannot have more values. */
const CERTAINLY_FEW_BYTES = MAX_VALUES

const [COMMA, OPEN_BRACE, OPEN_BRACKET] = [...Buffer.from(',{[')]

/** Why a JSON text must not be parsed: fifty million bytes of `{},{},{}` would become gigabytes of objects. */
export function refuseTooManyValues(json: Buffer): Refusal | undefined {
  if (json.length <= CERTAINLY_FEW_BYTES) return undefined
  let values = 0
  for (const byte of json) {
    if (byte === COMMA || byte === OPEN_BRACE || byte === OPEN_BRACKET) values += 1
  }
  return values > MAX_VALUES ? TOO_MANY_VALUES : undefined
}
