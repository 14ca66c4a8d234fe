import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'

import { refusalAnswer } from './answer.ts'
import type { Answer } from './answer.ts'
import { OverloadedError, readBody } from './body.ts'
import type { ReceivedBody } from './body.ts'
import type { Certificate } from './certificate.ts'
import { OVERLOADED } from './refusals.ts'

export interface ServedRequest {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  /** This listener's own origin, as the client named it. */
  readonly origin: string
  /**
   * Settles with what arrived; keeps no more than the limit in memory.
   *
   * @throws {OverloadedError} may be let through: the server answers it.
   */
  readBody(limitBytes: number): Promise<ReceivedBody>
}

/** An answer whose body is written as it comes about. */
export interface StreamedAnswer {
  readonly status: number
  readonly headers: Answer['headers']
  /** The signal is aborted when the client has gone; then the stream must end. */
  readonly stream: (gone: AbortSignal) => AsyncIterable<string>
}

/** The connection ends in the middle of this answer. */
interface HalfAnswer {
  readonly half: Answer
}

/** An answer, half of one, the connection reset under the client's feet, or nothing for as long as the client waits. */
export type Reply = Answer | HalfAnswer | 'reset' | 'hang'

export type Handler = (request: ServedRequest) => Promise<Reply | StreamedAnswer>

export interface Listener {
  readonly url: string
  /** Closes every connection at once, in whatever state it is. */
  close(): Promise<void>
}

/** Hosts under which a loopback listener may be addressed: a page of another origin that was rebound to us is not one. */
const HOST_NAMES = ['127.0.0.1', 'localhost', '[::1]'] as const
const DEFAULT_PORTS = { http: 80, https: 443 } as const

const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 20_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
  // Longer than any client keeps an idle connection: a connection is never closed while a request is on its way.
  keepAliveTimeout: 120_000,
} as const
const MAX_CONNECTIONS = 1_000
/** The connection is closed after these: a client that sends and never reads cannot queue without end. */
const MAX_REQUESTS_PER_CONNECTION = 10_000
/** Nothing read or written for so long; longer than any client waits for an answer. */
const SILENCE_MS = 10 * 60_000
/** Of all requests together. */
const MAX_BODY_BYTES = 128 * 1024 * 1024

/**
 * Listens on 127.0.0.1, over https when there is a certificate.
 *
 * @throws {Error} `EADDRINUSE` and its like, as Node.js reports them.
 */
export async function listen(options: {
  readonly port: number
  readonly certificate?: Certificate
  readonly handle: Handler
}): Promise<Listener> {
  const { certificate } = options
  const scheme = certificate === undefined ? 'http' : 'https'
  const server =
    certificate === undefined
      ? createHttpServer(LIMITS)
      : createHttpsServer({
          ...LIMITS,
          key: certificate.key,
          cert: certificate.cert,
          handshakeTimeout: LIMITS.headersTimeout,
        })
  server.maxConnections = MAX_CONNECTIONS
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION
  server.timeout = SILENCE_MS
  // Bounded by their size; leaving out the last ones of many would be leaving out the Origin.
  server.maxHeadersCount = 0
  let bodyBytes = 0
  const sockets = trackSockets(server)
  const port = await bind(server, options.port)
  const hosts = new Set<string>(
    HOST_NAMES.flatMap((name) =>
      port === DEFAULT_PORTS[scheme] ? [name, `${name}:${port}`] : [`${name}:${port}`],
    ),
  )

  server.on('request', (request, response) => {
    void reply(request, response)
  })
  // A connection that could not be accepted, for want of file descriptors say, is that client's loss alone.
  server.on('error', () => {})
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy()
    else {
      const status = CLIENT_ERRORS.get(error.code ?? '') ?? '400 Bad Request'
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy())
    }
  })

  async function reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => response.destroy())
    const answer = await answerTo(request)
    if (answer === 'reset') {
      // The socket below TLS, when there is TLS: only that one can send a TCP reset.
      const socket = [...sockets].find((candidate) => candidate.remotePort === request.socket.remotePort)
      socket?.resetAndDestroy()
      return
    }
    if (response.destroyed || answer === 'hang') return
    if ('half' in answer) {
      request.socket.end(firstHalf(answer.half), () => request.socket.destroy())
      return
    }
    // What was not read to its end cannot be followed by another request.
    if (!request.complete) response.setHeader('Connection', 'close')
    response.writeHead(answer.status, { ...answer.headers })
    if ('stream' in answer) await writeStream(response, answer)
    else response.end(answer.body)
  }

  async function answerTo(request: IncomingMessage): Promise<Reply | StreamedAnswer> {
    const { host = '', origin } = request.headers
    if (request.headersDistinct['host']?.length !== 1) return FOREIGN_HOST
    if (!hosts.has(host.toLowerCase())) return FOREIGN_HOST
    if (origin !== undefined && !hosts.has(origin.toLowerCase().replace(`${scheme}://`, '')))
      return FOREIGN_ORIGIN
    const url = readUrl(request.url, `${scheme}://${host}`)
    if (url === undefined) return BAD_TARGET
    let heldBytes = 0
    const take = (bytes: number): boolean => {
      if (bodyBytes + bytes > MAX_BODY_BYTES) return false
      bodyBytes += bytes
      heldBytes += bytes
      return true
    }
    try {
      return await options.handle({
        method: request.method ?? '',
        url,
        headers: request.headers,
        origin: `${scheme}://${host}`,
        readBody: (limitBytes) => readBody(request, limitBytes, { take }),
      })
    } catch (error) {
      if (error instanceof OverloadedError) return refusalAnswer(OVERLOADED)
      return refusalAnswer({ status: 500, code: 'EmulatorError', message: String(error) })
    } finally {
      bodyBytes -= heldBytes
    }
  }

  let closed: Promise<void> | undefined
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    close() {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      })
      return closed
    },
  }
}

/** Past the status line, short of the end, of what would go over the wire. */
function firstHalf({ status, headers, body }: Answer): Buffer {
  const lines = Object.entries({ ...headers, 'Content-Length': Buffer.byteLength(body) })
  const head = [`HTTP/1.1 ${status} `, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n')
  const whole = Buffer.from(`${head}\r\n\r\n${body}`)
  return whole.subarray(0, Math.floor(whole.length / 2))
}

/** No faster than the client reads. */
async function writeStream(response: ServerResponse, answer: StreamedAnswer): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  response.flushHeaders()
  try {
    for await (const chunk of answer.stream(gone.signal)) {
      if (!response.write(chunk)) await once(response, 'drain', { signal: gone.signal })
    }
    response.end()
  } catch {
    response.destroy()
  }
}

/** As Node.js answers them. */
const CLIENT_ERRORS: ReadonlyMap<string, string> = new Map([
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', '413 Payload Too Large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
])

// The emulator's own manners, not the service's.
const FOREIGN_HOST = refusalAnswer({
  status: 403,
  code: 'ForeignHost',
  message: 'The Host header must name this emulator: 127.0.0.1 or localhost, with its port.',
})
const FOREIGN_ORIGIN = refusalAnswer({
  status: 403,
  code: 'ForeignOrigin',
  message: 'The emulator takes no requests from web pages of another origin.',
})
const BAD_TARGET = refusalAnswer({
  status: 404,
  code: 'NotFound',
  message: 'The request target is not a URL.',
})

function readUrl(target: string | undefined, base: string): URL | undefined {
  return target?.startsWith('/') === true && URL.canParse(target, base) ? new URL(target, base) : undefined
}

/** Every TCP connection, those in the middle of a TLS handshake too, which `closeAllConnections` does not know. */
function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
