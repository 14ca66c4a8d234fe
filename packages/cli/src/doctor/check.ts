import type { ErrorCode } from '../error-code.ts'

/** What one check found. Failures of the world are values here: the list of them is what `doctor` is for. */
export type Finding =
  | { readonly status: 'ok'; readonly evidence: string }
  /** Works, but will hurt. */
  | { readonly status: 'warn'; readonly evidence: string; readonly code: ErrorCode; readonly remedy: string }
  | { readonly status: 'fail'; readonly evidence: string; readonly code: ErrorCode; readonly remedy: string }
  /** Could not be looked at, or was not asked for. */
  | { readonly status: 'skip'; readonly evidence: string }

export function ok(evidence: string): Finding {
  return { status: 'ok', evidence }
}

export function skip(evidence: string): Finding {
  return { status: 'skip', evidence }
}

export function warn(code: ErrorCode, evidence: string, remedy: string): Finding {
  return { status: 'warn', evidence, code, remedy }
}

export function fail(code: ErrorCode, evidence: string, remedy: string): Finding {
  return { status: 'fail', evidence, code, remedy }
}
