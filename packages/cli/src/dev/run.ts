import { existsSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'

import { runCommand } from '@azlogs/emulator/command'

import { CliError } from '../cli-error.ts'
import type { Run } from '../command.ts'
import { LOCK_FILE } from '../schema/lock.ts'
import type { DevArgs } from './command.ts'

export const run: Run<DevArgs> = async ({ args, rawArgs, out }) => {
  const argv = [...rawArgs]
  if (args.schema === undefined && existsSync(LOCK_FILE)) {
    argv.push('--schema', LOCK_FILE)
    out.note(`schema: ${LOCK_FILE}`)
  }
  // What it says on stderr is why it did not start, and becomes a failure like those of every command.
  const refusal = new PassThrough()
  const said = text(refusal)
  const exitCode = await runCommand(argv, 'azlogs dev', {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: refusal as unknown as NodeJS.WriteStream & { fd: 2 },
    env: process.env,
    platform: process.platform,
    once: process.once.bind(process),
    off: process.off.bind(process),
  })
  refusal.end()
  if (exitCode === 0) return 0
  const [first = 'it cannot be started'] = (await said).split('\n\n')
  throw new CliError('AZL7001', first.trim(), { remedy: 'See azlogs dev --help.', exitCode: 2 })
}
