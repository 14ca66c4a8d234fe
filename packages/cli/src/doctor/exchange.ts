import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'

import { dial } from './dial.ts'
import type { DialFailure } from './dial.ts'
import type { Proxy } from './proxy.ts'

/** One HTTP request. */
export interface Question {
  readonly url: URL
  readonly method: 'POST' | 'HEAD'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly proxy: Proxy | undefined
  /** For each step of the connection and for the answer, in milliseconds. */
  readonly timeoutMs: number
}

/** The answer to it. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** The first 64 KiB. */
  readonly body: string
  /** Bytes of the body that was sent. */
  readonly sentBytes: number
}

export type Exchanged =
  | { readonly ok: true; readonly answer: HttpAnswer }
  | { readonly ok: false; readonly failure: DialFailure }

const MAX_BODY_CHARACTERS = 64 * 1024

/** Sends one request over a connection of its own and reads the answer. Follows nothing, repeats nothing, never rejects. */
export async function exchange(question: Question): Promise<Exchanged> {
  const dialled = await dial(question.url, question.proxy, question.timeoutMs)
  if (!dialled.ok) return dialled
  const { socket } = dialled.connection
  try {
    const asking = request(question.url, {
      method: question.method,
      headers: { ...question.headers, connection: 'close' },
      createConnection: () => socket,
      signal: AbortSignal.timeout(question.timeoutMs),
      // The connection is TLS already where it has to be.
      protocol: 'http:',
    })
    asking.end(question.body)
    const [answer] = (await once(asking, 'response')) as [IncomingMessage]
    let body = ''
    for await (const text of answer.setEncoding('utf8')) {
      if (body.length < MAX_BODY_CHARACTERS) body += String(text)
    }
    const sentBytes = Buffer.byteLength(question.body ?? '')
    return { ok: true, answer: { status: answer.statusCode ?? 0, headers: answer.headers, body, sentBytes } }
  } catch (error) {
    const { code = 'unknown', message, name } = error as NodeJS.ErrnoException
    const timedOut = name === 'AbortError' || name === 'TimeoutError'
    const failure = timedOut
      ? { at: 'tcp' as const, code: 'ETIMEDOUT', message: 'no complete answer in time' }
      : { at: 'tcp' as const, code, message }
    return { ok: false, failure }
  } finally {
    socket.destroy()
  }
}
