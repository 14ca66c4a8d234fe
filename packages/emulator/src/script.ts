import { validateHeaderName, validateHeaderValue } from 'node:http'

import { jsonAnswer } from './answer.ts'
import type { Answer } from './answer.ts'

/** What to do with the next request instead of, or before, handling it. */
export interface ScriptedAnswer {
  /** Answer with this status; the request is not looked at and nothing is stored, whatever the status. */
  readonly status?: number
  /** Sent with `status`, in addition to the service's usual headers. */
  readonly headers?: Readonly<Record<string, string>>
  /** Sent with `status`; an object is sent as JSON. @default '' */
  readonly body?: string | object
  /** Wait this long first. Alone, the request is then handled normally. @default 0 */
  readonly delayMs?: number
  /** Reset the connection: `before` anything is stored, or `after` the request was handled normally. */
  readonly reset?: 'before' | 'after'
  /** How many requests it holds for. @default 1 */
  readonly times?: number
}

export interface Script {
  readonly add: (answers: readonly ScriptedAnswer[]) => void
  /** Takes the answer for the request that has just arrived. */
  readonly next: () => ScriptedAnswer | undefined
  readonly clear: () => void
}

/** A queue of answers, consumed in the order in which requests arrive. */
export function createScript(): Script {
  const queue: { readonly answer: ScriptedAnswer; left: number }[] = []
  return {
    add(answers) {
      for (const answer of answers) check(answer)
      queue.push(...answers.map((answer) => ({ answer, left: answer.times ?? 1 })))
    },
    next() {
      const first = queue[0]
      if (first === undefined) return undefined
      first.left -= 1
      if (first.left <= 0) queue.shift()
      return first.answer
    },
    clear() {
      queue.length = 0
    },
  }
}

function check({ status, headers, body, delayMs = 0, reset, times = 1 }: ScriptedAnswer): void {
  if (status !== undefined && (!Number.isInteger(status) || status < 200 || status > 599)) {
    throw new RangeError(`status must be from 200 to 599, not ${status}`)
  }
  if (status === undefined && (headers !== undefined || body !== undefined)) {
    throw new TypeError('headers and body belong to a scripted status: give the status too')
  }
  if (status !== undefined && reset !== undefined) {
    throw new TypeError('a request is answered with a status or its connection is reset, not both')
  }
  for (const [name, value] of Object.entries(headers ?? {})) {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  }
  if (!(delayMs >= 0)) throw new RangeError(`delayMs must not be negative, but is ${delayMs}`)
  if (!(times >= 1)) throw new RangeError(`times must be 1 or more, not ${times}`)
}

/** The scripted status as an answer; undefined when none is scripted. */
export function scriptedAnswer(scripted: ScriptedAnswer | undefined): Answer | undefined {
  if (scripted?.status === undefined) return undefined
  const { status, headers = {}, body = '' } = scripted
  return typeof body === 'string' ? { status, headers, body } : jsonAnswer(status, body, headers)
}
