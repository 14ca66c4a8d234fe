import { setTimeout as sleep } from 'node:timers/promises'

import { asService, refusalAnswer, requestIds } from './answer.ts'
import { loopbackCertificate } from './certificate.ts'
import { createChangeSignal } from './change-signal.ts'
import { createFaults } from './faults.ts'
import type { FaultInput, Faults } from './faults.ts'
import { createIngestionDelay } from './ingestion-delay.ts'
import { followRows } from './follow.ts'
import { routeOf } from './route.ts'
import { defaultSchema } from './lock-file.ts'
import { readSchema } from './read-schema.ts'
import type { SchemaDocument } from './read-schema.ts'
import type { Rule, Table } from './schema.ts'
import type { ScriptedAnswer } from './script.ts'
import { listen } from './server.ts'
import type { Listener, Reply, ServedRequest, StreamedAnswer } from './server.ts'
import { createStore } from './store.ts'
import type { Row } from './store.ts'
import { createThrottle } from './throttle.ts'
import type { ThrottleLimits } from './throttle.ts'
import { answerDiscovery, IDENTITY_HEADER } from './token-answers.ts'
import { createTokenEndpoint } from './token-endpoint.ts'
import type { RecordedTokenRequest } from './token-endpoint.ts'
import { createTokenAuthority } from './token.ts'
import { createUploadEndpoint } from './upload-endpoint.ts'
import type { RecordedRequest } from './upload-endpoint.ts'
import { describeVerdict } from './verdict.ts'
import type { Verdict } from './verdict.ts'
import { createViewerEndpoint } from './viewer-endpoint.ts'

export interface EmulatorOptions {
  /** Port for http; 0 takes a free one. @default 0 */
  readonly port?: number
  /** Port for https; 0 takes a free one. @default 0 */
  readonly httpsPort?: number
  /** Listen on https too, with a certificate that is made at the first start and kept. @default true */
  readonly https?: boolean
  /**
   * Rules and tables: `azlogs.schema.json`, ARM JSON of deployed resources, deployment templates, or several of these.
   * @default {@link defaultSchema}
   */
  readonly schema?: SchemaDocument | readonly SchemaDocument[]
  /**
   * `azure` answers what Azure answers and keeps a verdict; `strict` answers 400 and stores nothing where Azure would
   * lose something in silence. @default 'azure'
   */
  readonly mode?: 'azure' | 'strict'
  /** SQLite file for the rows, kept across restarts. @default ':memory:' */
  readonly database?: string
  /**
   * Immutable id of the first data collection rule that has none of its own.
   * @default {@link DEFAULT_RULE_ID}; derived from the name for a rule that is not deployed yet
   */
  readonly ruleId?: string
  /** `shape` takes any JWT with a right audience that has not expired, `issued` only its own. @default 'shape' */
  readonly auth?: 'issued' | 'shape'
  /** Lifetime of the tokens that it issues. @default 3600 */
  readonly tokenLifetimeSeconds?: number
  /** Directory of the built viewer page, for who works on the page. @default the one in this package */
  readonly viewerDirectory?: string
  /** What a rule takes in a minute; `false` for any amount. @default {@link ThrottleLimits}, as documented for Azure */
  readonly throttle?: ThrottleLimits | false
  /** Rows can be read this long after they were accepted, in milliseconds. @default 0 */
  readonly visibleAfterMs?: number
  /** Faults from the start on: `'429:10%, latency:200±50ms'`. @default none */
  readonly faults?: FaultInput
  /** Where the faults' sequences begin. @default 1 */
  readonly seed?: number
  /** Called with each verdict as it is reached. */
  readonly onVerdict?: (verdict: Verdict) => void
}

export interface EmulatorCredential {
  getToken(
    scopes: string | readonly string[],
  ): Promise<{ readonly token: string; readonly expiresOnTimestamp: number }>
}

