import { median } from '../rounds.ts'
import type { Results } from './results.ts'
import { figure as written } from './text.ts'

interface Panel {
  readonly bench: string
  readonly figure: string
  readonly title: string
  /** Only subjects with this in their name. */
  readonly host?: string
}

/** What is drawn, each a panel of bars. */
const PANELS: readonly Panel[] = [
  { bench: 'upload', figure: 'rowsPerSecond', title: 'upload: rows a second, more is better' },
  { bench: 'upload', figure: 'cpuMicros', title: 'upload: µs of CPU a row, less is better' },
  { bench: 'winston', figure: 'cpuMicros', title: 'winston: µs of CPU a record, less is better' },
  { bench: 'winston', figure: 'peakRssMb', title: 'winston: MB of memory, less is better' },
  { bench: 'pino', figure: 'cpuMicros', title: 'pino: µs of CPU a record, less is better' },
  {
    bench: 'latency',
    figure: 'p99Ms',
    host: 'winston',
    title: 'Fastify with winston: p99 of a request in ms, less is better',
  },
  {
    bench: 'latency',
    figure: 'p99Ms',
    host: 'pino',
    title: 'Fastify with pino: p99 of a request in ms, less is better',
  },
]

// These have enough contrast on white and on black.
const TEXT = '#717983'
const OURS = '#2f81f7'
const OTHERS = '#9aa2ab'

const WIDTH = 760
const LEFT = 230
const RIGHT = 130
const BAR = 16
const STEP = 22
const PANEL_HEAD = 30
const PANEL_GAP = 18

interface Bar {
  readonly name: string
  readonly value: number
  readonly ours: boolean
}

/** The main figures as an SVG, for light and dark pages; beside each bar its value and how many times ours it is. */
export function drawChart({ benches, machine, date }: Results): string {
  const parts: string[] = []
  let top = 0
  for (const panel of PANELS) {
    const bars = barsOf(panel, benches)
    if (bars.length === 0) continue
    parts.push(text(0, top + BAR, panel.title, 'font-weight="600"'))
    parts.push(...drawBars(bars, top + PANEL_HEAD))
    top += PANEL_HEAD + bars.length * STEP + PANEL_GAP
  }
  if (parts.length === 0)
    throw new Error(
      `There is nothing to draw: none of ${PANELS.map(({ bench }) => bench).join(', ')} is in the results`,
    )
  parts.push(
    text(0, top + BAR, `${date.slice(0, 10)}, Node.js ${machine.node}, ${machine.cores} × ${machine.cpu}`),
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top + STEP}" width="${WIDTH}" height="${top + STEP}" role="img" font-family="system-ui, sans-serif" font-size="13" fill="${TEXT}">
<title>Benchmarks of azlogs</title>
${parts.join('\n')}
</svg>
`
}

function barsOf({ bench, figure, host = '' }: Panel, benches: Results['benches']): readonly Bar[] {
  const subjects = benches[bench]?.subjects.filter(({ name }) => name.includes(host)) ?? []
  return subjects.flatMap(({ name, foreign, figures }) => {
    const values = figures.find((candidate) => candidate.name === figure)?.values ?? []
    return values.length === 0 ? [] : [{ name, value: median(values), ours: foreign !== true }]
  })
}

function drawBars(bars: readonly Bar[], top: number): readonly string[] {
  const longest = Math.max(...bars.map(({ value }) => value))
  const own = bars.find(({ ours }) => ours)?.value
  return bars.flatMap(({ name, value, ours }, index) => {
    const y = top + index * STEP
    const width = Math.max(1, ((WIDTH - LEFT - RIGHT) * value) / longest)
    const times = own === undefined || ours ? '' : ` · ${written(value / own)} ×`
    return [
      text(LEFT - 8, y + BAR - 4, name, 'text-anchor="end"'),
      `<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2" fill="${ours ? OURS : OTHERS}"/>`,
      text(LEFT + width + 8, y + BAR - 4, `${written(value)}${times}`),
    ]
  })
}

function text(x: number, y: number, content: string, attributes = ''): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${x.toFixed(1)}" y="${y}" ${attributes}>${escaped}</text>`
}
