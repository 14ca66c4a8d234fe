import type { Environment } from './bound.ts'
import { convertTo } from './convert.ts'
import { compileRegex, firstMatch, quoteRegex } from './regex.ts'
import type { Operator, PatternPart } from './syntax.ts'
import { absent } from './types.ts'
import type { KqlType, Value } from './types.ts'

type ParseSyntax = Extract<Operator, { readonly kind: 'parse' | 'parse-where' }>
type PatternColumn = Extract<PatternPart, { readonly kind: 'column' }>

export interface ParsePattern {
  readonly columns: readonly PatternColumn[]
  /** The values of the columns; undefined when the text does not match. */
  readonly match: (text: string) => readonly Value[] | undefined
}

const NUMBERS: Partial<Readonly<Record<KqlType, string>>> = {
  int: '[-+]?\\d+',
  long: '[-+]?\\d+',
  real: '[-+]?\\d+(?:\\.\\d*)?(?:[eE][-+]?\\d+)?',
}

/**
 * The pattern of `parse` as one regular expression (learn.microsoft.com/kusto/query/parse-operator). In the modes
 * `simple` and `relaxed` a string column takes as little as it can, in `regex` as much, which is what the examples on that
 * page show. `simple` and `regex` match only when every column gets a value of its type.
 *
 * @throws {KqlError} `Semantic` for a pattern that is ambiguous.
 */
export function compilePattern(
  { mode, flags, pattern }: ParseSyntax,
  environment: Environment,
): ParsePattern {
  const columns = pattern.filter((part) => part.kind === 'column')
  const pieces = pattern.map((part, index) => {
    const previous = pattern[index - 1]
    const next = pattern[index + 1]
    if (part.kind === 'text') return mode === 'regex' ? ownGroupsHidden(part.text) : quoteRegex(part.text)
    if (part.kind === 'skip') {
      if (previous?.kind === 'column' && previous.type === 'string') {
        throw environment.error('Semantic', '«*» after a string column is ambiguous', part.at)
      }
      return '.*?'
    }
    if (previous?.kind === 'column') {
      throw environment.error('Semantic', `the column ${part.name} must follow a string literal`, part.at)
    }
    const digits = NUMBERS[part.type]
    if (digits !== undefined && (mode !== 'relaxed' || next?.kind === 'skip')) return `(${digits})`
    return mode === 'regex' ? '(.*)' : '(.*?)'
  })
  const start = pattern[0]?.kind === 'skip' ? '' : '^'
  const end = pattern.at(-1)?.kind === 'column' ? '$' : ''
  const regex = compileRegex(`${start}${pieces.join('')}${end}`, mode === 'regex' ? flags : 's')

  return {
    columns,
    match(text) {
      const groups = firstMatch(text, regex)
      if (groups === undefined) return undefined
      const values = columns.map(({ type }, index) => convertTo(type, 'string', groups[index + 1] ?? ''))
      const isStrict = mode !== 'relaxed'
      return isStrict && columns.some(({ type }, index) => type !== 'string' && values[index] === null)
        ? undefined
        : values
    },
  }
}

/** Groups of the user's own, named or not, must not be counted among the columns. */
function ownGroupsHidden(regex: string): string {
  const hidden = regex.replaceAll(/\\.|\[(?:\\.|[^\]])*\]|\(\?P?<\w+>|\((?!\?)/gs, (piece) =>
    piece.startsWith('(') ? '(?:' : piece,
  )
  return `(?:${hidden})`
}

export function absentValues(columns: readonly PatternColumn[]): readonly Value[] {
  return columns.map(({ type }) => absent(type))
}
