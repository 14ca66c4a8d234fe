import { RE2JS } from 're2js'

import { RowFault } from './bound.ts'

/**
 * Kusto's regular expressions are RE2's, matched in linear time; so are these, or a pattern of twenty characters could
 * hang the emulator. What is left, long patterns over long texts, is bounded.
 */
const MAX_PROGRAM = 10_000
const MAX_STEPS = 100_000_000
const MAX_CACHED = 200

/** A compiled pattern and the number of its instructions. */
export interface Regex {
  readonly re2: RE2JS
  readonly groupCount: number
  readonly size: number
}

const cache = new Map<string, Regex>()

/** @throws {RowFault} `Semantic` when it is no regular expression, `LimitExceeded` when it is too large. */
export function compileRegex(pattern: string, flags = ''): Regex {
  const source = flags === '' ? pattern : `(?${flags})${pattern}`
  const cached = cache.get(source)
  if (cached !== undefined) return cached
  if (source.length > MAX_PROGRAM) throw new RowFault('the regular expression is too long')
  let re2: RE2JS
  try {
    re2 = RE2JS.compile(source)
  } catch (error) {
    const reason =
      error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error)
    throw new RowFault(`this is no regular expression of RE2: ${reason}`, 'Semantic')
  }
  const compiled = { re2, groupCount: re2.groupCount(), size: re2.programSize() }
  if (compiled.size > MAX_PROGRAM) throw new RowFault('the regular expression is too large')
  if (cache.size >= MAX_CACHED) cache.clear()
  cache.set(source, compiled)
  return compiled
}

export function matchesRegex(text: string, pattern: string): boolean {
  return withinSteps(compileRegex(pattern), text).test(text)
}

/** The groups of the first match, the whole match first; a group that took no part is empty. */
export function firstMatch(text: string, regex: Regex): readonly string[] | undefined {
  const matcher = withinSteps(regex, text).matcher(text)
  if (!matcher.find()) return undefined
  return Array.from({ length: regex.groupCount + 1 }, (_, group) => matcher.group(group) ?? '')
}

const MAX_MATCHES = 10_000

export function allMatches(text: string, regex: Regex): readonly (readonly string[])[] {
  const matcher = withinSteps(regex, text).matcher(text)
  const matches: string[][] = []
  while (matcher.find()) {
    if (matches.length >= MAX_MATCHES) throw new RowFault(`more than ${MAX_MATCHES} matches in one text`)
    matches.push(Array.from({ length: regex.groupCount + 1 }, (_, group) => matcher.group(group) ?? ''))
  }
  return matches
}

/** `\1` in the replacement is a group, `\0` the match, as in RE2. */
export function replaceMatches(text: string, regex: Regex, replacement: string): string {
  const pieces = replacement.split(/\\(\d)/)
  const fill = (...groups: readonly unknown[]): string =>
    pieces.map((piece, index) => (index % 2 === 0 ? piece : groupText(groups[Number(piece)]))).join('')
  return withinSteps(regex, text).matcher(text).replaceAll(fill)
}

function groupText(group: unknown): string {
  return typeof group === 'string' ? group : ''
}

export function quoteRegex(text: string): string {
  return RE2JS.quote(text)
}

function withinSteps(regex: Regex, text: string): RE2JS {
  if (text.length * regex.size > MAX_STEPS) {
    throw new RowFault(`a text of ${text.length} characters is too long for this regular expression`)
  }
  return regex.re2
}
