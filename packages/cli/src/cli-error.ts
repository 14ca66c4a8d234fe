import type { AzlogsError } from '@azlogs/core'

import type { ErrorCode } from './error-code.ts'

/** 0 it worked · 1 what was asked for failed · 2 it was asked wrongly. */
export type ExitCode = 0 | 1 | 2

/** What a failure tells beside its message. */
export interface CliErrorFacts {
  /** What to do about it, in one sentence or command to copy. */
  readonly remedy: string
  /** @default 1 */
  readonly exitCode?: Exclude<ExitCode, 0>
  readonly cause?: unknown
}

/** The one exception that commands throw: a code, what is wrong with which value, and one remedy. */
export class CliError extends Error {
  override readonly name = 'CliError' as const
  readonly code: ErrorCode
  readonly remedy: string
  readonly exitCode: Exclude<ExitCode, 0>

  constructor(code: ErrorCode, message: string, facts: CliErrorFacts) {
    super(message, 'cause' in facts ? { cause: facts.cause } : undefined)
    this.code = code
    this.remedy = facts.remedy
    this.exitCode = facts.exitCode ?? 1
  }
}

/** A {@link CliError} for a wrong flag, argument or value: exit code 2. */
export function usageError(message: string, remedy: string): CliError {
  return new CliError('AZL1001', message, { remedy, exitCode: 2 })
}

/** A {@link CliError} for a file that cannot be read or written: exit code 2. */
export function fileError(path: string, cause: unknown): CliError {
  const { code } = cause as NodeJS.ErrnoException
  const why = code === undefined ? messageOf(cause) : (FILE_PROBLEMS[code] ?? code)
  return new CliError('AZL1002', `${path}: ${why}`, {
    remedy: 'Check the path and its permissions.',
    exitCode: 2,
    cause,
  })
}

const FILE_PROBLEMS: Partial<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission',
  EISDIR: 'that is a directory, not a file',
  EEXIST: 'it exists already',
  ENOTDIR: 'a part of the path is no directory',
  ENOSPC: 'the disk is full',
}

/** Anything thrown, as a {@link CliError}. */
export function asCliError(thrown: unknown): CliError {
  if (thrown instanceof CliError) return thrown
  if (isAzlogsError(thrown) && (thrown.code === 'AZLOGS_CONFIG' || thrown.code === 'AZLOGS_CREDENTIAL')) {
    return new CliError('AZL1003', (thrown.problems ?? [thrown.message]).join('\n'), {
      remedy:
        'Set AZURE_DCE_ENDPOINT, AZURE_DCR_RULE_ID and AZURE_DCR_STREAM_NAME, or give --endpoint, --rule-id and --stream.',
      exitCode: 2,
      cause: thrown,
    })
  }
  return new CliError('AZL1000', messageOf(thrown), {
    remedy: 'Run it again with AZLOGS_DEBUG=1 for the stack, and report it.',
    cause: thrown,
  })
}

/** As core's function of this name, which is not imported: `--help` and a wrong flag need no HTTP client. */
function isAzlogsError(error: unknown): error is AzlogsError {
  return error instanceof Error && error.name === 'AzlogsError' && 'code' in error
}

/** What an unknown thrown value says of itself. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : error.message
  return typeof error === 'string' ? error : 'no message'
}
