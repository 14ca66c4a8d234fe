import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process that runs until it is ended, and speaks over IPC. */
export interface Child<Request extends object, Message> extends AsyncDisposable {
  send(request: Request): void
  /** What it says next. Rejects when it ends instead. */
  message(): Promise<Message>
}

/** Starts `program`, named by its path from here. */
export function startChild<Request extends object, Message>(
  program: string,
  arguments_: readonly string[],
  env: NodeJS.ProcessEnv,
): Child<Request, Message> {
  const path = fileURLToPath(new URL(program, import.meta.url))
  const child = fork(path, [...arguments_], { env: { ...process.env, ...env } })
  const ended = once(child, 'exit')
  return {
    send: (request) => void child.send(request),
    async message() {
      const early = ended.then(([code]: readonly unknown[]) => {
        throw new Error(`${program} ${arguments_.join(' ')} ended by itself, with exit code ${String(code)}`)
      })
      const [received] = (await Promise.race([once(child, 'message'), early])) as [Message]
      return received
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
