import type { CommandDef } from 'citty'

import { command } from '../command.ts'

/** What `azlogs diff` takes. */
export interface DiffArgs {
  readonly schema?: string
  readonly from?: string
  readonly format: string
  readonly deployed?: string
  readonly live?: boolean
  readonly 'rule-id'?: string
  readonly endpoint?: string
  readonly out?: string
  /** More sample files. */
  readonly _: readonly string[]
}

export const diff: CommandDef = command<DiffArgs>({
  name: 'diff',
  description:
    'Compare the schema with the application’s lines and with what is deployed, and plan the change',
  args: {
    schema: { type: 'string', valueHint: 'file', description: 'Lock file [azlogs.schema.json]' },
    from: {
      type: 'string',
      valueHint: 'file …',
      description: 'Sample lines; more files may follow; - is stdin',
    },
    format: {
      type: 'string',
      valueHint: 'logger',
      description: 'Whose lines they are: auto, pino or winston',
      default: 'auto',
    },
    deployed: {
      type: 'string',
      valueHint: 'file,…',
      description: 'ARM JSON of the table and of the rule: resources, lists or a template',
    },
    live: { type: 'boolean', description: 'Ask Azure through the Azure CLI that is logged in' },
    'rule-id': {
      type: 'string',
      valueHint: 'dcr-…',
      description: 'With --live: immutable id of the rule [AZURE_DCR_RULE_ID]',
    },
    endpoint: {
      type: 'string',
      valueHint: 'url',
      description: 'With --live: tells the cloud [AZURE_DCE_ENDPOINT]',
    },
    out: { type: 'string', valueHint: 'folder', description: 'Write the bodies of the requests there' },
  },
  variadic: true,
  load: async () => (await import('./run.ts')).run,
})
