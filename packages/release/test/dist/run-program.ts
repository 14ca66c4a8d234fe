import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { startEmulator } from '@azlogs/emulator'

import { PLAIN_ENV } from '../../src/run.ts'

const execute = promisify(execFile)

/** How a program ended, and what of it arrived. */
export interface Ended {
  readonly stdout: string
  /** Without the warnings of Node.js. */
  readonly stderr: string
  /** The messages of the rows that the emulator has, in their order. */
  readonly messages: readonly unknown[]
}

/** Runs a program with an emulator of its own, whose place it finds in its environment; to its end. */
export async function runProgram(node: string, args: readonly string[], cwd: string): Promise<Ended> {
  await using emulator = await startEmulator({ https: false })
  const { stdout, stderr } = await execute(node, args, {
    cwd,
    env: { ...PLAIN_ENV, ...emulator.env },
    timeout: 50_000,
  }).catch((error: { stdout: string; stderr: string }) => error)
  return {
    stdout,
    stderr: stderr.replaceAll(/^\(node:\d+\) .*Warning.*\n(\(Use .*\n)?/gm, ''),
    messages: emulator.rows().map((row) => row['Message']),
  }
}
