import { RowFault } from './bound.ts'
import { isArray } from './dynamic.ts'
import { shortDatetimeText, timespanText } from './ticks.ts'
import type { KqlType, Row, Value } from './types.ts'
import { readDatetimeTicks } from './ticks.ts'

/** What a row becomes on its way: another row, nothing, or the end of all rows. */
export type Step = (row: Row) => Row | undefined | 'stop'

/** Takes rows until the last one, and gives others. */
export interface Collector {
  readonly add: (row: Row) => void
  readonly finish: () => readonly Row[]
}

/** A stretch of a query through which rows flow one by one. Both parts are made anew for each run. */
export interface Segment {
  readonly steps: readonly (() => Step)[]
  /** Absent in the last segment. */
  readonly collect?: () => Collector
}

/** Runs all steps on a row. */
export function applySteps(steps: readonly Step[], row: Row): Row | undefined | 'stop' {
  let current: Row = row
  for (const step of steps) {
    const next = step(current)
    if (next === undefined || next === 'stop') return next
    current = next
  }
  return current
}

/** A value of the store, or of a record, as the engine computes with it. */
export function decode(type: KqlType, value: unknown): Value {
  switch (type) {
    case 'string':
      return value ?? ''
    case 'datetime':
      return typeof value === 'string' ? (readDatetimeTicks(value) ?? null) : null
    default:
      return value ?? null
  }
}

/** A value of the engine in the types of JSON, as the store keeps it and the query API writes it. */
export function encode(type: KqlType, value: Value): unknown {
  if (value === null) return null
  if (type === 'datetime') return shortDatetimeText(value as bigint)
  return type === 'timespan' ? timespanText(value as bigint) : value
}

/** How much a query may hold at a time, in characters and values: a sort, its groups, its result. */
const MAX_HELD = 128 * 1024 * 1024
const MAX_ROWS = 500_000

/** Counts what a collector holds. */
export interface Account {
  /** @throws {RowFault} when it has become too much. */
  readonly hold: (value: Value) => void
}

export function createAccount(what: string): Account {
  let held = 0
  let rows = 0
  return {
    hold(value) {
      rows += 1
      held += sizeOf(value)
      if (held > MAX_HELD || rows > MAX_ROWS) {
        throw new RowFault(
          `${what} holds more than ${MAX_ROWS} rows or ${MAX_HELD / 1024 / 1024} MB at a time`,
        )
      }
    },
  }
}

/** About how many bytes a value takes. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 16
  if (isArray(value)) return value.reduce<number>((sum, item) => sum + sizeOf(item), 16)
  if (typeof value !== 'object' || value === null) return 8
  return Object.entries(value).reduce((sum, [name, member]) => sum + name.length + sizeOf(member), 16)
}
