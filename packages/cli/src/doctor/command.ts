import type { CommandDef } from 'citty'

import { command } from '../command.ts'
import { destinationArgs } from '../destination-args.ts'
import type { DestinationArgs } from '../destination-args.ts'

/** What `azlogs doctor` takes. */
export interface DoctorArgs extends DestinationArgs {
  readonly schema?: string
  readonly send: boolean
  readonly wait?: string
  readonly workspace?: string
  readonly timeout: string
}

export const doctor: CommandDef = command<DoctorArgs>({
  name: 'doctor',
  description: 'Check, step by step, whether logs reach their table, and say what to do',
  args: {
    ...destinationArgs,
    schema: { type: 'string', valueHint: 'file', description: 'Lock file [azlogs.schema.json]' },
    send: { type: 'boolean', description: 'Send one row and look, column by column, what was stored' },
    wait: {
      type: 'string',
      valueHint: 'minutes',
      description: 'Try again for so long: for a new role (30), a new table (15)',
    },
    workspace: {
      type: 'string',
      valueHint: 'guid',
      description: 'Workspace to look for the row in [AZURE_LOG_ANALYTICS_WORKSPACE_ID; else as az says]',
    },
    timeout: { type: 'string', valueHint: 'seconds', description: 'For each step', default: '15' },
  },
  load: async () => (await import('./run.ts')).run,
})
