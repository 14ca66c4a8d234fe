import type * as Sqlite from 'node:sqlite'
import type { DatabaseSync } from 'node:sqlite'

export function openDatabase(file: string): DatabaseSync {
  const { DatabaseSync } = loadSqlite()
  const database = new DatabaseSync(file)
  // A development store: rows survive the process, not the machine.
  if (file !== ':memory:') database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF')
  return database
}

/** Node 22 warns on loading node:sqlite. Only what is emitted while it loads is swallowed. */
function loadSqlite(): typeof Sqlite {
  const emitWarning = Object.getOwnPropertyDescriptor(process, 'emitWarning')
  Object.defineProperty(process, 'emitWarning', { ...emitWarning, value: () => {} })
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    if (emitWarning !== undefined) Object.defineProperty(process, 'emitWarning', emitWarning)
  }
}

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
