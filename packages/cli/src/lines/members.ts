import type { LineRecord } from './line-format.ts'

/** Takes members out of a record one by one; what nobody took are its properties. */
export interface Members {
  /** What `read` makes of the value under the first of `names` of which it makes anything; that member is taken. */
  take<T>(names: readonly string[], read: (value: unknown) => T | undefined): T | undefined
  /** Marks members as told by something else. */
  tell(names: readonly string[]): void
  rest(): Record<string, unknown>
}

export function membersOf(record: LineRecord): Members {
  const taken = new Set<string>()
  return {
    take(names, read) {
      for (const name of names) {
        const value = Object.hasOwn(record, name) ? read(record[name]) : undefined
        if (value === undefined) continue
        taken.add(name)
        return value
      }
      return undefined
    },
    tell(names) {
      for (const name of names) taken.add(name)
    },
    rest: () => Object.fromEntries(Object.entries(record).filter(([name]) => !taken.has(name))),
  }
}

export function asString(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function asObject(value: unknown): LineRecord | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as LineRecord)
    : undefined
}
