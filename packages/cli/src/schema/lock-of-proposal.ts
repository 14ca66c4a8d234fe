import { createLock } from './lock.ts'
import type { LockColumn, SchemaLock, TablePlan } from './lock.ts'
import type { ProposedColumn } from './proposal.ts'

export interface LockOptions {
  readonly table: string
  readonly plan?: TablePlan
  readonly ruleName?: string
  /** The lock that is being extended: its columns come first and stay as they are. */
  readonly previous?: SchemaLock | undefined
}

/** The lock with the promoted columns of a proposal. */
export function lockOf(columns: readonly ProposedColumn[], options: LockOptions): SchemaLock {
  const { previous } = options
  const proposed = columns.filter(({ promoted }) => promoted).map(toLockColumn)
  if (previous === undefined) return createLock(options.table, proposed, options.plan, options.ruleName)
  const known = new Set(previous.columns.map(({ name }) => name))
  return createLock(
    previous.table,
    [...previous.columns, ...proposed.filter(({ name }) => !known.has(name))],
    previous.plan,
    options.ruleName,
  )
}

function toLockColumn({ name, type, path, direct, seen }: ProposedColumn): LockColumn {
  if (name === 'Properties') return { name, type, rest: true }
  if (path === undefined) return { name, type }
  const share = Math.max(0.01, Math.round(seen * 100) / 100)
  return { name, type, ...(direct === true ? {} : { from: [path] }), seen: share }
}
