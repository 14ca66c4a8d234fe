import type { EventEmitter } from 'node:events'

import { AzlogsError } from './errors.ts'
import type { Problem } from './problem.ts'
import type { ProblemEvent } from './worker-protocol.ts'

/** Makes a problem fit for the way between threads. */
export function toProblemEvent(problem: Problem): ProblemEvent {
  const { error, ...rest } = problem
  if (error === undefined) return rest
  const { name, code, message, statusCode, serviceCode, clientRequestId, requestId, responseBody } = error
  return {
    ...rest,
    error: {
      name,
      code,
      message,
      ...(statusCode === undefined ? {} : { statusCode }),
      ...(serviceCode === undefined ? {} : { serviceCode }),
      ...(clientRequestId === undefined ? {} : { clientRequestId }),
      ...(requestId === undefined ? {} : { requestId }),
      ...(responseBody === undefined ? {} : { responseBody }),
    },
  }
}

/** The main thread's half: tells what comes out of the worker behind `stream`. Whatever `onProblem` throws stays here. */
export function hearProblems(stream: EventEmitter, onProblem: (problem: Problem) => void): void {
  stream.on('azlogs:problem', (event: ProblemEvent) => {
    try {
      onProblem(toProblem(event))
    } catch {
      // A logger's complaint about itself must not become the application's exception.
    }
  })
}

/** The problem as it was before. */
export function toProblem(event: ProblemEvent): Problem {
  const { error, ...rest } = event
  return error === undefined ? rest : { ...rest, error: new AzlogsError(error.code, error.message, error) }
}
