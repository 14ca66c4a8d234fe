import { jsonAnswer } from './answer.ts'
import type { Answer } from './answer.ts'
import type { Faults } from './faults.ts'
import type { Route } from './route.ts'
import type { Reply, ServedRequest, StreamedAnswer } from './server.ts'
import type { Table } from './schema.ts'
import type { Store } from './store.ts'
import { loadAssets } from './viewer-assets.ts'
import type { Asset } from './viewer-assets.ts'
import { exactly, rowJson } from './viewer-json.ts'
import { VIEWER_HEADER } from './viewer-protocol.ts'
import type { About, ViewerRefusal } from './viewer-protocol.ts'
import { runViewerQuery } from './viewer-query.ts'
import { createTail, faultsState } from './viewer-tail.ts'
import type { Tail, TailOptions } from './viewer-tail.ts'

type ViewerRoute = Extract<Route, { readonly kind: 'viewerFile' | 'viewerCall' }>

export interface ViewerEndpointOptions extends TailOptions {
  /** The address is known once the listener is there. */
  readonly about: () => Omit<About, 'tables'>
  readonly tables: readonly Table[]
  readonly faults: Faults
  readonly store: Pick<Store, 'rowsAfter' | 'newestId' | 'count' | 'evicted'>
  readonly clear: () => void
  /** Directory of the built page. @default the package's own */
  readonly directory?: string | undefined
}

export interface ViewerEndpoint extends Pick<Tail, 'changed' | 'judged' | 'cleared'> {
  readonly handle: (request: ServedRequest, route: ViewerRoute) => Promise<Reply | StreamedAnswer>
}

/** What the page keeps in memory, and therefore the most that is worth sending. */
const MAX_BACKLOG_ROWS = 50_000
const MAX_BODY_BYTES = 256 * 1024
const ROWS_PER_EXPORT_READ = 1_000

