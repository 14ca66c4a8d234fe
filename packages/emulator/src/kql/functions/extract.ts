import type { Bound } from '../bound.ts'
import { converted } from '../coerce.ts'
import { isArray } from '../dynamic.ts'
import { allMatches, compileRegex, firstMatch } from '../regex.ts'
import { isNumber } from '../types.ts'
import type { Call } from './call.ts'

export function bindExtract(call: Call): Bound {
  const [regex, group, source] = call.arguments as readonly [Bound, Bound, Bound]
  const target = call.syntax[3]
  if (regex.constant === undefined || regex.type !== 'string')
    throw call.fail('the regular expression must be constant', 0)
  if (!isNumber(group.type)) throw call.fail('the number of the group must be a long', 1)
  const compiled = compileRegex(String(regex.constant.value))
  const text = converted(source, 'string')
  const extracted: Bound = {
    type: 'string',
    at: call.at,
    evaluate: (row) => firstMatch(String(text.evaluate(row)), compiled)?.[Number(group.evaluate(row))] ?? '',
  }
  return target?.kind === 'typeof' ? converted(extracted, target.type) : extracted
}

/** Groups of each match; with one group, the texts themselves (learn.microsoft.com/kusto/query/extract-all-function). */
export function bindExtractAll(call: Call): Bound {
  const [regex, ...rest] = call.arguments as readonly [Bound, ...Bound[]]
  const [source, groups] = rest.toReversed() as [Bound, Bound | undefined]
  if (regex.constant === undefined || regex.type !== 'string')
    throw call.fail('the regular expression must be constant', 0)
  const compiled = compileRegex(String(regex.constant.value))
  if (compiled.groupCount === 0) throw call.fail('the regular expression must have a group', 0)
  const text = converted(source, 'string')
  return {
    type: 'dynamic',
    at: call.at,
    evaluate(row) {
      const wanted = groups?.evaluate(row)
      const picked = isArray(wanted) ? wanted.map(Number) : compiled.groupCount === 1 ? [1] : undefined
      const matches = allMatches(String(text.evaluate(row)), compiled)
      if (matches.length === 0) return null
      return matches.map((match) => {
        const texts = picked === undefined ? match.slice(1) : picked.map((group) => match[group] ?? '')
        return texts.length === 1 ? texts[0] : texts
      })
    },
  }
}
