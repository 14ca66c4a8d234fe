import type { ValueStats } from './value-stats.ts'

/** What a stream declares and `azlogs init` writes. A guid is a string: no stream can declare one. */
export type InferredType = 'string' | 'int' | 'long' | 'real' | 'boolean' | 'datetime' | 'dynamic'

/** A type and why. */
export interface TypeDecision {
  readonly type: InferredType
  readonly reason: string
  readonly warnings: readonly string[]
}

/** Integers under these names stay small for ever. */
const SMALL_INTEGER = /^(level|severity.*|status.*code|port|pid|attempt|retries)$/i

/** Numbers under these names are measures: the next one may have a fraction. */
const MEASURE =
  /(ms|millis|seconds|secs|duration|latency|elapsed|responseTime|ratio|rate|percent|pct|score|avg|mean|usage|cpu|load)$/i

const INT_MIN = -(2 ** 31)
const INT_MAX = 2 ** 31 - 1

/**
 * The type for a column, from everything seen under its key. Conservative, because the type of a column can never be
 * changed.
 *
 * @param name the last part of the path, which tells what kind of number it is.
 * @returns undefined when there was no value.
 */
export function decideType(
  stats: ValueStats,
  name: string,
  { dates = false }: { readonly dates?: boolean } = {},
): TypeDecision | undefined {
  const numbers = stats.integers + stats.fractions + stats.hugeIntegers
  const kinds = [stats.booleans, numbers, stats.strings, stats.objects + stats.arrays].filter(
    (count) => count > 0,
  )
  if (kinds.length === 0) return undefined
  if (stats.objects + stats.arrays > 0) {
    return kinds.length === 1
      ? decided('dynamic', stats.arrays > 0 ? 'arrays' : 'objects of many shapes')
      : decided('dynamic', 'objects or arrays among plain values', [
          'values of several kinds: queries must check the type',
        ])
  }
  if (kinds.length > 1) {
    return decided('string', `${mixOf(stats)} mixed`, ['values of several kinds are sent as text'])
  }
  if (stats.booleans > 0) return decided('boolean', 'only true and false')
  return numbers > 0 ? decideNumber(stats, name) : decideText(stats, dates)
}

function decideNumber(stats: ValueStats, name: string): TypeDecision {
  if (stats.hugeIntegers > 0) {
    return decided('string', 'integers beyond 2^53 lose digits as numbers', [
      'log it as text: JSON.parse has rounded it before a transport sees it',
    ])
  }
  if (stats.fractions > 0) return decided('real', 'numbers with fractions')
  if (MEASURE.test(name)) return decided('real', 'integers so far, but the name says a measure')
  if (SMALL_INTEGER.test(name) && stats.min >= INT_MIN && stats.max <= INT_MAX) {
    return decided('int', 'small integers by name and by value')
  }
  return decided('long', 'integers; a type can never be widened')
}

function decideText(stats: ValueStats, dates: boolean): TypeDecision {
  const { strings } = stats
  if (stats.datetimes === strings) return decided('datetime', 'every text is an ISO 8601 time')
  if (dates && stats.datetimes + stats.dates === strings) return decided('datetime', 'every text is a date')
  const warnings =
    stats.longStrings * 100 > strings
      ? [`up to ${Math.ceil(stats.maxBytes / 1024)} KB: Azure cuts a value at 64 KB`]
      : []
  if (stats.guids === strings) return decided('string', 'guid: a stream cannot declare one', warnings)
  if (stats.jsonTexts === strings) {
    return decided('string', 'JSON in text', [...warnings, 'log the object itself to query inside it'])
  }
  return decided('string', stats.datetimes > 0 ? 'times and other text' : 'text', warnings)
}

function mixOf(stats: ValueStats): string {
  return [
    ...(stats.booleans > 0 ? ['booleans'] : []),
    ...(stats.integers + stats.fractions + stats.hugeIntegers > 0 ? ['numbers'] : []),
    ...(stats.strings > 0 ? ['text'] : []),
  ].join(' and ')
}

function decided(type: InferredType, reason: string, warnings: readonly string[] = []): TypeDecision {
  return { type, reason, warnings }
}
