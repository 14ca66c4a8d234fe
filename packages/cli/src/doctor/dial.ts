import { once } from 'node:events'
import { request } from 'node:http'
import { request as requestTls } from 'node:https'
import { connect as connectTcp, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { PeerCertificate, TLSSocket } from 'node:tls'

import type { Proxy } from './proxy.ts'

/** A connection that HTTP can be spoken over, and what it is made of. */
interface Connection {
  readonly socket: Socket
  /** Undefined for plain http. */
  readonly tls: { readonly version: string; readonly issuer: string } | undefined
}

/** Why there is no connection, and how far it got. */
export interface DialFailure {
  readonly at: 'proxy' | 'tcp' | 'tls'
  /** The error's code, such as `ECONNREFUSED`; `HTTP 407` where a proxy answered so. */
  readonly code: string
  readonly message: string
  /** Who issued the certificate that was not trusted. */
  readonly issuer?: string
}

export type Dialled =
  | { readonly ok: true; readonly connection: Connection }
  | { readonly ok: false; readonly failure: DialFailure }

/**
 * Connects as the transports do, but one step at a time, so that it can be told which of them fails. Never rejects.
 *
 * @param timeoutMs for each step.
 */
export async function dial(target: URL, proxy: Proxy | undefined, timeoutMs: number): Promise<Dialled> {
  const port = portOf(target)
  let socket: Socket
  try {
    socket =
      proxy === undefined
        ? await tcp(hostOf(target), port, timeoutMs)
        : await tunnel(proxy, `${target.hostname}:${port}`, timeoutMs)
  } catch (error) {
    return { ok: false, failure: failureOf(proxy === undefined ? 'tcp' : 'proxy', error) }
  }
  if (target.protocol === 'http:') return { ok: true, connection: { socket, tls: undefined } }
  try {
    const secure = await handshake(socket, hostOf(target), timeoutMs, true)
    const version = secure.getProtocol() ?? 'unknown'
    return {
      ok: true,
      connection: { socket: secure, tls: { version, issuer: issuerOf(secure.getPeerCertificate()) } },
    }
  } catch (error) {
    socket.destroy()
    const failure = failureOf('tls', error)
    const issuer = await untrustedIssuer(target, proxy, timeoutMs)
    return { ok: false, failure: issuer === undefined ? failure : { ...failure, issuer } }
  }
}

async function tcp(host: string, port: number, timeoutMs: number): Promise<Socket> {
  const socket = connectTcp({ host, port })
  return within(socket, once(socket, 'connect'), timeoutMs)
}

async function tunnel({ url }: Proxy, authority: string, timeoutMs: number): Promise<Socket> {
  const headers: Record<string, string> = { host: authority }
  if (url.username !== '') {
    const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
    headers['proxy-authorization'] = `Basic ${Buffer.from(login).toString('base64')}`
  }
  const asking = (url.protocol === 'https:' ? requestTls : request)({
    host: hostOf(url),
    port: portOf(url),
    method: 'CONNECT',
    path: authority,
    headers,
    signal: AbortSignal.timeout(timeoutMs),
  })
  asking.end()
  // A proxy may refuse with an answer to CONNECT that closes the connection; both are «connect» for Node.
  const [answer, socket] = (await once(asking, 'connect')) as [
    { readonly statusCode?: number; readonly statusMessage?: string },
    Socket,
  ]
  if (answer.statusCode === 200) return socket
  socket.destroy()
  throw Object.assign(new Error(`the proxy answered ${answer.statusCode} ${answer.statusMessage}`), {
    code: `HTTP ${answer.statusCode}`,
  })
}

async function handshake(
  socket: Socket,
  host: string,
  timeoutMs: number,
  rejectUnauthorized: boolean,
): Promise<TLSSocket> {
  const secure = connectTls({
    socket,
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized,
    minVersion: 'TLSv1.2',
  })
  return within(secure, once(secure, 'secureConnect'), timeoutMs)
}

/** Looks at a certificate that was refused. Nothing is sent over that connection. */
async function untrustedIssuer(
  target: URL,
  proxy: Proxy | undefined,
  timeoutMs: number,
): Promise<string | undefined> {
  try {
    const authority = `${target.hostname}:${portOf(target)}`
    const socket =
      proxy === undefined
        ? await tcp(hostOf(target), portOf(target), timeoutMs)
        : await tunnel(proxy, authority, timeoutMs)
    const secure = await handshake(socket, hostOf(target), timeoutMs, false)
    const issuer = issuerOf(secure.getPeerCertificate())
    secure.destroy()
    return issuer
  } catch {
    return undefined
  }
}

async function within<S extends Socket>(socket: S, event: Promise<unknown>, timeoutMs: number): Promise<S> {
  const timer = setTimeout(() => {
    socket.destroy(Object.assign(new Error(`no answer within ${timeoutMs} ms`), { code: 'ETIMEDOUT' }))
  }, timeoutMs)
  try {
    await event
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function failureOf(at: DialFailure['at'], error: unknown): DialFailure {
  const { code = 'unknown', message, name } = error as NodeJS.ErrnoException
  return name === 'AbortError' || name === 'TimeoutError'
    ? { at, code: 'ETIMEDOUT', message: 'no answer in time' }
    : { at, code, message }
}

function issuerOf({ issuer }: PeerCertificate): string {
  return [issuer?.CN, issuer?.O].flat().find((name) => name !== undefined && name !== '') ?? 'unknown'
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}

function portOf(url: URL): number {
  return Number(url.port || (url.protocol === 'https:' ? 443 : 80))
}
