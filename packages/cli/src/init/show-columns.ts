import { looksSecret } from '../schema/proposal.ts'
import type { ProposedColumn } from '../schema/proposal.ts'

const MAX_SAMPLE = 28

/** Made when the row is made: no two runs show the same. */
const MADE_BY_US = new Set(['TimeGenerated', 'EventTime', 'RecordId'])

/** The columns as a table, one line each; warnings below. */
export function columnLines(columns: readonly ProposedColumn[]): readonly string[] {
  const head = ['', 'column', 'type', 'seen', 'sample', 'why']
  const rows = [
    head,
    ...columns.map((column) => [
      column.promoted ? '+' : '-',
      column.promoted ? column.name : `Properties.${column.path}`,
      column.type,
      percent(column.seen),
      sampleText(column),
      column.reason,
    ]),
  ]
  const widths = head.map((_title, index) => Math.max(...rows.map((row) => (row[index] as string).length)))
  const lines = rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] as number))
      .join('  ')
      .trimEnd(),
  )
  const warnings = columns.flatMap(({ name, path, warnings }) =>
    warnings.map((warning) => `! ${path ?? name}: ${warning}`),
  )
  return [...lines, ...warnings].map(printable)
}

/** A column as `--json` prints it; a value that looks like a secret is not shown. */
export function columnData({ sample, ...column }: ProposedColumn): object {
  if (MADE_BY_US.has(column.name)) return column
  const value = typeof sample === 'bigint' ? String(sample) : sample
  return { ...column, sample: looksSecret(column.path ?? '') ? '***' : value }
}

function percent(share: number): string {
  if (share > 0 && share < 0.01) return '<1%'
  return `${Math.round(share * 100)}%`
}

function sampleText({ name, sample, path }: ProposedColumn): string {
  if (sample === undefined || MADE_BY_US.has(name)) return ''
  if (looksSecret(path ?? '')) return '***'
  const text = typeof sample === 'string' ? sample : stringify(sample)
  const plain = printable(text)
  return plain.length > MAX_SAMPLE ? `${plain.slice(0, MAX_SAMPLE - 1)}…` : plain
}

/** Control characters would move the cursor of whoever looks at them. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ')
}

function stringify(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner))
}
