import { effect, signal } from '@preact/signals'
import type { Signal } from '@preact/signals'

/** A choice of the user that outlives the page. Where storage is refused, it lives as long as the page. */
export function storedSignal<Value>(
  key: string,
  initial: Value,
  isValue: (value: unknown) => value is Value,
): Signal<Value> {
  const stored = signal(read(key, isValue) ?? initial)
  effect(() => {
    const text = JSON.stringify(stored.value)
    try {
      localStorage.setItem(`azlogs.${key}`, text)
    } catch {
      // A private window, or storage that is full: nothing is lost but the memory of a choice.
    }
  })
  return stored
}

function read<Value>(key: string, isValue: (value: unknown) => value is Value): Value | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(`azlogs.${key}`) ?? 'null')
    return isValue(value) ? value : undefined
  } catch {
    return undefined
  }
}
