import type { CommandDef } from 'citty'

import { command } from '../command.ts'

/** What `azlogs init` takes. */
export interface InitArgs {
  readonly from?: string
  readonly 'from-dev'?: boolean
  readonly 'dev-url': string
  readonly table: string
  readonly plan: string
  readonly format: string
  readonly promote?: string
  readonly demote?: string
  readonly 'max-columns': string
  readonly names: string
  readonly dates?: boolean
  readonly iac?: string
  readonly 'rule-name'?: string
  readonly out: string
  readonly update?: boolean
  readonly yes?: boolean
  readonly force?: boolean
  readonly 'dry-run'?: boolean
  /** More sample files. */
  readonly _: readonly string[]
}

export const init: CommandDef = command<InitArgs>({
  name: 'init',
  description: 'Infer the table from the lines of an application and write all that is needed to deploy it',
  args: {
    from: {
      type: 'string',
      valueHint: 'file …',
      description:
        'Sample lines: NDJSON or a JSON array, plain or gzipped; more files may follow. Else stdin',
    },
    'from-dev': { type: 'boolean', description: 'Take what a running azlogs dev has captured' },
    'dev-url': {
      type: 'string',
      valueHint: 'url',
      description: 'Where azlogs dev is',
      default: 'http://127.0.0.1:4319',
    },
    table: { type: 'string', description: 'The table', valueHint: 'name', default: 'AppLogs_CL' },
    plan: {
      type: 'string',
      description: 'Analytics, Basic or Auxiliary',
      valueHint: 'plan',
      default: 'Analytics',
    },
    format: {
      type: 'string',
      description: 'Whose lines they are: auto, pino or winston',
      valueHint: 'logger',
      default: 'auto',
    },
    promote: { type: 'string', valueHint: 'path,…', description: 'Give these a column, however rare' },
    demote: { type: 'string', valueHint: 'path,…', description: 'Leave these in Properties' },
    'max-columns': { type: 'string', valueHint: 'number', description: 'Columns in all', default: '60' },
    names: {
      type: 'string',
      valueHint: 'style',
      description: 'pascal (ResStatusCode) or keep (res_statusCode)',
      default: 'pascal',
    },
    dates: { type: 'boolean', description: 'Text with a date and no time is a datetime too' },
    iac: {
      type: 'string',
      valueHint: 'kind,…',
      description:
        'What to deploy with: bicep, terraform, arm, azcli [all; with --update those that are there]',
    },
    'rule-name': { type: 'string', valueHint: 'name', description: 'The data collection rule' },
    out: { type: 'string', valueHint: 'folder', description: 'The project', default: '.' },
    update: { type: 'boolean', description: 'Keep the columns of azlogs.schema.json and add what is new' },
    yes: { type: 'boolean', alias: 'y', description: 'Ask nothing' },
    force: { type: 'boolean', description: 'Overwrite files that are there' },
    'dry-run': { type: 'boolean', description: 'Show the columns and the files, write nothing' },
  },
  variadic: true,
  load: async () => (await import('./run.ts')).run,
})
