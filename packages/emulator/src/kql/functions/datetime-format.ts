import { RowFault } from '../bound.ts'
import { dateOf, TICKS_PER_DAY, TICKS_PER_SECOND } from '../ticks.ts'

const SPECIFIER = /([a-zA-Z])\1*|./gsu
const DELIMITERS = ' /-:,._[]'

/** learn.microsoft.com/kusto/query/format-datetime-function, with its specifiers and no others. */
export function formatDatetime(ticks: bigint, format: string): string {
  const date = dateOf(ticks)
  const year = date.getUTCFullYear()
  const hour = date.getUTCHours()
  return formatted(format, ticks, {
    d: () => date.getUTCDate(),
    M: () => date.getUTCMonth() + 1,
    H: () => hour,
    h: () => ((hour + 11) % 12) + 1,
    m: () => date.getUTCMinutes(),
    s: () => date.getUTCSeconds(),
    y: (width) => (width > 2 ? year : year % 100),
    t: () => (hour < 12 ? 'AM' : 'PM'),
  })
}

/** learn.microsoft.com/kusto/query/format-timespan-function. */
export function formatTimespan(ticks: bigint, format: string): string {
  const magnitude = ticks < 0n ? -ticks : ticks
  const seconds = magnitude / TICKS_PER_SECOND
  return formatted(format, magnitude, {
    d: () => Number(magnitude / TICKS_PER_DAY),
    H: () => Number((seconds / 3600n) % 24n),
    h: () => Number((seconds / 3600n) % 24n),
    m: () => Number((seconds / 60n) % 60n),
    s: () => Number(seconds % 60n),
  })
}

type Specifiers = Readonly<Record<string, (width: number) => number | string>>

function formatted(format: string, ticks: bigint, specifiers: Specifiers): string {
  const fraction = String(ticks % TICKS_PER_SECOND).padStart(7, '0')
  return format.replaceAll(SPECIFIER, (run: string) => {
    const [letter = ''] = run
    const width = run.length
    if (letter === 'f' && width <= 7) return fraction.slice(0, width)
    if (letter === 'F' && width <= 7) return fraction.slice(0, width).replace(/0+$/, '')
    const specifier = Object.hasOwn(specifiers, letter) ? specifiers[letter] : undefined
    if (specifier !== undefined) return String(specifier(width)).padStart(width, '0')
    if (DELIMITERS.includes(run)) return run
    throw new RowFault(`${JSON.stringify(run)} is no part of a format`, 'Semantic')
  })
}
