import { once } from 'node:events'
import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator, EmulatorOptions } from '@azlogs/emulator'
import { onTestFinished } from 'vitest'

/** An emulator that ends with the test. */
export async function emulatorForTest(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator(options)
  onTestFinished(() => emulator.close())
  return emulator
}

/** A directory that goes with the test. */
export async function directoryForTest(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'azlogs-cli-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** A server on a free port of 127.0.0.1 that ends with the test. */
async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return (server.address() as AddressInfo).port
}

/** An HTTP server; its URL. */
export async function httpServer(answer: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listening(createHttpServer(answer))}`
}

/** A port that nothing listens on. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A proxy that answers CONNECT with a status line, and for 200 leads every connection to one port of this machine. */
export async function proxy(statusLine: string, toPort?: number): Promise<string> {
  const server = createServer((socket) => {
    socket.once('data', () => {
      if (toPort === undefined) {
        socket.end(`HTTP/1.1 ${statusLine}\r\ncontent-length: 0\r\n\r\n`)
        return
      }
      const target = connect(toPort, '127.0.0.1', () => {
        socket.write(`HTTP/1.1 ${statusLine}\r\n\r\n`)
        socket.pipe(target).pipe(socket)
      })
      target.on('error', () => socket.destroy())
      socket.on('close', () => target.destroy())
    })
  })
  return `http://127.0.0.1:${await listening(server)}`
}

/** A token that is easy to find in any output: nothing may print it. */
export function tokenWith(claims: Readonly<Record<string, unknown>> = {}): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const payload = {
    aud: 'https://monitor.azure.com',
    tid: '11111111-1111-1111-1111-111111111111',
    oid: '44444444-4444-4444-4444-444444444444',
    appid: '55555555-5555-5555-5555-555555555555',
    idtyp: 'app',
    exp: Math.floor(Date.now() / 1000) + 3600,
    ...claims,
  }
  return `${encode({ alg: 'none', typ: 'JWT' })}.${encode(payload)}.Y2FuYXJ5LXNpZ25hdHVyZQ`
}

/** Variables of a host, such as App Service, whose managed identity gives this token. */
export async function identityEnv(token: string): Promise<Record<string, string>> {
  const url = await httpServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        access_token: token,
        expires_on: String(Math.floor(Date.now() / 1000) + 3600),
        resource: 'https://monitor.azure.com',
        token_type: 'Bearer',
      }),
    )
  })
  return { IDENTITY_ENDPOINT: `${url}/msi/token`, IDENTITY_HEADER: 'canary-identity-header' }
}

/** Variables with an `az` on PATH that answers with what is recorded: part of the address → JSON, or what it says on stderr. */
export async function azEnv(answers: Readonly<Record<string, unknown>>): Promise<Record<string, string>> {
  const directory = await directoryForTest()
  const az = join(directory, 'az')
  await copyFile(new URL('fixtures/az.mjs', import.meta.url), az)
  await chmod(az, 0o755)
  await writeFile(join(directory, 'package.json'), '{"type":"module"}')
  await writeFile(join(directory, 'answers.json'), JSON.stringify(answers))
  return {
    PATH: [directory, dirname(process.execPath), '/usr/bin', '/bin'].join(':'),
    AZ_ANSWERS: join(directory, 'answers.json'),
  }
}
