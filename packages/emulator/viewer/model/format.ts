const UNITS = ['B', 'KB', 'MB', 'GB'] as const

export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1_000 && unit < UNITS.length - 1) {
    value /= 1_000
    unit += 1
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`
}

const GROUPED = new Intl.NumberFormat('en')

export function formatCount(count: number): string {
  return GROUPED.format(count)
}

export function formatRate(perSecond: number): string {
  return perSecond >= 100 || Number.isInteger(perSecond)
    ? formatCount(Math.round(perSecond))
    : perSecond.toFixed(1)
}

export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** Local time with milliseconds: what one compares with a terminal. */
export function formatTime(ms: number): string {
  if (!Number.isFinite(ms)) return '–'
  const date = new Date(ms)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** With the date where a span reaches beyond a day, with milliseconds where it is below a few seconds. */
export function formatMoment(ms: number, spanMs: number): string {
  const date = new Date(ms)
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`
  if (spanMs > 24 * 3_600_000) return `${date.getMonth() + 1}/${date.getDate()} ${time}`
  if (spanMs > 10 * 60_000) return time
  return spanMs > 5_000 ? `${time}:${two(date.getSeconds())}` : formatTime(ms)
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}

/** How much smaller a body is on the wire; a dash when it was not compressed. */
export function formatRatio(sizes: { readonly wireBytes: number; readonly inflatedBytes: number }): string {
  const { wireBytes, inflatedBytes } = sizes
  return inflatedBytes > 0 && wireBytes > 0 && inflatedBytes !== wireBytes
    ? `${(inflatedBytes / wireBytes).toFixed(1)} : 1`
    : '–'
}
