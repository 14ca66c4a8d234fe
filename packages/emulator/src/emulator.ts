import { setTimeout as sleep } from 'node:timers/promises'

import { asService, refusalAnswer, requestIds } from './answer.ts'
import { loopbackCertificate } from './certificate.ts'
import { createChangeSignal } from './change-signal.ts'
import { createFaults } from './faults.ts'
import { createIngestionDelay } from './ingestion-delay.ts'
import { followRows } from './follow.ts'
import { createQueryEndpoint } from './query-endpoint.ts'
import { createQueryRunner } from './query-runner.ts'
import { routeOf } from './route.ts'
import { defaultSchema } from './lock-file.ts'
import { readSchema } from './read-schema.ts'
import { listen } from './server.ts'
import type { Listener, Reply, ServedRequest, StreamedAnswer } from './server.ts'
import { answerSql } from './sql-endpoint.ts'
import { createStore } from './store.ts'
import { createThrottle } from './throttle.ts'
import { answerDiscovery, IDENTITY_HEADER } from './token-answers.ts'
import { readTimespan } from './timespan.ts'
import { createTokenEndpoint } from './token-endpoint.ts'
import { createTokenAuthority } from './token.ts'
import { createUploadEndpoint } from './upload-endpoint.ts'
import { describeVerdict } from './verdict.ts'
import { createViewerEndpoint } from './viewer-endpoint.ts'
import type { Emulator, EmulatorOptions } from './emulator-interface.ts'

export type { Emulator, EmulatorCredential, EmulatorOptions } from './emulator-interface.ts'

const WAIT_MS = 10_000

/**
 * Starts the Logs Ingestion API and the token endpoints on loopback.
 *
 * @throws {SchemaError} when the schema cannot be used, listing every problem with its place.
 * @throws {Error} when a port is taken (`code: 'EADDRINUSE'`) or the database file does not fit the schema.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { mode = 'azure', auth = 'shape', tokenLifetimeSeconds = 3600 } = options
  const { rules, tables, warnings } = readSchema(options.schema ?? defaultSchema, options.ruleId)
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
      viewer.changed()
    },
  )
  const store = createStore(tables, options.database ?? ':memory:', options.retention)
  const authority = createTokenAuthority({ auth, lifetimeSeconds: tokenLifetimeSeconds })
  const runner = createQueryRunner({ tables, store })
  const queries = createQueryEndpoint({ runner, authority })
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
    tables,
    clear: forget,
    about: () => ({ url, ruleId, mode, env: environment() }),
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
      case 'query':
        return queries.handle(request, target)
      case 'sql':
        return answerSql(request, store.sql)
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
  const environment = (): Emulator['env'] => ({
    AZURE_DCE_ENDPOINT: url,
    AZURE_DCR_RULE_ID: ruleId,
    AZURE_DCR_STREAM_NAME: firstStream.name,
    IDENTITY_ENDPOINT: `${url}/msi/token`,
    IDENTITY_HEADER,
    ...(caFile === '' ? {} : { NODE_EXTRA_CA_CERTS: caFile }),
  })
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= release()
    return closed
  }

  return {
    url,
    viewerUrl: `${url}/`,
    httpsUrl,
    queryUrl: `${httpsUrl === '' ? url : httpsUrl}/v1`,
    caFile,
    ruleId,
    streamName: firstStream.name,
    rules,
    tables,
    warnings,
    faults,
    credential: {
      async getToken(scopes) {
        const [scope = ''] = typeof scopes === 'string' ? [scopes] : scopes
        const issued = authority.issue({ audience: scope.replace(/\/\.default$/, '') })
        return { token: issued.token, expiresOnTimestamp: issued.expiresAtSeconds * 1000 }
      },
    },
    env: environment(),
    rows: (table = firstTable.name) => store.rows(table),
    evictedRows: (table = firstTable.name) => store.evicted(table),
    query: (kql, { timespan } = {}) => {
      const interval = timespan === undefined ? undefined : readTimespan(timespan, Date.now())
      if (timespan !== undefined && interval === undefined) {
        throw new TypeError(`${JSON.stringify(timespan)} is no ISO 8601 duration or interval`)
      }
      return runner.run(kql, interval === undefined ? {} : { interval })
    },
    sql: store.sql,
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
    follow: (table = firstTable.name, { signal } = {}) =>
      followRows({ table, store, changed, clears: () => clears, signal }),
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
