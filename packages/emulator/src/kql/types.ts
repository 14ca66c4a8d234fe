import type { ColumnType } from '../schema.ts'

/** The scalar types that the engine evaluates. Kusto's `decimal` is not one of them. */
export type KqlType =
  | 'string'
  | 'int'
  | 'long'
  | 'real'
  | 'bool'
  | 'datetime'
  | 'timespan'
  | 'dynamic'
  | 'guid'

/**
 * A value at run time. The static type says how to read it: a `datetime` is a bigint of 100 ns ticks since 0001-01-01, a
 * `timespan` a bigint of ticks, a `long` a number or, beyond 2^53, a bigint, a `dynamic` what JSON can hold. Every type
 * but `string` has null.
 */
export type Value = unknown

export type Row = readonly Value[]

/** What a query can give that no table can hold: `timespan`. */
export interface ResultColumn {
  readonly name: string
  readonly type: ColumnType | 'timespan'
}

/** The names under which a type can be written: `let f = (x:double)`, `parse … with x:date`. */
const TYPE_NAMES: Readonly<Record<string, KqlType>> = {
  string: 'string',
  int: 'int',
  int32: 'int',
  long: 'long',
  int64: 'long',
  real: 'real',
  double: 'real',
  bool: 'bool',
  boolean: 'bool',
  datetime: 'datetime',
  date: 'datetime',
  timespan: 'timespan',
  time: 'timespan',
  dynamic: 'dynamic',
  guid: 'guid',
  uuid: 'guid',
  uniqueid: 'guid',
}

export function typeNamed(name: string): KqlType | undefined {
  return Object.hasOwn(TYPE_NAMES, name) ? TYPE_NAMES[name] : undefined
}

export function typeOfColumn(type: ColumnType | 'timespan'): KqlType {
  return type === 'boolean' ? 'bool' : type
}

export function columnTypeOf(type: KqlType): ColumnType | 'timespan' {
  return type === 'bool' ? 'boolean' : type
}

export function isNumber(type: KqlType): boolean {
  return type === 'int' || type === 'long' || type === 'real'
}

/** The value of an absent one: Kusto's string has no null. */
export function absent(type: KqlType): Value {
  return type === 'string' ? '' : null
}

/** The type to which branches of `iff`, `case`, `coalesce` are brought; undefined when they have none in common. */
export function commonType(types: readonly KqlType[]): KqlType | undefined {
  const [first, ...others] = new Set(types)
  if (first === undefined || others.length === 0) return first
  if ([first, ...others].every(isNumber)) return types.includes('real') ? 'real' : 'long'
  const declared = [first, ...others].filter((type) => type !== 'dynamic')
  return declared.length === 1 ? declared[0] : undefined
}
