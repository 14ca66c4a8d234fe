import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'

import { systemClock } from '../src/clock.ts'
import { uploadUrl } from '../src/destination.ts'
import { createRowMapper } from '../src/index.ts'
import { createPipeline } from '../src/pipeline.ts'
import { createSender } from '../src/sender.ts'
import { assembleShipper } from '../src/shipper.ts'
import { resolveShipperOptions } from '../src/shipper-options.ts'
import { createTokenSource } from '../src/token.ts'
import { startShipping } from './shipping.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ https: false })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

/** A server of raw sockets; the url it is reached at. Ends with the test. */
async function startSockets(
  handle: (socket: Socket) => void,
): Promise<{ readonly url: string; readonly open: () => number }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    handle(socket)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, open: () => sockets.size }
}

const row = createRowMapper()
const entry = (message: string): object => row({ level: 'info', severity: 9, message })

test.each([-86_400_000, 86_400_000])(
  'F24 a wall clock that jumps by %i ms moves no timer, drops nothing, and leaves the order of the record ids',
  async (jumpMs) => {
    const { shipper } = startShipping(emulator, { flushIntervalMs: 300 })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    onTestFinished(() => void vi.useRealTimers())
    shipper.push(entry('batched before the jump'))
    const begin = performance.now()
    vi.setSystemTime(Date.now() + jumpMs)
    shipper.push(entry('batched after the jump'))
    await emulator.waitForRequests(1)
    expect(performance.now() - begin).toBeGreaterThanOrEqual(250)
    await emulator.waitForRows(2)

    emulator.answerNext({ status: 429, headers: { 'retry-after-ms': '400' } })
    shipper.push(entry('held back'))
    const requests = emulator.requests().length
    void shipper.flush()
    await emulator.waitForRequests(requests + 1)
    const heldAt = performance.now()
    vi.setSystemTime(Date.now() - jumpMs)
    await emulator.waitForRequests(requests + 2)
    expect(performance.now() - heldAt).toBeGreaterThanOrEqual(350)
    await shipper.flush()
    expect(shipper.stats()).toMatchObject({ delivered: 3, dropped: 0 })
    const ids = emulator.rows().map(({ RecordId }) => Number(String(RecordId).split('-')[1]))
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
  },
)

test('F25 a proxy that cuts ten answers after forwarding: nothing is missing, ten batches at most are there twice, RecordId tells', async () => {
  let cuts = 10
  const proxy = await startSockets((client) => {
    const upstream = connect({ host: '127.0.0.1', port: Number(new URL(emulator.url).port) })
    upstream.on('error', () => client.destroy())
    client.on('close', () => upstream.destroy())
    // The emulator takes requests that name it as their host only.
    client.on('data', (chunk) => {
      const named = chunk.toString('latin1').replace(new URL(proxy.url).host, new URL(emulator.url).host)
      upstream.write(named, 'latin1')
    })
    upstream.on('data', (chunk) => {
      // The service has taken the batch, and its client never hears of it.
      if (cuts > 0) {
        cuts -= 1
        client.resetAndDestroy()
      } else client.write(chunk)
    })
  })
  const config = resolveShipperOptions(
    { endpoint: proxy.url, ruleId: emulator.ruleId, streamName: emulator.streamName, maxBatchBytes: 10_000 },
    {},
  )
  const tokens = createTokenSource(emulator.credential, config.scopes, systemClock)
  const shipper = assembleShipper(config, {
    clock: systemClock,
    tokens,
    connect: (events) => [
      createSender({
        ...createPipeline({}),
        ...events,
        tokens,
        clock: systemClock,
        requestTimeoutMs: 30_000,
        url: uploadUrl(config.destinations[0]),
      }),
    ],
    // Waits as short as chance may make them.
    random: () => 0.001,
  })
  const count = 1000
  for (let n = 0; n < count; n += 1) shipper.push(entry(`line ${n}`))
  await shipper.flush()
  await shipper.close()
  expect(cuts).toBe(0)
  expect(shipper.stats()).toMatchObject({ delivered: count, dropped: 0, retries: 10 })
  const rows = emulator.rows()
  const largest = Math.max(...emulator.verdicts().map(({ rowsStored }) => rowsStored))
  expect(rows.length).toBeGreaterThan(count)
  expect(rows.length).toBeLessThanOrEqual(count + 10 * largest)
  expect(new Set(rows.map(({ RecordId }) => RecordId)).size).toBe(count)
})

