import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

import { startEmulator } from '@azlogs/emulator'
import type { Emulator, ScriptedAnswer } from '@azlogs/emulator'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'

import { systemClock } from '../src/clock.ts'
import { uploadUrl } from '../src/destination.ts'
import { createPipeline } from '../src/pipeline.ts'
import { createSender } from '../src/sender.ts'
import type { Send, SenderOptions } from '../src/sender.ts'
import { assembleShipper } from '../src/shipper.ts'
import { resolveShipperOptions } from '../src/shipper-options.ts'
import { answered, batchOf, passing, seeded, startDelivery } from './delivery-bench.ts'
import { startReceiver } from './receiver.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())
beforeEach(() => emulator.clear())

test('F13 429 for ten minutes with Retry-After: 30 costs one request a window, and the old rate is back within a minute', async () => {
  const BEGIN = 60_000
  const END = BEGIN + 600_000
  const bench = startDelivery(async ({ at }, clock) => {
    await passing(clock, 800)
    return at >= BEGIN && at < END ? answered(429, { 'retry-after': '30' }) : answered(204)
  })
  const { clock, delivery, sent, settled } = bench
  let enqueued = 0
  const log = async (ms: number, everyMs: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += everyMs) {
      delivery.enqueue(batchOf([{ n: enqueued++ }], clock.now()))
      await clock.advance(everyMs)
    }
  }
  const deliveredBetween = (from: number, to: number): number =>
    settled.filter(({ at }) => at > from && at <= to).length
  await log(BEGIN, 200)
  const before = deliveredBetween(BEGIN - 20_000, BEGIN)
  const inFlight = delivery.inFlight
  expect(inFlight).toBeGreaterThan(2)
  await log(600_000, 2000)
  const during = sent.filter(({ at }) => at >= BEGIN && at < END)
  expect(during.length).toBeLessThanOrEqual(inFlight + 20 + 1)
  expect(during.length).toBeGreaterThan(15)
  expect(delivery.routes[0]?.limit).toBe(1)
  // No request leaves before the gate that the answer before it had set.
  const probes = during.filter(({ at }) => at > BEGIN + 800).map(({ at }) => at)
  for (const [index, at] of probes.entries()) {
    expect(at - (probes[index - 1] ?? BEGIN)).toBeGreaterThanOrEqual(30_000 - 50)
  }
  await log(60_000, 200)
  expect(deliveredBetween(END + 40_000, END + 60_000)).toBeGreaterThanOrEqual(before * 0.8)
  await clock.advance(120_000)
  expect(settled).toHaveLength(enqueued)
  expect(settled.every(({ settlement }) => settlement.kind === 'delivered')).toBe(true)
  const numbers = sent
    .filter(({ at }) => at < BEGIN || at >= END)
    .flatMap(({ rows }) => rows.map(({ n }) => n))
  expect(new Set(numbers).size).toBe(enqueued)
})

const HOUR_MS = 3_600_000
const httpDate = (time: number): string => new Date(time).toUTCString()

test.each([-HOUR_MS, 0, HOUR_MS])(
  'F14 every form of Retry-After means the same with a client clock that is %i ms off',
  async (skewMs) => {
    const serverNow = Date.now()
    const cases: readonly (readonly [Record<string, string>, number | undefined])[] = [
      [{ 'retry-after': '5' }, 5000],
      [{ 'retry-after': httpDate(serverNow + 10_000), date: httpDate(serverNow) }, 10_000],
      [{ 'retry-after-ms': '250' }, 250],
      [{ 'x-ms-retry-after-ms': '250' }, 250],
      [{ 'retry-after': '-1' }, undefined],
      [{ 'retry-after': 'abc' }, undefined],
      [{ 'retry-after': '999999999' }, 900_000],
      [{}, undefined],
    ]
    let turn = 0
    const receiver = await startReceiver((response) => {
      response.writeHead(429, cases[turn]?.[0] ?? {}).end()
    })
    vi.useFakeTimers({ toFake: ['Date'], now: serverNow + skewMs })
    onTestFinished(() => void vi.useRealTimers())
    const send = createSender({ ...transmission(), url: receiver.url })
    for (const [headers, expected] of cases) {
      const outcome = await send(BODY)
      turn += 1
      expect(outcome, JSON.stringify(headers)).toMatchObject({ kind: 'retry' })
      if (outcome.kind !== 'retry') continue
      if (expected === undefined) expect(outcome.afterMs).toBeUndefined()
      else
        expect(Math.abs((outcome.afterMs ?? Number.NaN) - expected)).toBeLessThanOrEqual(
          headers['date'] ? 1000 : 0,
        )
    }
  },
)

// An empty array, gzipped.
const BODY = Buffer.from('H4sIAAAAAAAAA4uOBQApu0wNAgAAAA==', 'base64')

