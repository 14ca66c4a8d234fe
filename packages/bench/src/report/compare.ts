import type { Figure } from '../bench.ts'
import { median } from '../rounds.ts'
import type { Results } from './results.ts'
import { figure as written } from './text.ts'

/** How much worse is worth a word. */
const TOLERANCE = 1.1

/** One figure of ours, before and after. */
interface Change {
  readonly bench: string
  readonly subject: string
  readonly base: Figure
  readonly head: Figure
  /** The head's median, times the base's. */
  readonly ratio: number
  readonly verdict: '' | 'better' | 'worse'
}

/** What two runs have in common, as a Markdown table, and how many figures have become worse. */
export function compare(base: Results, head: Results): { readonly text: string; readonly worse: number } {
  const changes = changesBetween(base, head)
  const lines = changes.map(({ bench, subject, base, head, ratio, verdict }) =>
    `| ${[bench, subject, base.unit, range(base), range(head), written(ratio), verdict].join(' | ')} |`.replaceAll(
      '  ',
      ' ',
    ),
  )
  const worse = changes.filter(({ verdict }) => verdict === 'worse').length
  return {
    text: [
      '| bench | subject | figure | base | head | ratio | |',
      '| --- | --- | --- | --: | --: | --: | --- |',
      ...lines,
      '',
      `Medians, with the least and the greatest value of all rounds. Worse is what is more than 10 % worse and whose ranges do not meet: ${worse} of ${changes.length}.`,
    ].join('\n'),
    worse,
  }
}

function changesBetween(base: Results, head: Results): readonly Change[] {
  return Object.entries(head.benches).flatMap(([bench, { subjects }]) =>
    subjects
      .filter(({ foreign }) => !foreign)
      .flatMap(({ name: subject, figures }) => {
        const before = base.benches[bench]?.subjects.find(({ name }) => name === subject)
        return figures.flatMap((after) => {
          const earlier = before?.figures.find(({ name }) => name === after.name)
          if (earlier === undefined || earlier.values.length === 0 || after.values.length === 0) return []
          return [{ bench, subject, base: earlier, head: after, ...verdictOn(earlier, after) }]
        })
      }),
  )
}

function verdictOn(base: Figure, head: Figure): Pick<Change, 'ratio' | 'verdict'> {
  const ratio = median(head.values) / median(base.values)
  const apart =
    Math.min(...head.values) > Math.max(...base.values) || Math.max(...head.values) < Math.min(...base.values)
  const grown = ratio > TOLERANCE
  const shrunk = ratio < 1 / TOLERANCE
  if (!apart || !(grown || shrunk)) return { ratio, verdict: '' }
  return { ratio, verdict: grown === (head.better === 'more') ? 'better' : 'worse' }
}

function range({ values }: Figure): string {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return low === high ? written(low) : `${written(median(values))} (${written(low)}–${written(high)})`
}
