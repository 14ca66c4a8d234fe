const BARS = '▁▂▃▄▅▆▇█'

/** One character for each value, as high as it is near to `max`; nothing for zero. */
export function sparkline(values: readonly number[], max: number): string {
  return values
    .map((value) => {
      if (value <= 0 || max <= 0) return ' '
      const height = Math.ceil((Math.min(value, max) / max) * BARS.length)
      return BARS[Math.max(1, height) - 1] ?? ' '
    })
    .join('')
}

/** Rows of cells under a heading, in columns as wide as their widest cell; all but the first are aligned to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const columns =
    rows[0]?.map((_cell, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(columns[column] ?? 0) : cell.padStart(columns[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
  const [heading = '', ...others] = lines
  return [heading, '-'.repeat(columns.reduce((width, column) => width + column + 2, -2)), ...others].join(
    '\n',
  )
}
