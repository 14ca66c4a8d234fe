import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** One of the examples, running as a process of its own. */
export interface Application extends AsyncDisposable {
  /**
   * Resolves with the first line on stdout, past or future, that matches.
   *
   * @throws {Error} when the process ends without one, with what it said on stderr.
   */
  line(pattern: RegExp): Promise<RegExpExecArray>
  /** Sends SIGTERM and resolves as {@link Application.exited} does. */
  stop(): Promise<void>
  /**
   * Resolves when the process has ended with code 0.
   *
   * @throws {Error} when it ended in any other way, with what it said on stderr.
   */
  exited(): Promise<void>
  /** What it has said on stdout so far. */
  stdout(): string
  /** What it has said on stderr so far. */
  stderr(): string
  /** Ends the process at once, if it still runs. */
  [Symbol.asyncDispose](): Promise<void>
}

export interface ApplicationOptions {
  readonly arguments?: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Ends the process at once. */
  readonly signal?: AbortSignal
}

/** Starts `node <script>` with what this process has in its environment, and `env`. */
export function startApplication(script: string, options: ApplicationOptions): Application {
  const child = spawn(process.execPath, [script, ...(options.arguments ?? [])], {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const waiting = new Set<() => void>()
  let stderr = ''
  let ended = false

  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    for (const look of waiting) look()
  })
  // `close` comes when stdout and stderr have been read to their ends too.
  const closed = once(child, 'close').then(([code, signal]: (number | string | null)[]) => {
    ended = true
    options.signal?.removeEventListener('abort', kill)
    for (const look of waiting) look()
    return { code, signal }
  })

  const kill = (): boolean => child.kill('SIGKILL')
  options.signal?.addEventListener('abort', kill, { once: true })
  if (options.signal?.aborted === true) kill()

  const failure = (what: string): Error => new Error(`${script} ${what}\n${stderr}`.trim())

  async function exited(): Promise<void> {
    const { code, signal } = await closed
    if (code !== 0) throw failure(`ended with ${signal === null ? `code ${code}` : signal}`)
  }

  return {
    line(pattern) {
      let seen = 0
      return new Promise((resolve, reject) => {
        const look = (): void => {
          for (; seen < lines.length; seen += 1) {
            const match = pattern.exec(lines[seen] ?? '')
            if (match === null) continue
            waiting.delete(look)
            resolve(match)
            return
          }
          if (ended) reject(failure(`ended without a line like ${pattern}`))
        }
        waiting.add(look)
        look()
      })
    },
    async stop() {
      child.kill('SIGTERM')
      await exited()
    },
    exited,
    stdout: () => lines.join('\n'),
    stderr: () => stderr,
    async [Symbol.asyncDispose]() {
      if (!ended) kill()
      await closed
    },
  }
}
