import { randomUUID } from 'node:crypto'

import { jsonAnswer } from './answer.ts'
import type { Answer } from './answer.ts'
import { KqlError, QueryTimeout } from './kql/index.ts'
import { QueryQueueFull } from './query-runner.ts'
import type { TokenAuthority } from './token.ts'

/** One audience for each cloud, and the newer name of the public one (azure-monitor-docs, logs/api/access-api.md). */
const AUDIENCES: ReadonlySet<string> = new Set(
  [
    'https://api.loganalytics.io',
    'https://api.loganalytics.azure.com',
    'https://api.loganalytics.us',
    'https://api.loganalytics.azure.us',
    'https://api.loganalytics.azure.cn',
  ].flatMap((audience) => [audience, `${audience}/`]),
)

/**
 * Documented (azure-monitor-docs, logs/api/errors.md): a 401 when there is no token, a 403 when there is a bad one, with
 * these codes.
 */
export function refuseToken(
  authority: TokenAuthority,
  authorization: string | undefined,
): Answer | undefined {
  const problem = authority.refuse(authorization, AUDIENCES)
  if (problem === undefined) return undefined
  if (authorization === undefined) {
    const message = "Authentication failed. The 'Authorization' header is missing."
    return jsonAnswer(401, { error: { code: 'AuthenticationFailed', message } })
  }
  const code = problem.code === 'InvalidAudience' ? 'InvalidAuthenticationTokenAudience' : problem.code
  return jsonAnswer(403, { error: { code, message: problem.message } })
}

interface InnerError {
  readonly code: string
  readonly message: string
  readonly line?: number
  /** From 0. */
  readonly pos?: number
  readonly token?: string
  readonly innererror?: InnerError
}

/** The shape is recorded (azure-sdk-for-js, recordings of the query client). */
function badArgument(innererror: InnerError): Answer {
  const message = 'The request had some invalid properties'
  return jsonAnswer(400, {
    error: { message, code: 'BadArgumentError', correlationId: randomUUID(), innererror },
  })
}

export function badRequest(message: string): Answer {
  return badArgument({ code: 'BadArgumentError', message })
}

/** Documented (logs/api/errors.md). */
export const NOT_FOUND: Answer = jsonAnswer(404, {
  error: { message: 'The requested path does not exist', code: 'PathNotFoundError' },
})

/** The answer to a query that failed. */
export function failureOf(error: unknown, query: string): Answer {
  if (error instanceof KqlError) return badArgument(describeKqlError(error, query))
  if (error instanceof QueryQueueFull) {
    // Status documented (service limits); the code is assumed.
    return jsonAnswer(
      429,
      { error: { code: 'TooManyRequests', message: error.message } },
      { 'Retry-After': '1' },
    )
  }
  if (error instanceof QueryTimeout) {
    // "It fails with a status code of 504 Gateway Timeout" (logs/api/timeouts.md); code and text are assumed.
    return jsonAnswer(504, { error: { code: 'GatewayTimeout', message: error.message } })
  }
  throw error
}

/**
 * A syntax error as recorded: «Query could not be parsed at 'invalid' on line [1,11]». Of a semantic error the codes are the
 * service's and the text is the engine's own, and so it is for what is not supported locally.
 */
function describeKqlError(error: KqlError, query: string): InnerError {
  const { line, column } = error
  const pos = column - 1
  const place = { line, pos }
  if (error.code === 'Syntax') {
    const rest = query.split('\n')[line - 1]?.slice(pos) ?? ''
    const token = /^(?:\w+|\S)?/.exec(rest)?.[0] ?? ''
    return {
      code: 'SyntaxError',
      message: 'A recognition error occurred in the query.',
      innererror: {
        code: 'SYN0002',
        message: `Query could not be parsed at '${token}' on line [${line},${pos}]: ${error.message}`,
        ...place,
        token,
      },
    }
  }
  if (error.code === 'Semantic') {
    return {
      code: 'SemanticError',
      message: 'A semantic error occurred.',
      innererror: { code: 'SEM0100', message: error.message, ...place },
    }
  }
  return { code: error.code, message: error.message, ...place }
}
