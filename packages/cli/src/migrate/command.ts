import type { CommandDef } from 'citty'

import { command } from '../command.ts'

/** What `azlogs migrate` takes. */
export interface MigrateArgs {
  readonly from?: string
  readonly 'old-table'?: string
  readonly table: string
  readonly plan: string
  readonly 'keep-names'?: boolean
  readonly 'rule-name'?: string
  readonly out: string
  readonly package: string
  readonly force?: boolean
  readonly 'dry-run'?: boolean
  /** More samples. */
  readonly _: readonly string[]
}

export const migrate: CommandDef = command<MigrateArgs>({
  name: 'migrate',
  description:
    'Leave the retired HTTP Data Collector API: a new table beside the old one, and what changes in code',
  args: {
    from: {
      type: 'string',
      valueHint: 'file …',
      description: 'Rows of the old table: CSV, JSON or NDJSON, as exported; more files may follow',
    },
    'old-table': {
      type: 'string',
      valueHint: 'name',
      description: 'The old table [as its column Type says]',
    },
    table: { type: 'string', valueHint: 'name', description: 'The new table', default: 'AppLogs_CL' },
    plan: {
      type: 'string',
      valueHint: 'plan',
      description: 'Analytics, Basic or Auxiliary',
      default: 'Analytics',
    },
    'keep-names': { type: 'boolean', description: 'Keep the old names, with their endings' },
    'rule-name': { type: 'string', valueHint: 'name', description: 'The data collection rule' },
    out: { type: 'string', valueHint: 'folder', description: 'The project', default: '.' },
    package: {
      type: 'string',
      valueHint: 'file',
      description: 'Tells which transport the application uses',
      default: 'package.json',
    },
    force: { type: 'boolean', description: 'Overwrite files that are there' },
    'dry-run': { type: 'boolean', description: 'Show the columns and the files, write nothing' },
  },
  variadic: true,
  load: async () => (await import('./run.ts')).run,
})