function transmission(options: Partial<SenderOptions> = {}): Omit<SenderOptions, 'url'> {
  return {
    ...createPipeline({}),
    tokens: {
      get: async () => ({
        ok: true,
        token: (await emulator.credential.getToken('https://monitor.azure.com/.default')).token,
      }),
      invalidate: () => {},
      ageMs: 0,
    },
    requestTimeoutMs: 30_000,
    clock: systemClock,
    onRequest: () => {},
    ...options,
  }
}

interface Ailing {
  readonly name: string
  /** Answers of the emulator … */
  readonly script?: ScriptedAnswer
  /** … or another address than its, to which the first five requests go. */
  readonly url?: () => Promise<string>
}

const AILING: readonly Ailing[] = [
  ...[408, 429, 500, 502, 503, 504].map((status) => ({ name: String(status), script: { status } })),
  { name: 'a reset connection', script: { reset: 'before' as const } },
  { name: 'ENOTFOUND', url: async () => 'https://no-such-host.invalid/' },
  { name: 'ECONNREFUSED', url: async () => 'http://127.0.0.1:1/' },
  { name: 'a certificate that nobody vouches for', url: async () => emulator.httpsUrl },
  { name: 'a connection that is never established', url: silentServer },
]

/** Takes connections and says nothing: no TLS handshake ever ends. */
async function silentServer(): Promise<string> {
  const server = createServer((socket) => socket.on('error', () => {}))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => void server.close())
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

test.each(AILING)('F15 $name five times, then well: six requests, one delivery', async ({ script, url }) => {
  const config = resolveShipperOptions(
    {
      endpoint: emulator.url,
      ruleId: emulator.ruleId,
      streamName: emulator.streamName,
      requestTimeoutMs: url === silentServer ? 100 : 30_000,
    },
    {},
  )
  const ailingUrl = await url?.()
  if (script !== undefined) emulator.answerNext({ ...script, times: 5 })
  const connect = (events: Pick<SenderOptions, 'onRequest'>): readonly Send[] => {
    const options = { ...transmission(events), requestTimeoutMs: config.requestTimeoutMs }
    const well = createSender({ ...options, url: uploadUrl(config.destinations[0]) })
    const ailing = ailingUrl === undefined ? well : createSender({ ...options, url: ailingUrl })
    let requests = 0
    return [(body, signal) => ((requests += 1) <= 5 ? ailing(body, signal) : well(body, signal))]
  }
  // Waits as short as chance may make them.
  const shipper = assembleShipper(config, {
    clock: systemClock,
    tokens: transmission().tokens,
    connect,
    random: () => 0.001,
  })
  shipper.push({ Message: 'one' })
  await shipper.flush()
  expect(shipper.stats()).toMatchObject({ delivered: 1, requests: 6, retries: 5, dropped: 0 })
  expect(emulator.rows()).toHaveLength(1)
  await shipper.close()
})

/** The waits between 1,000 attempts of one batch, each as a part of the longest that it could have been. */
async function waitsOf(seed: number): Promise<readonly number[]> {
  const { clock, delivery, sent } = startDelivery(() => answered(503), { random: seeded(seed) })
  delivery.enqueue(batchOf([{ n: 1 }]))
  while (sent.length <= 1000) await clock.advance(1_000_000)
  return sent
    .slice(0, 1001)
    .map(({ at }) => at)
    .flatMap((at, index, all) => {
      const earlier = all[index - 1]
      return earlier === undefined ? [] : [(at - earlier) / Math.min(30_000, 1000 * 2 ** (index - 1))]
    })
}

test('F15 waits are uniform between nothing and a ceiling that doubles, and those of two clients have nothing in common', async () => {
  const [one, other] = await Promise.all([waitsOf(1), waitsOf(2)])
  for (const waits of [one, other]) {
    const sorted = [...waits].toSorted((a, b) => a - b)
    // Kolmogorov–Smirnov: with 1,000 samples, a uniform distribution is further off in one case of a hundred.
    const distance = Math.max(
      ...sorted.map((wait, index) => Math.max((index + 1) / 1000 - wait, wait - index / 1000)),
    )
    expect(distance).toBeLessThan(1.628 / Math.sqrt(1000))
  }
  expect(Math.abs(correlation(one, other))).toBeLessThan(0.1)
})

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanA, meanB] = [mean(a), mean(b)]
  const covariance = mean(a.map((value, index) => (value - meanA) * ((b[index] ?? 0) - meanB)))
  const variance = (values: readonly number[], of: number): number =>
    mean(values.map((value) => (value - of) ** 2))
  return covariance / Math.sqrt(variance(a, meanA) * variance(b, meanB))
}
