import type { CommandDef } from 'citty'

import { doctor } from './doctor/command.ts'
import { init } from './init/command.ts'
import { send } from './send/command.ts'

/** Every command, in the order of `azlogs --help`. */
export const commands: Readonly<Record<string, CommandDef>> = { init, doctor, send }