const HEAD = 'HTTP/1.1 204 No Content\r\nx-slow: '

test.each([
  ['never answers', () => {}],
  [
    'trickles its answer',
    (socket: Socket) => {
      socket.write(HEAD)
      const trickle = setInterval(() => socket.write('x'), 20)
      socket.on('close', () => clearInterval(trickle))
    },
  ],
  [
    'trickles the body of its answer',
    (socket: Socket) => {
      socket.write('HTTP/1.1 429 Too Many Requests\r\ncontent-length: 1000000\r\n\r\n')
      const trickle = setInterval(() => socket.write('x'), 20)
      socket.on('close', () => clearInterval(trickle))
    },
  ],
])(
  'F26 a server that %s: the attempt ends at its timeout, its socket is closed, its slot is free',
  async (_what, misbehave) => {
    let requests = 0
    const proxy = await startSockets((client) => {
      client.once('data', () => {
        requests += 1
        if (requests === 1) misbehave(client)
        else client.end('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n')
      })
    })
    const { shipper } = startShipping(emulator, { endpoint: proxy.url, requestTimeoutMs: 300 })
    shipper.push({ Message: 'a' })
    const begin = performance.now()
    await shipper.flush()
    expect(performance.now() - begin).toBeGreaterThanOrEqual(290)
    expect(requests).toBe(2)
    expect(shipper.stats()).toMatchObject({ delivered: 1, retries: 1, inFlight: 0 })
    while (proxy.open() > 0) await sleep(5)
  },
)

test('F26 one request that hangs lets the others go on, and costs a part of the limit', async () => {
  const { shipper } = startShipping(emulator, { requestTimeoutMs: 500, maxBatchBytes: 1000 })
  const push = (count: number): void => {
    for (let n = 0; n < count; n += 1) shipper.push({ Message: 'x'.repeat(450) })
  }
  while ((shipper.stats().routes[0]?.limit ?? 0) < 5) {
    emulator.answerNext({ delayMs: 20, times: 20 })
    push(40)
    await shipper.flush()
    emulator.clear()
  }
  const limit = shipper.stats().routes[0]?.limit ?? 0
  emulator.answerNext({ delayMs: 60_000 })
  push(2)
  const delivered = shipper.stats().delivered
  const flushed = shipper.flush()
  await emulator.waitForRequests(1)
  push(10)
  void shipper.flush()
  while (shipper.stats().delivered < delivered + 10) await sleep(5)
  expect(shipper.stats().inFlight).toBeGreaterThanOrEqual(1)
  // Only pressure is left to move the limit until the hanging request has timed out.
  const grown = Math.max(limit, shipper.stats().routes[0]?.limit ?? 0)
  await flushed
  expect(shipper.stats()).toMatchObject({ delivered: delivered + 12, dropped: 0 })
  expect(shipper.stats().routes[0]?.limit ?? 0).toBeLessThanOrEqual(grown)
})

test.each([
  ['half a head', 'HTTP/1.1 20'],
  ['half a body', 'HTTP/1.1 503 Busy\r\ncontent-length: 100\r\n\r\n{"error"'],
  ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n'],
])('F26 an answer that is %s counts as none, and the batch is sent again', async (_what, bytes) => {
  let requests = 0
  const server = await startSockets((client) => {
    client.once('data', () => {
      requests += 1
      client.end(requests === 1 ? bytes : 'HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n')
    })
  })
  const { shipper } = startShipping(emulator, { endpoint: server.url })
  shipper.push({ Message: 'a' })
  await shipper.flush()
  expect(shipper.stats()).toMatchObject({ delivered: 1, retries: 1 })
})
