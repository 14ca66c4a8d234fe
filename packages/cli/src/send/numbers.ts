/** `1 record`, `12,000 records`; without a noun only the number. */
export function formatCount(count: number, noun: string): string {
  const number = count.toLocaleString('en-US')
  return noun === '' ? number : `${number} ${noun}${count === 1 ? '' : 's'}`
}

/** Bytes in the unit that suits them, with powers of 1000. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`
}
