import { setImmediate } from 'node:timers/promises'
import { types } from 'node:util'

import { AzlogsError, messageOf } from './errors.ts'
import type { BatchSource, Batcher, Unread } from './upload-batch.ts'

/** Records that are looked at before the event loop turns. */
const CHECKED_AT_ONCE = 10_000

/**
 * The records of an array, a Set, or any other iterable or async iterable, as a source of batches: read lazily, each
 * written as JSON once. Nothing is read of an array or Set with an element that is no object: its first `fill` rejects.
 *
 * @throws TypeError when `logs` is nothing to iterate over.
 */
export function readObjects(logs: unknown, batcher: Batcher): BatchSource {
  const known = Array.isArray(logs) || logs instanceof Set ? (logs as Iterable<unknown>) : undefined
  let checked = false
  const open = opener(logs)
  let iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined
  let count = 0
  let ended = false

  async function checkAll(all: Iterable<unknown>): Promise<void> {
    let index = 0
    for (const log of all) {
      checkRecord(log, index)
      index += 1
      if (index % CHECKED_AT_ONCE === 0) await setImmediate()
    }
    checked = true
  }

  function add(log: unknown): void {
    const index = count
    checkRecord(log, index)
    count += 1
    let json: string | undefined
    try {
      json = JSON.stringify(log)
    } catch (error) {
      return batcher.fail(notSerializable(index, messageOf(error), { cause: error }), index, log)
    }
    if (json === undefined || json.charCodeAt(0) !== 123 /* { */) {
      return batcher.fail(notSerializable(index, 'its toJSON() gives no object'), index, log)
    }
    if (json.length === 2 && types.isPromise(log)) {
      return batcher.fail(notSerializable(index, 'it is a promise; await it first'), index, log)
    }
    batcher.add(json, index, log)
  }

  function end(): void {
    ended = true
    batcher.seal()
  }

  /** Tells the source that nobody reads on; what it does about it is its own affair. */
  function giveBack(): void {
    try {
      const answer: unknown = iterator?.return?.()
      if (types.isPromise(answer)) answer.catch(() => {})
    } catch {
      // The reason for which reading ended is the one to report.
    }
  }

  async function fillFrom(async: AsyncIterator<unknown>): Promise<void> {
    while (!ended && !batcher.ready) {
      const step = await async.next()
      if (ended) return
      if (step.done === true) return end()
      addOrGiveBack(step.value)
    }
  }

  // As its iterator would, without an object for each record.
  function fillFromArray(array: readonly unknown[]): void {
    while (!batcher.ready) {
      if (count >= array.length) return end()
      addOrGiveBack(array[count])
    }
  }

  // Without `await` and without a generator: this loop runs once for every record.
  function fillSynchronously(sync: Iterator<unknown>): void {
    while (!batcher.ready) {
      const step = sync.next()
      if (step.done === true) return end()
      addOrGiveBack(step.value)
    }
  }

  function addOrGiveBack(log: unknown): void {
    try {
      add(log)
    } catch (error) {
      giveBack()
      throw error
    }
  }

  return {
    async fill() {
      // Between two batches the application, and the answers that have come in, get their turn.
      await setImmediate()
      if (ended) return
      try {
        if (known !== undefined && !checked) await checkAll(known)
        if (ended) return
        if (Array.isArray(logs)) return fillFromArray(logs)
        iterator ??= open.iterator()
        if (open.async) await fillFrom(iterator as AsyncIterator<unknown>)
        else fillSynchronously(iterator as Iterator<unknown>)
      } catch (error) {
        if (!ended) end()
        throw error
      }
    },
    take: () => batcher.take(),
    get ended() {
      return ended
    },
    abandon(): Unread | undefined {
      if (ended) return undefined
      end()
      giveBack()
      if (known === undefined) return { from: count, logs: undefined }
      const rest = [...known].slice(count).filter((log) => isRecord(log))
      return rest.length === 0 ? undefined : { from: count, logs: rest }
    },
  }
}

interface Opener {
  readonly async: boolean
  iterator(): Iterator<unknown> | AsyncIterator<unknown>
}

function opener(logs: unknown): Opener {
  if (typeof logs === 'object' && logs !== null && !ArrayBuffer.isView(logs)) {
    for (const [async, symbol] of [
      [true, Symbol.asyncIterator],
      [false, Symbol.iterator],
    ] as const) {
      const method: unknown = Reflect.get(logs, symbol)
      if (typeof method === 'function') {
        return {
          async,
          iterator: () => Reflect.apply(method, logs, []) as Iterator<unknown> | AsyncIterator<unknown>,
        }
      }
    }
  }
  const hint =
    typeof logs === 'string' || ArrayBuffer.isView(logs) ? ' For JSON text there is uploadFile().' : ''
  throw new TypeError(`logs is ${nameOf(logs)}; it must be an array or another iterable of objects.${hint}`)
}

function isRecord(log: unknown): log is object {
  return typeof log === 'object' && log !== null && !Array.isArray(log)
}

function checkRecord(log: unknown, index: number): asserts log is object {
  if (!isRecord(log)) throw new TypeError(`logs[${index}] is ${nameOf(log)}; each record must be an object.`)
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'string')
    return `the string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`
  if (ArrayBuffer.isView(value)) return 'binary data'
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return `the ${typeof value} ${value}`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function notSerializable(index: number, why: string, facts: { readonly cause?: unknown } = {}): AzlogsError {
  return new AzlogsError(
    'AZLOGS_NOT_SERIALIZABLE',
    `Record ${index} cannot be written as JSON: ${why}`,
    facts,
  )
}