export interface Emulator extends AsyncDisposable {
  readonly url: string
  /** The page that shows logs, verdicts and faults, on the http listener. */
  readonly viewerUrl: string
  /** Empty with `https: false`. */
  readonly httpsUrl: string
  /**
   * File with the certificate authority of `httpsUrl`, in PEM, in a private folder of the system's temporary folder. It
   * stays there for the next start. Empty with `https: false`.
   */
  readonly caFile: string
  /** Of the first rule. */
  readonly ruleId: string
  /** The first stream of the first rule. */
  readonly streamName: string
  readonly rules: readonly Rule[]
  readonly tables: readonly Table[]
  /**
   * Issues tokens in-process: a `TokenCredential` of `@azure/core-auth` for a client under test. It goes through no
   * endpoint, so `answerNextToken` does not reach it.
   */
  readonly credential: EmulatorCredential
  /** Variables for a process that is to send here, with managed identity. */
  readonly env: Readonly<Record<string, string>>
  /**
   * The stored rows, in the order in which they arrived.
   *
   * @param table defaults to the first of the schema.
   * @throws {RangeError} when the schema has no such table.
   */
  rows(table?: string): readonly Row[]
  /** One for each judged upload: the last 10,000. */
  verdicts(): readonly Verdict[]
  /** Requests to the ingestion path as they arrived: the last 10,000. */
  requests(): readonly RecordedRequest[]
  /** Requests for tokens: the last 10,000. */
  tokenRequests(): readonly RecordedTokenRequest[]
  /**
   * Resolves with the rows once there are `count` or more of them.
   *
   * @throws {Error} when they do not arrive within `timeoutMs` (10,000), with the last verdicts in the message.
   */
  waitForRows(
    count: number,
    options?: { readonly table?: string; readonly timeoutMs?: number },
  ): Promise<readonly Row[]>
  /**
   * Rows as they arrive, some at a time, from this call on until `close()`. Read at the pace of the consumer.
   *
   * @param table defaults to the first of the schema.
   * @throws {RangeError} when the schema has no such table.
   */
  follow(table?: string): AsyncIterable<readonly Row[]>
  /**
   * Resolves with the requests once `count` or more have arrived, answered or not.
   *
   * @throws {Error} when they do not arrive within `timeoutMs` (10,000).
   */
  waitForRequests(
    count: number,
    options?: { readonly timeoutMs?: number },
  ): Promise<readonly RecordedRequest[]>
  /** @throws {Error} that names everything that Azure would have lost in silence. */
  assertNothingDropped(): void
  /**
   * Scripts the answers to the next uploads, in the order in which they arrive.
   *
   * @throws {RangeError | TypeError} when an answer makes no sense.
   */
  answerNext(...answers: readonly ScriptedAnswer[]): void
  /** The same for the next requests for a token. */
  answerNextToken(...answers: readonly ScriptedAnswer[]): void
  /** Faults for uploads, drawn at random; a scripted answer goes before them. */
  readonly faults: Faults
  /** Forgets rows, verdicts, requests, scripted answers and used limits, and sets the faults of the start again. */
  clear(): void
  /** Closes sockets at once and leaves nothing behind but the database file and the certificate. */
  close(): Promise<void>
}

const WAIT_MS = 10_000

