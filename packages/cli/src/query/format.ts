import { stripVTControlCharacters } from 'node:util'

import { withExactNumbers } from '../exact-numbers.ts'
import type { Answer } from './ask.ts'

/** Longer cells of a table on a terminal are cut. */
const MAX_CELL = 60

/**
 * A table of text, numbers to the right.
 *
 * @param isTerminal cuts cells to 60 characters; elsewhere everything is printed.
 */
export function asTable({ columns, rows }: Answer, isTerminal: boolean): readonly string[] {
  const head = columns.map(({ name }) => name)
  const body = rows.map((row) => row.map((value) => cellOf(value, isTerminal)))
  const widths = head.map((name, index) =>
    Math.max(name.length, ...body.map((row) => row[index]?.length ?? 0)),
  )
  const isNumber = columns.map(({ type }) => ['int', 'long', 'real', 'decimal'].includes(type))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) =>
        isNumber[index] === true ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...body.map(line)]
}

/** RFC 4180. */
export function asCsv({ columns, rows }: Answer): readonly string[] {
  const line = (cells: readonly string[]): string =>
    cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')
  return [line(columns.map(({ name }) => name)), ...rows.map((row) => line(row.map(textOf)))]
}

/** An object for each row, with every digit. */
export function asObjects({ columns, rows }: Answer): readonly object[] {
  return rows.map((row) =>
    withExactNumbers(Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null]))),
  )
}

function cellOf(value: unknown, isTerminal: boolean): string {
  // What somebody logged must not move the cursor of who reads it.
  const text = stripVTControlCharacters(textOf(value))
    .replaceAll(/\s*[\r\n]+\s*/g, ' ⏎ ')
    .replaceAll(/\p{Cc}/gu, ' ')
  return isTerminal && text.length > MAX_CELL ? `${text.slice(0, MAX_CELL - 1)}…` : text
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  return JSON.stringify(withExactNumbers(value))
}
