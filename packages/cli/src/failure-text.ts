import { styleText } from 'node:util'

import type { ErrorCode } from './error-code.ts'
import { withoutTokens } from './without-tokens.ts'

/** What went wrong, in the three parts that every failure has. */
export interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly remedy: string
}

/** A failure for stderr: code, cause, remedy. What a service said may repeat the token that it was sent. */
export function failureText({ code, message, remedy }: Failure): string {
  return `${styleText('red', `error ${code}`, { stream: process.stderr })} ${withoutTokens(message)}\n  → ${remedy}`
}
