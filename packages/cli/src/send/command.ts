import type { CommandDef } from 'citty'

import { command } from '../command.ts'
import { destinationArgs } from '../destination-args.ts'
import type { DestinationArgs } from '../destination-args.ts'

/** What `azlogs send` takes. */
export interface SendArgs extends DestinationArgs {
  readonly file: string
  readonly _: readonly string[]
  readonly map: string
  readonly schema?: string
  readonly 'dry-run': boolean
  readonly restart: boolean
  readonly state?: string
  readonly failed?: string
  readonly concurrency: string
  readonly packing: string
  readonly quiet: boolean
}

export const send: CommandDef = command<SendArgs>({
  name: 'send',
  description: 'Send files (NDJSON or a JSON array, plain or gzipped), or what an application prints',
  variadic: true,
  args: {
    file: {
      type: 'positional',
      description: 'Files, or - for stdin: node app.js | azlogs send - passes the lines on and sends them',
    },
    ...destinationArgs,
    map: {
      type: 'enum',
      options: ['auto', 'pino', 'winston', 'none'],
      description: 'Turn lines of this logger into rows; auto looks at the first hundred',
      default: 'auto',
    },
    schema: { type: 'string', valueHint: 'file', description: 'Lock file [azlogs.schema.json]' },
    'dry-run': {
      type: 'boolean',
      description: 'Send nothing; show batches, sizes and what Azure would lose',
    },
    restart: { type: 'boolean', description: 'Begin anew where an interrupted upload would be gone on with' },
    state: {
      type: 'string',
      valueHint: 'file',
      description: 'Where to note how far it got [FILE.azlogs-state]',
    },
    failed: {
      type: 'string',
      valueHint: 'file',
      description: 'Where refused records go [FILE.failed.ndjson]',
    },
    concurrency: { type: 'string', valueHint: 'n', description: 'Requests at once', default: '5' },
    packing: {
      type: 'enum',
      options: ['uncompressed', 'compressed'],
      description: 'compressed: several times fewer, larger requests',
      default: 'uncompressed',
    },
    quiet: { type: 'boolean', description: 'No progress; with - , do not pass the lines on' },
  },
  load: async () => (await import('./run.ts')).run,
})
