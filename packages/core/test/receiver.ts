import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

import { onTestFinished } from 'vitest'

/** A request as it arrived, byte for byte. */
export interface Received {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly wireBytes: number
  readonly json: Buffer
  readonly rows: readonly Record<string, unknown>[]
}

export interface Receiver {
  readonly url: string
  readonly received: readonly Received[]
  /** The most requests that were under way at once. */
  readonly mostAtOnce: number
  /** Resolves when `count` requests have arrived in full. */
  arrived(count: number): Promise<void>
}

/**
 * A server for what the emulator does not show: sizes on the wire, requests under way at once, answers at a moment of the
 * test's choosing. Ends with the test.
 */
export async function startReceiver(
  answer: (response: ServerResponse, received: Received) => void | Promise<void> = (response) => {
    response.writeHead(204).end()
  },
): Promise<Receiver> {
  const received: Received[] = []
  const waiting = new Set<{ readonly count: number; readonly resolve: () => void }>()
  let under = 0
  let mostAtOnce = 0

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    under += 1
    mostAtOnce = Math.max(mostAtOnce, under)
    response.on('close', () => (under -= 1))
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const wire = Buffer.concat(chunks)
    const json = gunzipSync(wire)
    const rows = JSON.parse(json.toString()) as Record<string, unknown>[]
    const entry = { url: request.url ?? '', headers: request.headers, wireBytes: wire.length, json, rows }
    received.push(entry)
    for (const waiter of waiting) {
      if (received.length < waiter.count) continue
      waiting.delete(waiter)
      waiter.resolve()
    }
    await answer(response, entry)
  }

  const server = createServer((request, response) => {
    // A request that its client takes back ends here, and nobody waits for it.
    receive(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    get mostAtOnce() {
      return mostAtOnce
    },
    arrived(count) {
      if (received.length >= count) return Promise.resolve()
      return new Promise((resolve) => waiting.add({ count, resolve }))
    },
  }
}
