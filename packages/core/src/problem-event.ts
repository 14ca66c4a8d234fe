import type { EventEmitter } from 'node:events'

import { AzlogsError } from './errors.ts'
import type { Problem } from './problem.ts'
import type { ProblemEvent, ProblemEventError } from './worker-protocol.ts'

/** Makes a problem fit for the way between threads. */
export function toProblemEvent(problem: Problem): ProblemEvent {
  const { error, ...rest } = problem
  return error === undefined ? rest : { ...rest, error: toPlainError(error) }
}

/** The fields of an error: threads lose those of an Error on the way. */
export function toPlainError(error: AzlogsError): ProblemEventError {
  const { name, code, message, statusCode, serviceCode, clientRequestId, requestId, responseBody } = error
  return {
    name,
    code,
    message,
    ...(statusCode === undefined ? {} : { statusCode }),
    ...(serviceCode === undefined ? {} : { serviceCode }),
    ...(clientRequestId === undefined ? {} : { clientRequestId }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(responseBody === undefined ? {} : { responseBody }),
  }
}

/** The error again. */
export function toError(plain: ProblemEventError): AzlogsError {
  return new AzlogsError(plain.code, plain.message, plain)
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
  return error === undefined ? rest : { ...rest, error: toError(error) }
}
