/** TypeScript's library does not know it yet. */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown }

/** The value with each `bigint` in it replaced by what JSON writes with the same digits. What holds none is returned as it is. */
export function withExactNumbers<T>(value: T): T {
  return replaceIn(value) as T
}

function replaceIn(value: unknown): unknown {
  if (typeof value === 'bigint') return rawJSON(String(value))
  if (typeof value !== 'object' || value === null) return value
  let copy: object | undefined
  for (const [key, before] of Object.entries(value)) {
    const after = replaceIn(before)
    if (after === before) continue
    copy ??= Array.isArray(value) ? [...(value as unknown[])] : { ...value }
    Object.defineProperty(copy, key, { value: after, enumerable: true, configurable: true, writable: true })
  }
  return copy ?? value
}
