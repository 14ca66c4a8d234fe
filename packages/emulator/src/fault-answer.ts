import { STATUS_CODES } from 'node:http'

import { refusalAnswer } from './answer.ts'
import type { Answer, Refusal } from './answer.ts'
import type { FaultRule } from './fault-rule.ts'
import { accessDenied, tooManyRequests, unknownRule, wireTooLarge } from './refusals.ts'

const DEFAULT_RETRY_AFTER_SECONDS = 1

/** The answer of a `status` fault: as the service gives it where that is known. */
export function faultAnswer(
  { status, retryAfterSeconds }: Extract<FaultRule, { readonly kind: 'status' }>,
  request: { readonly ruleId: string; readonly wireBytes: number },
): Answer {
  const answer = refusalAnswer(refusalOf(status, retryAfterSeconds, request))
  return retryAfterSeconds === undefined
    ? answer
    : { ...answer, headers: { ...answer.headers, 'Retry-After': String(retryAfterSeconds) } }
}

function refusalOf(
  status: number,
  retryAfterSeconds: number = DEFAULT_RETRY_AFTER_SECONDS,
  { ruleId, wireBytes }: { readonly ruleId: string; readonly wireBytes: number },
): Refusal {
  switch (status) {
    case 403:
      return accessDenied(ruleId)
    case 404:
      return unknownRule(ruleId)
    case 413:
      return wireTooLarge(wireBytes)
    case 429:
      return tooManyRequests(retryAfterSeconds)
    case 500:
      return { status, message: '' }
    default: {
      const name = STATUS_CODES[status] ?? `Status ${status}`
      return { status, code: name.replaceAll(/[^A-Za-z0-9]/g, ''), message: `${name}.` }
    }
  }
}
