import type { CommandDef } from 'citty'

import { command } from '../command.ts'
import { destinationArgs } from '../destination-args.ts'
import type { DestinationArgs } from '../destination-args.ts'

/** What `azlogs query` takes. */
export interface QueryArgs extends Pick<DestinationArgs, 'endpoint' | 'credential' | 'dotenv'> {
  readonly kql: string
  readonly workspace?: string
  readonly since: string
  readonly format?: string
}

export const query: CommandDef = command<QueryArgs>({
  name: 'query',
  description: 'Ask the emulator, or a Log Analytics workspace, in KQL',
  args: {
    kql: { type: 'positional', description: 'The query, such as "AppLogs_CL | take 10", or - for stdin' },
    workspace: {
      type: 'string',
      valueHint: 'guid',
      description: 'Id of the workspace [AZURE_LOG_ANALYTICS_WORKSPACE_ID]; without it the emulator is asked',
    },
    since: { type: 'string', valueHint: '24h', description: 'How far back: 30m, 24h, 7d', default: '24h' },
    format: {
      type: 'enum',
      options: ['table', 'json', 'csv'],
      description: 'How to print the rows; table is the default',
    },
    endpoint: {
      type: 'string',
      valueHint: 'url',
      description: 'The emulator [AZURE_DCE_ENDPOINT], or the query endpoint of another cloud',
    },
    credential: destinationArgs.credential,
    dotenv: destinationArgs.dotenv,
  },
  load: async () => (await import('./run.ts')).run,
})
