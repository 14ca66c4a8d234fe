import type { CommandDef } from 'citty'

import { dev } from './dev/command.ts'
import { doctor } from './doctor/command.ts'
import { diff } from './diff/command.ts'
import { init } from './init/command.ts'
import { migrate } from './migrate/command.ts'
import { query } from './query/command.ts'
import { send } from './send/command.ts'
import { spool } from './spool/command.ts'

/** Every command, in the order of `azlogs --help`. */
export const commands: Readonly<Record<string, CommandDef>> = {
  dev,
  init,
  diff,
  doctor,
  send,
  spool,
  query,
  migrate,
}
