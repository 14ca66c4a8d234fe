import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

import { expect, onTestFinished, test } from 'vitest'

import { dial } from '../src/doctor/dial.ts'
import { emulatorForTest } from './surroundings.ts'

const TARGET = new URL('https://logs.ingest.monitor.azure.com')

async function portOf(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => void sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

function proxyAt(url: string): { readonly url: URL; readonly variable: string } {
  return { url: new URL(url), variable: 'HTTPS_PROXY' }
}

test('a proxy is given the name and the password that its address has', async () => {
  const server = createHttpServer()
  const asked = once(server, 'connect') as Promise<[{ readonly headers: Record<string, string> }, Socket]>
  const port = await portOf(server)
  const dialled = dial(TARGET, proxyAt(`http://ann:p%40ss@127.0.0.1:${port}`), 30_000)
  const [request, socket] = await asked
  socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
  expect(request.headers['proxy-authorization']).toBe(`Basic ${Buffer.from('ann:p@ss').toString('base64')}`)
  expect(await dialled).toMatchObject({ ok: false, failure: { at: 'proxy', code: 'HTTP 407' } })
})

test('a proxy that is reached by https is spoken to by https', async () => {
  const emulator = await emulatorForTest()
  const dialled = await dial(TARGET, proxyAt(emulator.httpsUrl), 30_000)
  expect(dialled).toMatchObject({
    ok: false,
    failure: { at: 'proxy', code: expect.stringMatching(/CERT|SIGN|ISSUER/) as string },
  })
})

test('a proxy, and a server, that say nothing are given up', async () => {
  const silent = await portOf(createServer())
  expect(await dial(TARGET, proxyAt(`http://127.0.0.1:${silent}`), 50)).toMatchObject({
    ok: false,
    failure: { at: 'proxy', code: 'ETIMEDOUT', message: 'no answer in time' },
  })
  expect(await dial(new URL(`https://127.0.0.1:${silent}`), undefined, 50)).toMatchObject({
    ok: false,
    failure: { at: 'tls', code: 'ETIMEDOUT' },
  })
})
