import { defaultSchema } from '@azlogs/emulator'

import type { SchemaLock } from './lock.ts'
import type { SettledColumn } from './proposal.ts'

const OF_EVERY_ROW = new Set(defaultSchema.columns.map(({ name }) => name))

/** The columns of a lock whose names and types a new proposal has to keep. */
export function settledColumns(lock: SchemaLock | undefined): readonly SettledColumn[] {
  return (lock?.columns ?? [])
    .filter(({ name }) => !OF_EVERY_ROW.has(name))
    .map(({ name, type, from: [path = name] = [] }) => ({ name, type, path }))
}