/**
 * Starts the Logs Ingestion API and the token endpoints on loopback.
 *
 * @throws {SchemaError} when the schema cannot be used, listing every problem with its place.
 * @throws {Error} when a port is taken (`code: 'EADDRINUSE'`) or the database file does not fit the schema.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { mode = 'azure', auth = 'shape', tokenLifetimeSeconds = 3600 } = options
  const { rules, tables } = readSchema(options.schema ?? defaultSchema, options.ruleId)
  const [
    {
      ruleId,
      streams: [firstStream],
    },
  ] = rules
  const [firstTable] = tables
  const faults = createFaults(options.seed === undefined ? {} : { seed: options.seed })
  const setFirstFaults = (): void => faults.set(options.faults ?? [])
  setFirstFaults()
  const throttle = createThrottle(options.throttle ?? {})
  const delay = createIngestionDelay(
    options.visibleAfterMs ?? 0,
    (table, rows) => store.insert(table, rows),
    () => {
      changed.notify()
      viewer.judged()
    },
  )
  const store = createStore(tables, options.database ?? ':memory:')
  const authority = createTokenAuthority({ auth, lifetimeSeconds: tokenLifetimeSeconds })
  const changed = createChangeSignal()
  const closing = new AbortController()
  const handling = new Set<Promise<Reply | StreamedAnswer>>()

  const pause = async (delayMs: number): Promise<void> => {
    if (delayMs > 0) await sleep(delayMs, undefined, { signal: closing.signal })
  }
  const tokens = createTokenEndpoint(authority, pause)
  const uploads = createUploadEndpoint({
    rules,
    mode,
    authority,
    throttle,
    insert: delay.insert,
    pause,
    nextFault: faults.next,
    onRequest: changed.notify,
    onVerdict(verdict) {
      changed.notify()
      viewer.judged()
      options.onVerdict?.(verdict)
    },
  })

  let clears = 0
  const forget = (): void => {
    clears += 1
    delay.clear()
    store.clear()
    uploads.clear()
    tokens.clear()
    authority.clear()
    throttle.clear()
    viewer.cleared()
    changed.notify()
  }
  const viewer = createViewerEndpoint({
    store,
    verdicts: uploads.verdicts,
    faults,
    query: undefined,
    clear: forget,
    about: () => ({ url, ruleId, mode, tables }),
    directory: options.viewerDirectory,
  })

  async function route(request: ServedRequest): Promise<Reply | StreamedAnswer> {
    const target = routeOf(request.url.pathname)
    switch (target.kind) {
      case 'ingestion':
        return uploads.handle(request, target)
      case 'managedIdentity':
      case 'clientCredentials':
        return tokens.handle(request, target)
      case 'discovery':
        return answerDiscovery(request.origin, target.tenantId)
      case 'viewerFile':
      case 'viewerCall':
        return viewer.handle(request, target)
      case 'unknown':
        break
    }
    return asService(NO_SUCH_PATH, requestIds(undefined))
  }

  const handle = async (request: ServedRequest): Promise<Reply | StreamedAnswer> => {
    const reply = route(request)
    handling.add(reply)
    try {
      return await reply
    } finally {
      handling.delete(reply)
    }
  }

  const listeners: Listener[] = []
  const release = async (): Promise<void> => {
    closing.abort()
    changed.close()
    await Promise.all(listeners.map((listener) => listener.close()))
    // A request that is being judged still writes to the store.
    await Promise.allSettled(handling)
    delay.flush()
    store.close()
  }

  let caFile = ''
  try {
    listeners.push(await listen({ port: options.port ?? 0, handle }))
    if (options.https ?? true) {
      const certificate = await loopbackCertificate()
      listeners.push(await listen({ port: options.httpsPort ?? 0, certificate, handle }))
      caFile = certificate.caFile
    }
  } catch (error) {
    await release()
    throw error
  }

  const [url = '', httpsUrl = ''] = listeners.map((listener) => listener.url)
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= release()
    return closed
  }

  return {
    url,
    viewerUrl: `${url}/`,
    httpsUrl,
    caFile,
    ruleId,
    streamName: firstStream.name,
    rules,
    tables,
    faults,
    credential: {
      async getToken(scopes) {
        const [scope = ''] = typeof scopes === 'string' ? [scopes] : scopes
        const issued = authority.issue({ audience: scope.replace(/\/\.default$/, '') })
        return { token: issued.token, expiresOnTimestamp: issued.expiresAtSeconds * 1000 }
      },
    },
    env: {
      AZURE_DCE_ENDPOINT: url,
      AZURE_DCR_RULE_ID: ruleId,
      AZURE_DCR_STREAM_NAME: firstStream.name,
      IDENTITY_ENDPOINT: `${url}/msi/token`,
      IDENTITY_HEADER,
      ...(caFile === '' ? {} : { NODE_EXTRA_CA_CERTS: caFile }),
    },
    rows: (table = firstTable.name) => store.rows(table),
    verdicts: uploads.verdicts,
    requests: uploads.requests,
    tokenRequests: tokens.requests,
    async waitForRows(count, { table = firstTable.name, timeoutMs = WAIT_MS } = {}) {
      await changed.until(() => store.count(table) >= count, {
        timeoutMs,
        describe: () =>
          [
            `expected ${count} rows in ${table}, there are ${store.count(table)}`,
            ...uploads.verdicts().slice(-3).map(describeVerdict),
          ].join('\n  '),
      })
      return store.rows(table)
    },
    follow: (table = firstTable.name) => followRows({ table, store, changed, clears: () => clears }),
    async waitForRequests(count, { timeoutMs = WAIT_MS } = {}) {
      await changed.until(() => uploads.requests().length >= count, {
        timeoutMs,
        describe: () => `expected ${count} requests, there were ${uploads.requests().length}`,
      })
      return uploads.requests()
    },
    assertNothingDropped() {
      const losses = uploads.losses()
      if (losses.length > 0)
        throw new Error(`Azure would have lost data in silence:\n  ${losses.join('\n  ')}`)
    },
    answerNext: (...answers) => uploads.answerNext(answers),
    answerNextToken: (...answers) => tokens.answerNext(answers),
    clear() {
      forget()
      setFirstFaults()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

// "Malformed URI" is a 404 (azure-monitor-docs, data-collection-monitor.md); code and text are assumed.
const NO_SUCH_PATH = refusalAnswer({
  status: 404,
  code: 'NotFound',
  message: 'There is nothing at this path.',
})
