import type { EventEmitter } from 'node:events'

import { AzlogsError } from './errors.ts'
import { toError } from './problem-event.ts'
import type { FlushResult } from './shipper-interface.ts'
import type { FlushRequest, ProblemEventError, ToWorker } from './worker-protocol.ts'

/** A worker whose event loop turns answers within this time, in milliseconds, if a transport of ours is in it. */
const ANSWER_MS = 5000

/** The worker keeps the caller's time limit and answers by then; it is given this much more, in milliseconds. */
const GRACE_MS = 500

const MAX_TIMER_MS = 2_147_483_647

/** How to ask a worker for a flush. */
export interface FlushQuestion {
  readonly timeoutMs?: number | undefined
  /** Calls `send` when the message may go; returns what calls that off. */
  readonly begin: (send: (request?: Omit<FlushRequest, 'timeoutMs'>) => void) => () => void
  /** The error when nobody in the worker answers; without it, the worker is known to be ours and is waited for. */
  readonly unanswered?: (waitedMs: number) => AzlogsError
}

let lastId = 0

/**
 * Asks the worker behind a thread-stream to flush and waits for its answer. Keeps the process alive meanwhile, which the
 * worker does not.
 *
 * @throws AzlogsError (rejects) `AZLOGS_CLOSED` when the worker ends; `AZLOGS_TIMEOUT` when it does not answer in time; what
 * the worker says when `durable` was asked for.
 */
export function askToFlush(stream: EventEmitter, question: FlushQuestion): Promise<FlushResult> {
  lastId += 1
  const id = lastId
  const startedAt = performance.now()
  const { timeoutMs } = question

  return new Promise((resolve, reject) => {
    let unanswered: NodeJS.Timeout | undefined
    let callOff: (() => void) | undefined
    const late = setTimeout(
      () =>
        finish(() =>
          reject(new AzlogsError('AZLOGS_TIMEOUT', `The worker did not answer within ${timeoutMs} ms.`)),
        ),
      timeoutMs === undefined ? MAX_TIMER_MS : Math.min(timeoutMs + GRACE_MS, MAX_TIMER_MS),
    )
    const onFlushing = (flushing: number): void => {
      if (flushing === id) clearTimeout(unanswered)
    }
    const onFlushed = (flushed: number, result: FlushResult): void => {
      if (flushed === id) finish(() => resolve(result))
    }
    const onRefused = (refused: number, error: ProblemEventError): void => {
      if (refused === id) finish(() => reject(toError(error)))
    }
    const onClose = (): void => finish(() => reject(workerClosed()))
    const listeners = {
      'azlogs:flushing': onFlushing,
      'azlogs:flushed': onFlushed,
      'azlogs:refused': onRefused,
      close: onClose,
    }
    for (const [event, listener] of Object.entries(listeners)) stream.on(event, listener)

    function finish(settle: () => void): void {
      clearTimeout(late)
      clearTimeout(unanswered)
      for (const [event, listener] of Object.entries(listeners)) stream.off(event, listener)
      callOff?.()
      settle()
    }

    callOff = question.begin((request = {}) => {
      const left =
        timeoutMs === undefined ? {} : { timeoutMs: Math.max(0, timeoutMs - (performance.now() - startedAt)) }
      stream.emit('message', { code: 'AZLOGS_FLUSH', id, ...request, ...left } satisfies ToWorker)
      const { unanswered: nobody } = question
      if (nobody !== undefined)
        unanswered = setTimeout(() => finish(() => reject(nobody(ANSWER_MS))), ANSWER_MS)
    })
  })
}

/** The error for a flush of a worker that has ended. */
export function workerClosed(): AzlogsError {
  return new AzlogsError(
    'AZLOGS_CLOSED',
    'The transport has ended: there is nothing to flush. What was logged before its end was delivered or told as lost then.',
  )
}
