import { isDeepStrictEqual } from 'node:util'
import { gunzipSync } from 'node:zlib'

import { recordOf } from '../load/records.ts'
import { rowOf } from '../load/rows.ts'
import type { Service, Upload } from './services.ts'

/** What should have come: numbers `0 … count - 1` of one of the loads. */
export interface Expectation {
  readonly load: 'rows' | 'records'
  readonly count: number
  /** Records without a number may come too: what a framework logs by itself, say. */
  readonly othersMayCome?: boolean
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
  /** Records that do not say what was logged, and bodies that cannot be read. */
  readonly damaged: number
  /** Records without a number, where they may come. */
  readonly others: number
}

/** Reads every body and compares each record with the one that was logged. */
export function check(
  uploads: Iterable<Upload>,
  { load, count, othersMayCome = false }: Expectation,
): Checked {
  const seen = new Uint8Array(count)
  let requests = 0
  let wireBytes = 0
  let records = 0
  let repeated = 0
  let damaged = 0
  let others = 0
  for (const { service, body, gzipped } of uploads) {
    requests += 1
    wireBytes += body.length
    for (const record of recordsOf(service, body, gzipped)) {
      records += 1
      const number = (load === 'rows' ? intactRow : intactRecord)(record)
      if (number === undefined && othersMayCome && !isNumbered(record)) others += 1
      else if (number === undefined || number >= count) damaged += 1
      else if (seen[number] === 1) repeated += 1
      else seen[number] = 1
    }
  }
  let missing = count
  for (const flag of seen) missing -= flag
  return { requests, wireBytes, records, missing, repeated, damaged, others }
}

/** The records of a body; of one that cannot be read, one that is none. */
function recordsOf(service: Service, body: Buffer, gzipped: boolean): readonly unknown[] {
  try {
    return service.records(gzipped ? gunzipSync(body) : body)
  } catch {
    return [undefined]
  }
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
  const holder = holderOf(record)
  const sequence = numberAt(holder, 'sequence')
  if (sequence === undefined) return undefined
  const { message, fields } = recordOf(sequence)
  const said = MESSAGE_KEYS.some((key) => Reflect.get(Object(record), key) === message)
  const whole = Object.entries(fields).every(([key, value]) =>
    isDeepStrictEqual(Reflect.get(Object(holder), key), value),
  )
  return said && whole ? sequence : undefined
}

/** Where the fields of a record are. */
function holderOf(record: unknown): unknown {
  const owner = FIELD_KEYS.map((key) => Reflect.get(Object(record), key) as unknown).find(
    (fields) => numberAt(fields, 'sequence') !== undefined,
  )
  return owner ?? record
}

/** Whether it is one of the load, intact or not. */
function isNumbered(record: unknown): boolean {
  return numberAt(record, 'Number') !== undefined || numberAt(holderOf(record), 'sequence') !== undefined
}

function numberAt(owner: unknown, key: string): number | undefined {
  const value: unknown = typeof owner === 'object' && owner !== null ? Reflect.get(owner, key) : undefined
  return typeof value === 'number' ? value : undefined
}
