import { randomUUID } from 'node:crypto'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A refusal in the service's error shape (azure-rest-api-specs, DataCollectionRules.json 2023-01-01). */
export interface Refusal {
  readonly status: number
  /** Absent: an empty body and no `x-ms-error-code`. */
  readonly code?: string
  readonly message: string
  readonly headers?: Answer['headers']
}

/** Recorded traffic of 2023 and later (azure-sdk-assets): the same headers on a 204 and on an error. */
const SERVICE_HEADERS = {
  Server: 'Microsoft-HTTPAPI/2.0',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains; preload',
  'X-Content-Type-Options': 'nosniff',
} as const

export function jsonAnswer(status: number, value: unknown, headers?: Answer['headers']): Answer {
  return { status, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(value) }
}

export function refusalAnswer(refusal: Refusal): Answer {
  const { status, code, message, headers } = refusal
  if (code === undefined) return { status, headers: { ...headers }, body: '' }
  return jsonAnswer(status, { error: { code, message } }, { 'x-ms-error-code': code, ...headers })
}

export interface RequestIds {
  readonly requestId: string
  /** The service echoes it when it was sent, and sends none of its own otherwise (recorded). */
  readonly clientRequestId?: string
}

export function requestIds(clientRequestId: string | string[] | undefined): RequestIds {
  const requestId = randomUUID()
  return typeof clientRequestId === 'string' ? { requestId, clientRequestId } : { requestId }
}

/** The answer as the service sends it, with its headers and the identifiers of the request. */
export function asService(answer: Answer, ids: RequestIds): Answer {
  return {
    ...answer,
    headers: {
      ...SERVICE_HEADERS,
      'x-ms-request-id': ids.requestId,
      ...(ids.clientRequestId === undefined ? {} : { 'x-ms-client-request-id': ids.clientRequestId }),
      ...answer.headers,
    },
  }
}
