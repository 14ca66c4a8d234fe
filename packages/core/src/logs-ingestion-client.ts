import type { PipelineRetryOptions } from '@azure/core-rest-pipeline'

import { systemClock } from './clock.ts'
import { DEFAULT_BACKOFF } from './backoff.ts'
import { createCredential, credentialProblems } from './credential.ts'
import type { CredentialOption } from './credential.ts'
import { checkEndpoint, checkRuleId, checkStreamName, uploadUrl } from './destination.ts'
import type { DestinationRules } from './destination.ts'
import { AzlogsError } from './errors.ts'
import { readFile } from './file-records.ts'
import type { UploadFileInput } from './file-records.ts'
import { readObjects } from './object-records.ts'
import { createPackingLimit } from './packing-limit.ts'
import { createPipeline, pipelineProblems } from './pipeline.ts'
import type { CommonClientOptions } from './pipeline.ts'
import { createSender } from './sender.ts'
import type { Send, SenderOptions } from './sender.ts'
import { cloudOf, DEFAULT_BATCH_BYTES, MAX_INFLATED_BYTES } from './service.ts'
import { checkChoice, checkNumbers, configError, scopesOf } from './shipper-options.ts'
import type { Range } from './shipper-options.ts'
import { createTokenSource } from './token.ts'
import { createBatcher } from './upload-batch.ts'
import type { BatchSource, Batcher } from './upload-batch.ts'
import { runUpload } from './upload.ts'
import type { LogsUploadOptions, UploadResult } from './upload.ts'

/** Options of a {@link LogsIngestionClient}. */
export interface LogsIngestionClientOptions extends CommonClientOptions, DestinationRules {
  /**
   * Token audience, such as those of `KnownMonitorAudience`; `/.default` is added where it is missing.
   * @default that of the endpoint's cloud (.com, .us, .cn)
   */
  readonly audience?: string
  /** Token scopes, handed to the credential exactly as they are. Takes precedence over `audience`. */
  readonly credentialScopes?: string | readonly string[]
  /**
   * Uncompressed bytes of one request, brackets and commas counted; 52,428,800 at most. A batch whose gzipped form turns
   * out to be over the service's 1,048,576 bytes is divided.
   * @default 1_000_000
   */
  readonly maxBatchBytes?: number
  /**
   * `'compressed'` packs until the **gzipped** body nears the service's 1 MiB, and 8 MiB of JSON at most: several times
   * fewer requests, each batch in memory larger. `maxBatchBytes` does not apply then.
   * @default 'uncompressed'
   */
  readonly packing?: 'uncompressed' | 'compressed'
  /**
   * zlib level, 1–9. Level 3 takes half the time of level 6 for 12 % more bytes.
   * @default 3
   */
  readonly gzipLevel?: number
  /**
   * One attempt, connect to last byte, in milliseconds.
   * @default 30_000
   */
  readonly requestTimeoutMs?: number
  /**
   * How often and after which waits a batch is sent again after 408, 429, 5xx or no answer. Waits are random, below a
   * ceiling that doubles from `retryDelayInMs` to `maxRetryDelayInMs`; where the service names a wait, that one is kept.
   * @default { maxRetries: 5, retryDelayInMs: 1000, maxRetryDelayInMs: 30_000 }
   */
  readonly retryOptions?: PipelineRetryOptions
}

/** Every number of the client, with its default and the least and most that make sense. */
const NUMBERS = {
  maxBatchBytes: { fallback: DEFAULT_BATCH_BYTES, min: 1, max: MAX_INFLATED_BYTES },
  gzipLevel: { fallback: 3, min: 1, max: 9 },
  requestTimeoutMs: { fallback: 30_000, min: 1, max: 86_400_000 },
} as const satisfies Record<string, Range>

/** The same for `retryOptions`, whose names are those of Azure's own clients. */
const RETRY_NUMBERS = {
  maxRetries: { fallback: 5, min: 0, max: Number.MAX_SAFE_INTEGER },
  retryDelayInMs: { fallback: DEFAULT_BACKOFF.baseMs, min: 0, max: 86_400_000 },
  maxRetryDelayInMs: { fallback: DEFAULT_BACKOFF.capMs, min: 0, max: 86_400_000 },
} as const satisfies Record<string, Range>

const UPLOAD_NUMBERS = {
  maxConcurrency: { fallback: 5, min: 1, max: Number.MAX_SAFE_INTEGER },
} as const satisfies Record<string, Range>

/**
 * Uploads logs to the streams of data collection rules: all that it is given, in parallel, with nothing lost in silence.
 * For records that come one by one there is `createShipper`.
 */
export class LogsIngestionClient {
  readonly #endpoint: URL
  readonly #rules: DestinationRules
  readonly #numbers: Record<keyof typeof NUMBERS, number>
  readonly #packing: 'uncompressed' | 'compressed'
  readonly #retries: Record<keyof typeof RETRY_NUMBERS, number>
  readonly #transmission: Pick<SenderOptions, 'pipeline' | 'httpClient' | 'tokens'>
  readonly #closing = new AbortController()
  readonly #requests = new Set<Promise<unknown>>()

