import { styleText } from 'node:util'

import type { Row } from '@azlogs/emulator'

import type { Comparison } from './comparison.ts'

const numbers = new Intl.NumberFormat('en-US')

const HEADINGS = ['', 'logged', 'stored', 'lost', 'duplicates', 'requests', 'retries', 'JSON', 'gzip']

/** `1,234`. */
export function grouped(count: number): string {
  return numbers.format(count)
}

/** `1.2 MB`. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

/** Who takes part: name, address, description. */
export function introduction(lines: readonly (readonly [string, string, string])[]): string {
  const text = lines.map(
    ([name, address, what]) => `  ${name.padEnd(10)}${address.padEnd(25)}${styleText('dim', what)}\n`,
  )
  return `${text.join('')}\n`
}

/** A line for each way in, and one for all of them. */
export function comparisonTable(comparisons: readonly Comparison[], all: Comparison): string {
  const body = [...comparisons, all].map((each) => [
    each.name,
    grouped(each.logged),
    grouped(each.stored),
    grouped(each.lost),
    grouped(each.duplicates),
    grouped(each.requests),
    grouped(each.retries),
    megabytes(each.jsonBytes),
    each.wireBytes === 0 ? '' : `${(each.jsonBytes / each.wireBytes).toFixed(1)} ×`,
  ])
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...body.map((cells) => cells[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
  return [
    styleText('dim', line(HEADINGS)),
    ...body.map((cells, index) =>
      index < comparisons.length ? line(cells) : styleText('bold', line(cells)),
    ),
  ]
    .map((text) => `  ${text}\n`)
    .join('')
}

/** A row, one column a line, without stack frames, and cut to the width of the screen. */
export function rowCard(row: Row, width: number): string {
  const nameWidth = Math.max(...Object.keys(row).map((name) => name.length))
  return Object.entries(row)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => {
      const text = (typeof value === 'string' ? value : JSON.stringify(value))
        .replaceAll(/(\n *at .*)+/g, ' …')
        .replaceAll(/\s*\n\s*/g, ' ')
      const room = Math.max(10, width - nameWidth - 4)
      const shown = text.length > room ? `${text.slice(0, room - 1)}…` : text
      return `  ${styleText('dim', name.padEnd(nameWidth))}  ${shown}\n`
    })
    .join('')
}
