import { isDeepStrictEqual } from 'node:util'
import { gunzipSync } from 'node:zlib'

import { recordOf } from '../load/records.ts'
import { rowOf } from '../load/rows.ts'
import type { Upload } from './services.ts'

/** What should have come: numbers `0 … count - 1` of one of the loads. */
export interface Expectation {
  readonly load: 'rows' | 'records'
  readonly count: number
}

/** What came. */
export interface Checked {
  readonly requests: number
  /** Bytes of all bodies as they came. */
  readonly wireBytes: number
  readonly records: number
  /** Numbers that did not come. */
  readonly missing: number
  /** Records that came again. */
  readonly repeated: number
  /** Records that do not say what was logged. */
  readonly damaged: number
}

/** Reads every body and compares each record with the one that was logged. */
export function check(uploads: readonly Upload[], { load, count }: Expectation): Checked {
  const seen = new Uint8Array(count)
  let wireBytes = 0
  let records = 0
  let repeated = 0
  let damaged = 0
  for (const { service, body, gzipped } of uploads) {
    wireBytes += body.length
    for (const record of service.records(gzipped ? gunzipSync(body) : body)) {
      records += 1
      const number = (load === 'rows' ? intactRow : intactRecord)(record)
      if (number === undefined || number >= count) damaged += 1
      else if (seen[number] === 1) repeated += 1
      else seen[number] = 1
    }
  }
  let missing = count
  for (const flag of seen) missing -= flag
  return { requests: uploads.length, wireBytes, records, missing, repeated, damaged }
}

/** The number of a row that is as it was made. */
function intactRow(row: unknown): number | undefined {
  const number = numberAt(row, 'Number')
  return number !== undefined && isDeepStrictEqual(row, rowOf(number)) ? number : undefined
}

/** Where transports put the fields of a record, when they do not put them beside the message. */
const FIELD_KEYS = ['Properties', 'fields', 'context']

/** Where they put the message. */
const MESSAGE_KEYS = ['Message', 'message', 'msg']

/** The number of a record that holds the message and every field that was logged, whatever else it holds. */
function intactRecord(record: unknown): number | undefined {
  const owner = FIELD_KEYS.map((key) => Reflect.get(Object(record), key) as unknown).find(
    (fields) => numberAt(fields, 'sequence') !== undefined,
  )
  const holder = owner ?? record
  const sequence = numberAt(holder, 'sequence')
  if (sequence === undefined) return undefined
  const { message, fields } = recordOf(sequence)
  const said = MESSAGE_KEYS.some((key) => Reflect.get(Object(record), key) === message)
  const whole = Object.entries(fields).every(([key, value]) =>
    isDeepStrictEqual(Reflect.get(Object(holder), key), value),
  )
  return said && whole ? sequence : undefined
}

function numberAt(owner: unknown, key: string): number | undefined {
  const value: unknown = typeof owner === 'object' && owner !== null ? Reflect.get(owner, key) : undefined
  return typeof value === 'number' ? value : undefined
}
