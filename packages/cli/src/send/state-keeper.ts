import { fileError } from '../cli-error.ts'
import { removeState, writeState } from './send-state.ts'
import type { SendState } from './send-state.ts'

/** Keeps the state of one upload on disk. */
export interface StateKeeper {
  /** Says that there is something new: it is on disk half a second later at the latest, unless the disk is slower. */
  changed(): void
  /** Writes what is known now. @throws CliError when that is not possible. */
  write(): Promise<void>
  /** Takes the file away: nothing is left to be done. */
  remove(): Promise<void>
}

const DELAY_MS = 500

/** @param path undefined where nothing is to be kept. */
export function createStateKeeper(path: string | undefined, current: () => SendState): StateKeeper {
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  async function write(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (path === undefined) return
    // One after the other: two writers would take each other's temporary file.
    writing = writing.catch(() => {}).then(() => writeState(path, current()))
    try {
      await writing
    } catch (error) {
      throw fileError(path, error)
    }
  }

  return {
    write,
    changed() {
      // What the disk refuses now is told at the end, when it is written for the last time.
      timer ??= setTimeout(() => void write().catch(() => {}), DELAY_MS)
    },
    async remove() {
      clearTimeout(timer)
      await writing.catch(() => {})
      if (path !== undefined) await removeState(path)
    },
  }
}
