import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { readFile } from 'node:fs/promises'

import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { Emulator } from '../src/index.ts'
import { upload, uploadGzipped, uploadPath } from './upload.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator()
})
beforeEach(() => emulator.clear())
afterAll(() => emulator.close())

const portOf = (url: string): number => Number(new URL(url).port)

/** Says exactly these bytes and returns everything that comes back before the connection ends. */
async function say(url: string, text: string): Promise<string> {
  const socket = connect(portOf(url), '127.0.0.1')
  let heard = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (heard += chunk))
  socket.on('error', () => {})
  socket.end(text, 'latin1')
  await once(socket, 'close')
  return heard
}

async function statusFor(headers: Record<string, string>): Promise<number | undefined> {
  const request = httpRequest(`${emulator.url}/msi/token`, { headers })
  const answered = once(request, 'response') as Promise<[IncomingMessage]>
  request.end()
  const [response] = await answered
  response.resume()
  return response.statusCode
}

test.each(['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'])(
  'the host %s with the own port is served',
  async (name) => {
    expect(await statusFor({ host: `${name}:${portOf(emulator.url)}` })).toBe(401)
  },
)

test.each(['localhost', '127.0.0.1:1', 'evil.example', 'evil.example:PORT', '127.0.0.1.evil.example:PORT'])(
  'the host "%s" is refused: a page that was rebound to loopback is no client',
  async (host) => {
    expect(await statusFor({ host: host.replace('PORT', String(portOf(emulator.url))) })).toBe(403)
  },
)

test('a request from a page of another origin is refused, from the own origin it is served', async () => {
  for (const origin of ['https://evil.example', 'null', emulator.httpsUrl, `${emulator.url}.evil.example`]) {
    expect(await statusFor({ origin })).toBe(403)
  }
  expect(await statusFor({ origin: emulator.url })).toBe(401)
})

test('https is served with a certificate that the CA file vouches for, by name and by address', async () => {
  const ca = await readFile(emulator.caFile)
  for (const host of ['localhost', '127.0.0.1']) {
    const request = httpsRequest(`https://${host}:${portOf(emulator.httpsUrl)}/msi/token`, { ca, family: 4 })
    const answered = once(request, 'response') as Promise<[IncomingMessage]>
    request.end()
    const [response] = await answered
    response.resume()
    expect(response.statusCode).toBe(401)
  }
})

test('an unknown path is a 404', async () => {
  for (const path of ['/favicon.ico', '//', '/%', '/dataCollectionRules/a/streams']) {
    const response = await fetch(emulator.url + path)
    expect(response.status).toBe(404)
    await response.body?.cancel()
  }
})

test.each([
  ['garbage', 'this is no HTTP at all\r\n\r\n', ' 400 '],
  ['binary', '\x16\x03\x01\x00\x00\xff\xff\r\n\r\n', ' 400 '],
  ['a request line only', 'POST / HTTP/1.1\r\n', ' 400 '],
  [
    'two content lengths',
    'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    ' 400 ',
  ],
  ['a header of 20 KB', `GET / HTTP/1.1\r\nHost: HOST\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, ' 431 '],
  ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n', ' 404 '],
  [
    'an absolute target',
    'GET http://evil.example/ HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n',
    ' 404 ',
  ],
  ['two hosts', 'GET / HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\nConnection: close\r\n\r\n', ' 403 '],
  [
    'an origin behind ten thousand headers',
    `GET / HTTP/1.1\r\nHost: HOST\r\n${'a:\r\n'.repeat(10_000)}Origin: http://evil.example\r\nConnection: close\r\n\r\n`,
    ' 403 ',
  ],
  [
    'a length and chunks',
    'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ' 400 ',
  ],
  [
    'a chunk of no size',
    'POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    ' 400 ',
  ],
  ['no host', 'GET / HTTP/1.0\r\n\r\n', ' 403 '],
])('%s is answered and does no harm', async (_name, text, answer) => {
  const heard = await say(emulator.url, text.replaceAll('HOST', new URL(emulator.url).host))
  expect(heard.split('\r\n')[0]).toContain(answer)
  expect((await upload(emulator, [{ Message: 'still here' }])).status).toBe(204)
})

test('what is no TLS does no harm to the https port', async () => {
  await say(emulator.httpsUrl, 'GET / HTTP/1.1\r\n\r\n')
  const half = connect(portOf(emulator.httpsUrl), '127.0.0.1')
  await once(half, 'connect')
  half.write('\x16\x03\x01\x02\x00')
  half.destroy()
  expect((await upload(emulator, [{ Message: 'still here' }])).status).toBe(204)
})