/** The page shows hostile text by trade: nothing but its own files runs, and no other page can embed or read it. */
const PAGE_HEADERS = {
  'Content-Security-Policy':
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const

/** Serves the page and what it asks for. */
export function createViewerEndpoint(options: ViewerEndpointOptions): ViewerEndpoint {
  const { store, faults } = options
  const tail = createTail(options)
  let assets: ReadonlyMap<string, Asset> | undefined

  function file(method: string, name: string): Answer {
    if (method !== 'GET' && method !== 'HEAD') return refusal(405, 'MethodNotAllowed', 'Use GET.')
    assets ??= loadAssets(options.directory)
    if (assets === undefined) return NOT_BUILT
    const asset = assets.get(name)
    if (asset === undefined) return refusal(404, 'NotFound', 'The page has no such file.')
    return {
      status: 200,
      headers: {
        ...PAGE_HEADERS,
        'Content-Type': asset.type,
        'Cache-Control': asset.immutable ? 'max-age=31536000, immutable' : 'no-cache',
      },
      body: method === 'HEAD' ? '' : asset.text,
    }
  }

  function tableOf(url: URL): string | Answer {
    const { tables } = options
    const name = url.searchParams.get('table') ?? tables[0]?.name
    const known = tables.map((table) => table.name)
    return name !== undefined && known.includes(name)
      ? name
      : refusal(
          404,
          'NoSuchTable',
          `There is no table ${JSON.stringify(name)}; there is: ${known.join(', ')}.`,
        )
  }

  function startTail({ url, headers }: ServedRequest): Answer | StreamedAnswer {
    const table = tableOf(url)
    if (typeof table !== 'string') return table
    const asked = url.searchParams.get('rows') ?? String(MAX_BACKLOG_ROWS)
    if (!/^\d{1,9}$/.test(asked)) {
      return refusal(400, 'BadParameter', `"rows" must be a number, not ${JSON.stringify(asked)}.`)
    }
    const rows = Math.min(Number(asked), MAX_BACKLOG_ROWS)
    const lastEventId = typeof headers['last-event-id'] === 'string' ? headers['last-event-id'] : undefined
    return {
      status: 200,
      headers: { ...PAGE_HEADERS, 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' },
      stream: (gone) => tail.stream({ table, rows, lastEventId }, gone),
    }
  }

  function startExport({ url }: ServedRequest): Answer | StreamedAnswer {
    const table = tableOf(url)
    if (typeof table !== 'string') return table
    async function* lines(): AsyncGenerator<string> {
      let id = 0
      for (;;) {
        const found = store.rowsAfter(table as string, id, ROWS_PER_EXPORT_READ)
        const last = found.at(-1)
        if (last === undefined) return
        id = last.id
        yield found.map(({ row }) => `${rowJson(row)}\n`).join('')
      }
    }
    return {
      status: 200,
      headers: {
        ...PAGE_HEADERS,
        'Content-Type': 'application/x-ndjson',
        'Content-Disposition': `attachment; filename="${table}.ndjson"`,
        'Cache-Control': 'no-store',
      },
      stream: lines,
    }
  }

  async function runQuery(body: unknown): Promise<Answer> {
    const query = memberOf(body, 'query')
    if (typeof query !== 'string') return refusal(400, 'BadRequest', 'Send { "query": "…" }.')
    try {
      const result = await runViewerQuery(query, options)
      return { ...json(200, {}), body: JSON.stringify(result, exactly) }
    } catch (error) {
      return refusal(400, 'BadQuery', messageOf(error))
    }
  }

  function setFaults(body: unknown): Answer {
    const wanted = memberOf(body, 'faults')
    if (!Array.isArray(wanted) || !wanted.every((entry) => typeof entry === 'string')) {
      return refusal(400, 'BadRequest', 'Send { "faults": ["429:10%", …] }.')
    }
    try {
      faults.change(wanted)
    } catch (error) {
      return refusal(400, 'BadFault', messageOf(error))
    }
    tail.changed()
    return json(200, faultsState(faults))
  }

  async function call(request: ServedRequest, name: string): Promise<Reply | StreamedAnswer> {
    const allowed = METHODS.get(name)
    if (allowed === undefined) return refusal(404, 'NotFound', 'The viewer has no such call.')
    if (!allowed.includes(request.method)) {
      return refusal(405, 'MethodNotAllowed', `Use ${allowed.join(' or ')}.`)
    }
    if (request.method === 'GET') {
      if (name === 'about') return json(200, { ...options.about(), tables: options.tables } satisfies About)
      if (name === 'faults') return json(200, faultsState(faults))
      return name === 'tail' ? startTail(request) : startExport(request)
    }
    if (request.headers[VIEWER_HEADER] !== '1' || request.headers.origin !== request.origin) {
      return refusal(403, 'NotTheViewer', `Only the viewer's own page may do this (header ${VIEWER_HEADER}).`)
    }
    if (name === 'clear') {
      options.clear()
      return json(200, {})
    }
    const received = await request.readBody(MAX_BODY_BYTES)
    if (received.kind === 'aborted') return 'reset'
    if (received.kind === 'tooLarge') {
      return refusal(413, 'TooLarge', `The body is over ${MAX_BODY_BYTES} bytes.`)
    }
    const body = parse(received.bytes.toString())
    if (body === undefined) return refusal(400, 'BadRequest', 'The body is not JSON.')
    return name === 'query' ? await runQuery(body) : setFaults(body)
  }

  return {
    changed: tail.changed,
    judged: tail.judged,
    cleared: tail.cleared,
    handle: async (request, route) =>
      route.kind === 'viewerFile' ? file(request.method, route.file) : await call(request, route.call),
  }
}

const METHODS: ReadonlyMap<string, readonly string[]> = new Map([
  ['about', ['GET']],
  ['tail', ['GET']],
  ['export', ['GET']],
  ['faults', ['GET', 'PUT']],
  ['query', ['POST']],
  ['clear', ['POST']],
])

function json(status: number, value: unknown): Answer {
  return jsonAnswer(status, value, { ...PAGE_HEADERS, 'Cache-Control': 'no-store' })
}

function refusal(status: number, code: string, message: string): Answer {
  return json(status, { error: { code, message } } satisfies ViewerRefusal)
}

const NOT_BUILT: Answer = {
  status: 503,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  body: 'The viewer has not been built in this checkout. Run: npx -y pnpm@10.34.9 --filter @azlogs/emulator build\n',
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
