import type { CommandDef } from 'citty'

import { command } from '../command.ts'
import { destinationArgs } from '../destination-args.ts'
import type { DestinationArgs } from '../destination-args.ts'

/** What each command of `azlogs spool` takes. */
export interface SpoolArgs {
  readonly directory: string
}

/** What `azlogs spool send` takes. */
export interface SpoolSendArgs extends SpoolArgs, DestinationArgs {
  readonly minutes: string
}

const directory = {
  type: 'positional',
  description: 'The directory of the spool, as the application’s transport has it',
} as const

const ls: CommandDef = command<SpoolArgs>({
  name: 'spool ls',
  description: 'What is waiting, since when, and how much',
  args: { directory },
  load: async () => (await import('./run-ls.ts')).run,
})

const verify: CommandDef = command<SpoolArgs>({
  name: 'spool verify',
  description: 'Read every row and count what is damaged',
  args: { directory },
  load: async () => (await import('./run-verify.ts')).run,
})

const send: CommandDef = command<SpoolSendArgs>({
  name: 'spool send',
  description: 'Send what dead processes left, and remove what was delivered',
  args: {
    directory,
    ...destinationArgs,
    minutes: { type: 'string', valueHint: 'n', description: 'How long a batch is tried', default: '5' },
  },
  load: async () => (await import('./run-send.ts')).run,
})

export const spool: CommandDef = {
  meta: { name: 'spool', description: 'Look into a spool on disk, and send what is left in it' },
  subCommands: { ls, verify, send },
}
