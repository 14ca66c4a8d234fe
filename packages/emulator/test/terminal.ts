import { spawn } from '@lydell/node-pty'
import { onTestFinished } from 'vitest'

export interface Terminal {
  /** Everything that was shown. */
  readonly shown: () => string
  /** Resolves with the match once it is shown, after what was waited for before. */
  readonly until: (pattern: RegExp) => Promise<RegExpExecArray>
  readonly type: (keys: string) => void
  readonly ended: Promise<{ readonly exitCode: number; readonly signal?: number | undefined }>
}

/** Node.js hands it on to every child process; node-pty does not. */
const COVERAGE = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => name === 'NODE_V8_COVERAGE'),
) as Record<string, string>

/** A command in a pseudo-terminal; it is told to end when the test has: one that is killed says nothing of its coverage. */
export function openTerminal(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Terminal {
  const terminal = spawn(command, [...args], {
    name: 'xterm-256color',
    // Wider than any line, so that none is folded.
    cols: 400,
    rows: 50,
    env: { ...COVERAGE, PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color', ...env },
  })
  let shown = ''
  let seen = 0
  let look = (): void => {}
  terminal.onData((text) => {
    shown += text
    look()
  })
  let over = false
  const ended = new Promise<{ exitCode: number; signal?: number | undefined }>((resolve) => {
    terminal.onExit((exit) => {
      over = true
      resolve(exit)
      look()
    })
  })
  onTestFinished(async () => {
    if (!over) terminal.kill('SIGTERM')
    await ended
  })
  return {
    shown: () => shown,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        look = () => {
          const match = pattern.exec(shown.slice(seen))
          if (match !== null) {
            seen += match.index + match[0].length
            look = () => {}
            resolve(match)
          } else if (over) {
            reject(new Error(`it ended without ${pattern}:\n${shown}`))
          }
        }
        look()
      }),
    type: (keys) => terminal.write(keys),
    ended,
  }
}
