import type { TableSchema } from '@azlogs/emulator'

import type { SchemaLock } from './schema/lock.ts'

/** A lock in the emulator’s own terms. */
export function emulatorSchema({ table, stream, plan, columns }: SchemaLock): TableSchema {
  return { table, stream, plan, columns: columns.map(({ name, type }) => ({ name, type })) }
}
