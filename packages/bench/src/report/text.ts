import { isMet } from '../bench.ts'
import type { BenchResult, Figure, Target } from '../bench.ts'
import { median } from '../rounds.ts'
import { table } from './text-chart.ts'

/** A bench's result as text: a row for each subject, a line for each target. */
export function describeBench(name: string, { title, subjects, targets }: BenchResult): string {
  const [first] = subjects
  const heading = ['', ...(first?.figures ?? []).map(({ unit }) => unit)]
  const rows = subjects.map((subject) => [subject.name, ...subject.figures.map(cell)])
  const remarks = subjects.flatMap(({ name, remark }) => (remark === undefined ? [] : [`${name}: ${remark}`]))
  return [`${name}: ${title}`, '', table([heading, ...rows]), ...remarks, '', ...targets.map(line)].join('\n')
}

/** The median, and how far the values lie apart. */
function cell({ values }: Figure): string {
  if (values.length === 0) return ''
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return low === high ? figure(low) : `${figure(median(values))} (${figure(low)}–${figure(high)})`
}

function line(target: Target): string {
  const { bound, text, value } = target
  const wanted = 'atMost' in bound ? `at most ${bound.atMost}` : `at least ${bound.atLeast}`
  return `${isMet(target) ? 'met   ' : 'MISSED'} ${text}: ${figure(value)} (${wanted})`
}

/** Three significant digits, thousands told apart. */
export function figure(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(3)))
}
