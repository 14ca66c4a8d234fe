import { signal } from '@preact/signals'

import type { About, FaultsState } from '../../src/viewer-protocol.ts'
import { fetchAbout } from './api.ts'
import { connection, followTable } from './connection.ts'
import * as logs from './logs.ts'
import { resetVerdicts, takeVerdicts } from './verdicts.ts'

export const about = signal<About | undefined>(undefined)
export const faults = signal<FaultsState>({ seed: 0, active: [] })

const RETRY_MS = 1_000

/** Learns what the emulator has and follows its first table. */
export async function connect(): Promise<void> {
  for (;;) {
    try {
      about.value = await fetchAbout()
      break
    } catch {
      connection.value = 'lost'
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
  const [first] = about.value.tables
  if (first !== undefined) chooseTable(first.name)
}

let stop: (() => void) | undefined

export function chooseTable(name: string): void {
  const table = about.value?.tables.find((candidate) => candidate.name === name)
  if (table === undefined) return
  stop?.()
  logs.openTable(table)
  resetVerdicts()
  stop = followTable(name, logs.CAPACITY, {
    reset() {
      logs.reset()
      resetVerdicts()
    },
    rows: logs.take,
    verdicts: takeVerdicts,
    faults: (state) => (faults.value = state),
  })
}