async function startUpload(head: string): Promise<Socket> {
  const { token } = await emulator.credential.getToken('https://monitor.azure.com/.default')
  const socket = connect(portOf(emulator.url), '127.0.0.1')
  socket.on('error', () => {})
  socket.write(
    `POST ${uploadPath(emulator)} HTTP/1.1\r\nHost: ${new URL(emulator.url).host}\r\n` +
      `Authorization: Bearer ${token}\r\nContent-Type: application/json\r\n${head}`,
  )
  return socket
}

test('an upload that breaks off stores nothing and gets no verdict', async () => {
  const socket = await startUpload('Content-Length: 100\r\n\r\n[{"Message":"half')
  await emulator.waitForRequests(1)
  socket.destroy()
  await expect.poll(() => emulator.requests()[0]?.outcome).toBe('aborted')
  expect(emulator.rows()).toEqual([])
  expect(emulator.verdicts()).toEqual([])
})

test('a chunked upload is counted as it arrives', async () => {
  const part = 'x'.repeat(64 * 1024)
  const chunk = `${part.length.toString(16)}\r\n${part}\r\n`
  const socket = await startUpload(`Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(17)}0\r\n\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toContain('413')
  expect(answer.toString()).toContain(`Provided content length: ${17 * 64 * 1024} bytes.`)
  socket.destroy()
})

test('a body that claims to be endless is refused before it arrives', async () => {
  const socket = await startUpload('Content-Length: 9007199254740991\r\n\r\n[')
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toContain('HTTP/1.1 413')
  expect(answer.toString()).toContain('Connection: close')
  await once(socket, 'close')
})

test('a body in pieces of a byte is put together', async () => {
  const text = JSON.stringify([{ Message: 'x'.repeat(40_000) }])
  const pieces = text
    .split('')
    .map((character) => `1\r\n${character}\r\n`)
    .join('')
  const socket = await startUpload(`Transfer-Encoding: chunked\r\n\r\n${pieces}0\r\n\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toContain('HTTP/1.1 204')
  expect(emulator.rows()).toEqual([expect.objectContaining({ Message: 'x'.repeat(40_000) })])
  socket.destroy()
})

test('when more bodies are on their way than it can hold, the last ones are told to come again', async () => {
  const held: Socket[] = []
  onTestFinished(() => {
    for (const socket of held) socket.destroy()
  })
  const almost = 'x'.repeat(1024 * 1024 - 1)
  const refusals: string[] = []
  // Each of them waits for its last byte.
  while (refusals.length === 0 && held.length < 400) {
    const socket = await startUpload(`Content-Length: ${1024 * 1024}\r\n\r\n${almost}`)
    held.push(socket)
    socket.once('data', (answer: Buffer) => refusals.push(answer.toString()))
    await emulator.waitForRequests(held.length)
  }
  await expect.poll(() => refusals.length, { timeout: 20_000 }).toBeGreaterThan(0)
  expect(refusals[0]).toMatch(/^HTTP\/1\.1 503 .*Retry-After: 1.*EmulatorOverloaded/is)
  expect(held.length).toBeGreaterThan(100)
  expect(emulator.requests().filter(({ outcome }) => outcome === 'pending').length).toBeLessThan(held.length)
  expect(emulator.requests().find(({ outcome }) => outcome !== 'pending')).toMatchObject({
    outcome: 'answered',
    status: 503,
  })
  const [verdict] = emulator.verdicts()
  expect(verdict).toMatchObject({ outcome: 'answered', status: 503, errorCode: 'EmulatorOverloaded' })
  expect(verdict?.nothingStored).toMatchObject({ silent: false })
  expect(verdict?.wireBytes).toBeGreaterThan(0)
  for (const socket of held) socket.destroy()
  await expect
    .poll(async () => (await upload(emulator, [{ Message: 'after' }])).status, { timeout: 20_000 })
    .toBe(204)
})

test('a megabyte that becomes millions of objects is refused before it does', async () => {
  const response = await uploadGzipped(emulator, `[${'{},'.repeat(4_000_000)}{}]`)
  expect(response.status).toBe(413)
  expect(await response.json()).toMatchObject({ error: { code: 'EmulatorLimit' } })
})

test('a map that was logged as columns leaves no more than two hundred names in the verdict', async () => {
  const columns = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`user-${index}`, 1]))
  await upload(emulator, [columns, columns])
  const { droppedColumns = {} } = emulator.verdicts()[0] ?? {}
  expect(Object.keys(droppedColumns)).toHaveLength(201)
  expect(droppedColumns['user-0']).toBe(2)
  expect(droppedColumns['…']).toBe(2 * 4_800)
})
