import { MAX_FIELD_BYTES } from './service.ts'

/** Where, in `Properties`, a shortened row names the values that are not whole. */
const MARK = '__shortened'

/**
 * Cuts every string of a row's JSON that is longer than the service keeps anyway (64 KB), with a visible mark at the cut
 * and the names of the columns in `Properties.__shortened`. Undefined when there is nothing to cut.
 */
export function shortenRow(json: string): string | undefined {
  const row = JSON.parse(json) as Record<string, unknown>
  const cut = Object.keys(row).filter((name) => {
    const shorter = shorten(row[name])
    if (shorter === row[name]) return false
    row[name] = shorter
    return true
  })
  if (cut.length === 0) return undefined
  const properties = row['Properties']
  const isObject = typeof properties === 'object' && properties !== null && !Array.isArray(properties)
  row['Properties'] = { ...(isObject ? properties : { value: properties ?? undefined }), [MARK]: cut }
  return JSON.stringify(row)
}

/** The value itself when nothing in it is too long, else a copy with every long string cut. */
function shorten(value: unknown): unknown {
  if (typeof value === 'string') return cutText(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items = value.map(shorten)
    return items.every((item, index) => item === value[index]) ? value : items
  }
  const entries = Object.entries(value).map(([key, item]) => [key, shorten(item)] as const)
  return entries.every(([key, item]) => item === Reflect.get(value, key))
    ? value
    : Object.fromEntries(entries)
}

function cutText(text: string): string {
  const bytes = Buffer.byteLength(text)
  if (bytes <= MAX_FIELD_BYTES) return text
  const mark = `… [azlogs: cut, ${bytes} bytes in all]`
  const kept = Buffer.from(text).toString('utf8', 0, MAX_FIELD_BYTES - Buffer.byteLength(mark) - 3)
  // A character may have been cut in two: the decoder put one replacement character for each of its bytes.
  return kept.replace(/\uFFFD{1,3}$/u, '') + mark
}
