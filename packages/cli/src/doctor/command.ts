import type { CommandDef } from 'citty'

import { command } from '../command.ts'
import { destinationArgs } from '../destination-args.ts'
import type { DestinationArgs } from '../destination-args.ts'

/** What `azlogs doctor` takes. */
export interface DoctorArgs extends DestinationArgs {}

export const doctor: CommandDef = command<DoctorArgs>({
  name: 'doctor',
  description: 'Check, step by step, whether logs can reach their table, and say what to do',
  args: { ...destinationArgs },
  load: async () => (await import('./run.ts')).run,
})
