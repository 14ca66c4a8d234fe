import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { onTestFinished } from 'vitest'

/** A message of the inspector protocol, as far as it is used here. */
interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly sessionId?: string
  readonly result?: Readonly<Record<string, unknown>>
}

/** Where a thread has stopped. */
export interface Pause {
  readonly url: string
  /** From 1, as editors count. */
  readonly line: number
  evaluate(expression: string): Promise<unknown>
  resume(): Promise<unknown>
}

/**
 * How a debugger gets to the workers of a process: VS Code by the domain `NodeWorker`, Chrome’s DevTools by `Target`.
 */
export type WorkerDomain = 'NodeWorker' | 'Target'

type Send = (method: string, params?: object) => Promise<Readonly<Record<string, unknown>>>

/** Starts what `pnpm debug:pino-worker` starts, on a port of its own, and resolves when a worker stops at the line of `url`. */
export async function pauseInWorker(
  domain: WorkerDomain,
  { url, line }: { readonly url: string; readonly line: number },
): Promise<Pause> {
  const [, ...args] = debugCommand().split(' ')
  const child = spawn(
    process.execPath,
    args.map((argument) => argument.replace('--inspect-wait', '--inspect-wait=127.0.0.1:0')),
    { cwd: root, env: { ...process.env, NODE_OPTIONS: '' }, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  const address = await new Promise<string>((resolve, reject) => {
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
      const [found] = /ws:\S+/.exec(stderr) ?? []
      if (found !== undefined) resolve(found)
    })
    child.on('exit', () => reject(new Error(stderr)))
  })
  const socket = new WebSocket(address)
  onTestFinished(() => socket.close())
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }))

  return new Promise((resolve) => {
    const main = connect((message) => socket.send(JSON.stringify(message)))
    const workers = new Map<string, Connection>()
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as Message
      const { method, params = {} } = message
      const session = String(message.sessionId ?? params['sessionId'])
      if (method === 'NodeWorker.attachedToWorker') {
        attach(
          session,
          (message) =>
            void main.send('NodeWorker.sendMessageToWorker', {
              sessionId: session,
              message: JSON.stringify(message),
            }),
        )
      } else if (method === 'NodeWorker.receivedMessageFromWorker') {
        workers.get(session)?.receive(JSON.parse(String(params['message'])) as Message)
      } else if (method === 'Target.attachedToTarget') {
        attach(session, (message) => socket.send(JSON.stringify({ ...message, sessionId: session })))
      } else if (message.sessionId === undefined) main.receive(message)
      else workers.get(session)?.receive(message)
    })

    function attach(session: string, post: (message: object) => void): void {
      const scripts = new Map<string, string>()
      const worker = connect(post, ({ method, params = {} }) => {
        if (method === 'Debugger.scriptParsed') scripts.set(String(params['scriptId']), String(params['url']))
        if (method !== 'Debugger.paused') return
        // A worker that waits for its debugger stops at its first line.
        if ((params['hitBreakpoints'] as readonly string[]).length === 0) void worker.send('Debugger.resume')
        else resolve(pauseOf(params, scripts, worker.send))
      })
      workers.set(session, worker)
      void worker.send('Runtime.enable')
      void worker.send('Debugger.enable')
      void worker.send('Debugger.setBreakpointByUrl', { url, lineNumber: line - 1 })
      void worker.send('Runtime.runIfWaitingForDebugger')
    }

    void main.send('Runtime.enable')
    if (domain === 'NodeWorker') void main.send('NodeWorker.enable', { waitForDebuggerOnStart: true })
    else
      void main.send('Target.setAutoAttach', {
        autoAttach: true,
        waitForDebuggerOnStart: true,
        flatten: true,
      })
    void main.send('Runtime.runIfWaitingForDebugger')
  })
}

interface Connection {
  readonly send: Send
  receive(message: Message): void
}

function connect(
  post: (message: object) => void,
  onEvent: (message: Message) => void = () => {},
): Connection {
  const waiting = new Map<number, (result: Readonly<Record<string, unknown>>) => void>()
  let ids = 0
  return {
    send(method, params = {}) {
      ids += 1
      const id = ids
      post({ id, method, params })
      return new Promise((resolve) => waiting.set(id, resolve))
    },
    receive(message) {
      const { id, result = {} } = message
      if (id === undefined) onEvent(message)
      else waiting.get(id)?.(result)
    },
  }
}

interface CallFrame {
  readonly callFrameId: string
  readonly location: { readonly scriptId: string; readonly lineNumber: number }
}

function pauseOf(
  params: Readonly<Record<string, unknown>>,
  scripts: ReadonlyMap<string, string>,
  send: Send,
): Pause {
  const [frame] = params['callFrames'] as readonly [CallFrame]
  return {
    url: scripts.get(frame.location.scriptId) ?? '',
    line: frame.location.lineNumber + 1,
    async evaluate(expression) {
      const answer = await send('Debugger.evaluateOnCallFrame', {
        callFrameId: frame.callFrameId,
        expression,
      })
      return (answer['result'] as { readonly value?: unknown }).value
    },
    resume: () => send('Debugger.resume'),
  }
}

const root = fileURLToPath(new URL('../../..', import.meta.url))

function debugCommand(): string {
  const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  return scripts['debug:pino-worker'] ?? ''
}
