import { styleText } from 'node:util'

import type { ErrorCode } from './error-code.ts'

/** What went wrong, in the three parts that every failure has. */
export interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly remedy: string
}

/** A failure for stderr: code, cause, remedy. */
export function failureText({ code, message, remedy }: Failure): string {
  return `${styleText('red', `error ${code}`, { stream: process.stderr })} ${message}\n  → ${remedy}`
}
