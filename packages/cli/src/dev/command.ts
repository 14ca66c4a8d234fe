import type { CommandDef } from 'citty'

import { command } from '../command.ts'

/** What `azlogs dev` takes: the flags of `azlogs-emulator`, which reads them. */
export interface DevArgs {
  readonly port?: string
  readonly 'https-port'?: string
  readonly https?: boolean
  readonly schema?: string
  readonly mode?: string
  readonly db?: string
  readonly fault?: string
  readonly seed?: string
  readonly throttle?: string
  readonly 'visible-after'?: string
  readonly retention?: string
  readonly quiet?: boolean
}

export const dev: CommandDef = command<DevArgs>({
  name: 'dev',
  description: 'Run Azure Monitor’s ingestion on this machine, with the schema of this folder and a viewer',
  args: {
    schema: {
      type: 'string',
      valueHint: 'file',
      description: 'Lock file or ARM JSON, may be repeated [azlogs.schema.json, else the table AppLogs_CL]',
    },
    port: {
      type: 'string',
      valueHint: 'number',
      description: 'For http, 0 takes a free one (Default: 4319)',
    },
    'https-port': {
      type: 'string',
      valueHint: 'number',
      description: 'For https, 0 takes a free one (Default: 4320)',
    },
    https: { type: 'boolean', negativeDescription: 'http only' },
    mode: {
      type: 'string',
      valueHint: 'azure|strict',
      description: 'strict answers 400 where Azure would lose data in silence (Default: azure)',
    },
    db: { type: 'string', valueHint: 'file', description: 'Keep the rows in this SQLite file' },
    fault: { type: 'string', valueHint: 'rule', description: '429:10%, latency:200±50ms …; may be repeated' },
    seed: { type: 'string', valueHint: 'number', description: 'Where the sequence of faults begins' },
    throttle: { type: 'string', valueHint: 'share|off', description: 'Of Azure’s limits for one rule: 1%' },
    'visible-after': {
      type: 'string',
      valueHint: 'time',
      description: 'Rows can be read this much later: 15s',
    },
    retention: {
      type: 'string',
      valueHint: 'size',
      description: 'Keep the newest rows: 100000 of each table, or 256MB in all (Default: 1000000, 512MB)',
    },
    quiet: { type: 'boolean', description: 'Print no rows, only what fails or loses something' },
  },
  load: async () => (await import('./run.ts')).run,
})
