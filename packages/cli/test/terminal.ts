import { spawn } from '@lydell/node-pty'
import type { IPty } from '@lydell/node-pty'
import { onTestFinished } from 'vitest'

import { environment } from './run-cli.ts'
import type { RunOptions } from './run-cli.ts'

/** `azlogs` on a pseudo-terminal, as a person sees it. */
export interface Terminal {
  readonly pty: IPty
  /** Everything that was written so far, escape sequences included. */
  text(): string
  /** Resolves once what was written matches. */
  until(pattern: RegExp): Promise<void>
  /** Resolves with the exit code. */
  readonly ended: Promise<number>
}

const BIN = new URL('../src/bin.ts', import.meta.url)

/** Starts `azlogs`, or another command, on a terminal of 100 columns; it does not outlive the test. */
export function openTerminal(
  args: readonly string[],
  options: Omit<RunOptions, 'input'> = {},
  [file, ...flags]: readonly [string, ...string[]] = [process.execPath, '--conditions=dev', BIN.pathname],
): Terminal {
  const pty = spawn(file, [...flags, ...args], {
    name: 'xterm-256color',
    cols: 100,
    rows: 30,
    cwd: options.cwd ?? process.cwd(),
    env: environment(options.env),
  })
  let written = ''
  const waiting = new Set<() => void>()
  pty.onData((data) => {
    written += data
    for (const look of waiting) look()
  })
  const ended = new Promise<number>((resolve) => {
    pty.onExit(({ exitCode }) => {
      resolve(exitCode)
      for (const look of waiting) look()
    })
  })
  onTestFinished(async () => {
    pty.kill('SIGKILL')
    await ended
  })
  return {
    pty,
    ended,
    text: () => written,
    until: async (pattern) =>
      new Promise((resolve, reject) => {
        let hasEnded = false
        const look = (): void => {
          if (pattern.test(written)) resolve()
          else if (hasEnded) reject(new Error(`it ended without ${String(pattern)}:\n${written}`))
          else return
          waiting.delete(look)
        }
        waiting.add(look)
        void ended.then(() => {
          hasEnded = true
          look()
        })
        look()
      }),
  }
}