  /**
   * @param endpoint the DCR's or DCE's logs ingestion endpoint, such as `https://name-a1b2.westeurope-1.ingest.monitor.azure.com`
   * @param credential a `TokenCredential`, or its description as plain data
   * @throws AzlogsError `AZLOGS_CONFIG`, one error that lists every problem with the values.
   */
  constructor(
    endpoint: string,
    credential: CredentialOption = 'default',
    options: LogsIngestionClientOptions = {},
  ) {
    const problems: string[] = []
    const checked = checkEndpoint(endpoint, options)
    if (!checked.ok) problems.push(checked.problem)
    problems.push(...credentialProblems(credential, process.env), ...pipelineProblems(options))
    this.#numbers = checkNumbers(options, NUMBERS, problems)
    this.#packing = checkChoice('packing', options.packing, ['uncompressed', 'compressed'], problems)
    this.#retries = checkNumbers(options.retryOptions ?? {}, RETRY_NUMBERS, problems)
    if (!checked.ok || problems.length > 0) throw configError('client', problems)
    const cloud = cloudOf(checked.value)
    this.#endpoint = checked.value
    this.#rules = options
    this.#transmission = {
      ...createPipeline(options),
      tokens: createTokenSource(
        createCredential(credential, process.env, cloud.authorityHost),
        scopesOf(options, cloud.audience),
        systemClock,
      ),
    }
  }

  /**
   * Uploads records, each an object with a property for each column. They are read as they are needed, written as JSON
   * once, and sent in gzipped requests. A record that cannot be written or is too large fails alone.
   *
   * @param ruleId the DCR's immutable id
   * @param streamName a stream that the DCR declares
   * @param logs an array, or any other iterable or async iterable, of objects
   * @throws AggregateLogsUploadError when records were not accepted and there is no `onError`
   * @throws AzlogsError `AZLOGS_CONFIG` for bad arguments, `AZLOGS_CLOSED` after `close()`
   * @throws TypeError when `logs`, or one of its elements, is not what it must be; and what `logs`,
   * `onError`, `onAccepted` or `onProgress` throw
   */
  async upload(
    ruleId: string,
    streamName: string,
    logs: Iterable<object> | AsyncIterable<object>,
    options: LogsUploadOptions = {},
  ): Promise<UploadResult> {
    return this.#run(ruleId, streamName, options, (batcher) => readObjects(logs, batcher))
  }

  /**
   * Uploads the records of a file: a JSON array of objects or NDJSON, plain or gzipped, recognised by content. It is read
   * as it is needed, so its size does not matter; the records are sent with the bytes they have. What is no JSON object
   * fails alone, with its position; where the array itself is broken, what came before is uploaded.
   *
   * @param file its path, its `file:` URL, or a stream of its bytes
   * @throws as {@link LogsIngestionClient.upload} does, and what the file system or the stream throws
   */
  async uploadFile(
    ruleId: string,
    streamName: string,
    file: UploadFileInput,
    options: LogsUploadOptions = {},
  ): Promise<UploadResult> {
    return this.#run(ruleId, streamName, options, (batcher) => readFile(file, batcher))
  }

  /**
   * Ends requests under way and with them every upload, which reports what was not accepted as aborted. Resolves when no
   * request is under way any more.
   */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#requests)
  }

  /** The same as {@link close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #run(
    ruleId: string,
    streamName: string,
    options: LogsUploadOptions,
    open: (batcher: Batcher) => BatchSource,
  ): Promise<UploadResult> {
    if (this.#closing.signal.aborted) {
      throw new AzlogsError('AZLOGS_CLOSED', 'This client is closed; make a new one to upload more.')
    }
    const problems: string[] = []
    const { maxConcurrency } = checkNumbers(options, UPLOAD_NUMBERS, problems)
    const rule = checkRuleId(ruleId, this.#rules)
    const stream = checkStreamName(streamName, this.#rules)
    for (const checked of [rule, stream]) if (!checked.ok) problems.push(checked.problem)
    for (const name of ['onError', 'onAccepted', 'onProgress'] as const) {
      const callback: unknown = options[name]
      if (callback === undefined || typeof callback === 'function') continue
      problems.push(`${name} is of type ${typeof callback}; it must be a function.`)
    }
    if (!rule.ok || !stream.ok || problems.length > 0) throw configError('upload', problems)
    const url = uploadUrl({ endpoint: this.#endpoint, ruleId: rule.value, streamName: stream.value })
    const limit = createPackingLimit({ ...this.#numbers, packing: this.#packing, clock: systemClock })
    const source = open(createBatcher(limit))

    const ending = new AbortController()
    const end = (): void => ending.abort()
    const signals = [
      this.#closing.signal,
      ...(options.abortSignal === undefined ? [] : [options.abortSignal]),
    ]
    for (const signal of signals) {
      if (signal.aborted) end()
      signal.addEventListener('abort', end, { once: true })
    }
    try {
      return await runUpload(source, {
        connect: (onRequest) => this.#connect(url, onRequest),
        clock: systemClock,
        gzipLevel: this.#numbers.gzipLevel,
        limit,
        maxRetries: this.#retries.maxRetries,
        backoff: { baseMs: this.#retries.retryDelayInMs, capMs: this.#retries.maxRetryDelayInMs },
        maxConcurrency,
        abortSignal: ending.signal,
        onError: options.onError,
        onAccepted: options.onAccepted,
        onProgress: options.onProgress,
      })
    } finally {
      for (const signal of signals) signal.removeEventListener('abort', end)
    }
  }

  #connect(url: string, onRequest: () => void): Send {
    const { requestTimeoutMs } = this.#numbers
    const send = createSender({ ...this.#transmission, url, requestTimeoutMs, clock: systemClock, onRequest })
    return (body, signal) => {
      const request = send(body, signal)
      this.#requests.add(request)
      return request.finally(() => this.#requests.delete(request))
    }
  }
}
