import type { Refusal } from './answer.ts'

/**
 * Compared with Content-Length, so with the compressed size: a 5 MiB record that was gzipped got a 204
 * (azure-sdk-for-net, MonitorIngestionLiveTest.cs), and the 413 names this number (AzADServicePrincipalInsights#30).
 */
export const WIRE_LIMIT_BYTES: number = 1_048_576

/** Checked after inflating (otel-arrow PR 2535, by the author of Microsoft's exporter). Its code and text are assumed. */
export const INFLATED_LIMIT_BYTES: number = 52_428_800

/** 2021-11-01-preview is what Azure Monitor Agent and Microsoft's own exporter still send; 2023-01-01 is the SDKs'. */
export const API_VERSIONS: readonly (string | null)[] = ['2021-11-01-preview', '2023-01-01']

// Recorded (azure-sdk-for-js, tests of the ingestion client).
export function unknownRule(ruleId: string): Refusal {
  return {
    status: 404,
    code: 'NotFound',
    message: `Data collection rule with immutable Id '${ruleId}' not found.`,
  }
}

// Status and code are asserted by azure-sdk-for-go's live test; the text is assumed.
export function unknownStream(stream: string): Refusal {
  return {
    status: 400,
    code: 'InvalidStream',
    message: `Stream '${stream}' is not declared in the data collection rule.`,
  }
}

// Recorded word for word (AzADServicePrincipalInsights#30).
export function wireTooLarge(wireBytes: number): Refusal {
  return {
    status: 413,
    code: 'ContentLengthLimitExceeded',
    message: `Maximum allowed content length: ${WIRE_LIMIT_BYTES} bytes (1 MB). Provided content length: ${wireBytes} bytes.`,
  }
}

// The limit is known, the code only by its beginning ("PayloadSizeLimitExc…"); the rest is assumed.
export const INFLATED_TOO_LARGE: Refusal = {
  status: 413,
  code: 'PayloadSizeLimitExceeded',
  message: `Maximum allowed payload size: ${INFLATED_LIMIT_BYTES} bytes (50 MB) after decompression.`,
}

// Asserted by azure-sdk-for-net's live tests: no code, no body.
export const EMPTY_BODY: Refusal = { status: 500, message: 'the body is empty' }

// The status and "malformed JSON" are documented (azure-monitor-limits-custom-logs.md); code and text are assumed.
export function nestedJson(columns: readonly string[]): Refusal {
  return {
    status: 400,
    code: 'MalformedJson',
    message: `malformed JSON: nested JSON was sent for ${columns.join(', ')}; the Auxiliary plan takes it into dynamic columns only.`,
  }
}

// Recorded (Azure-Sentinel#12130).
export const SPAN_TOO_LONG: Refusal = {
  status: 400,
  code: 'RecordsTimeRangeIsMoreThan30Minutes',
  message:
    'The time duration between DataEndTime and DataStartTime should be within the range of 0 to 30 minutes.',
}

// Assumed, status, code and text: nothing is published about these four.
export const WRONG_API_VERSION: Refusal = {
  status: 400,
  code: 'UnsupportedApiVersion',
  message: `The api-version is missing or not supported. Supported: ${API_VERSIONS.join(', ')}.`,
}
export const WRONG_CONTENT_TYPE: Refusal = {
  status: 415,
  code: 'UnsupportedMediaType',
  message: 'The Content-Type must be application/json.',
}
export const WRONG_ENCODING: Refusal = {
  status: 415,
  code: 'UnsupportedContentEncoding',
  message: 'The Content-Encoding must be gzip, or absent.',
}
// The emulator's own, so that no body, and not all of them together, can exhaust its memory.
export const OVERLOADED: Refusal = {
  status: 503,
  code: 'EmulatorOverloaded',
  message: 'More bodies are on their way than the emulator can hold.',
  headers: { 'Retry-After': '1' },
}
export const TOO_MANY_VALUES: Refusal = {
  status: 413,
  code: 'EmulatorLimit',
  message: 'The emulator takes at most 3,000,000 values in one request. Azure may take more.',
}

export const CORRUPT_GZIP: Refusal = {
  status: 400,
  code: 'InvalidContentEncoding',
  message: 'The body is not valid gzip.',
}

// Status and Retry-After are documented (azure-monitor-limits-custom-logs.md); code and text are assumed.
export function tooManyRequests(retryAfterSeconds: number): Refusal {
  return {
    status: 429,
    code: 'TooManyRequests',
    message: `The data collection rule takes no more requests or data in this minute. Retry after ${retryAfterSeconds} seconds.`,
    headers: { 'Retry-After': String(retryAfterSeconds) },
  }
}

// Recorded (azure-sdk-for-go and -java, TROUBLESHOOTING.md), with the identifiers of nobody.
export function accessDenied(ruleId: string): Refusal {
  return {
    status: 403,
    code: 'OperationFailed',
    message:
      `The authentication token provided does not have access to ingest data for the data collection rule with immutable Id '${ruleId}' ` +
      'PipelineAccessResult: AccessGranted: False, IsRbacPresent: False, IsDcrDceBindingValid: , ' +
      'Message: Required authorization action was not found for tenantId 11111111-1111-1111-1111-111111111111..',
  }
}
